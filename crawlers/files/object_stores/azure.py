"""A container of Azure Blob Storage, through adlfs: its credentials and its client."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import aiohttp
from adlfs import AzureBlobFileSystem  # type: ignore[import-untyped]  # it has no types
from azure.core import MatchConditions
from azure.core import exceptions as azure
from fsspec.asyn import sync

from crawlers.files.object_stores.access import Entry, Fault, NoListing, Span, Trouble

_PAGE_OBJECTS = 5000
_BY_STATUS = {
    401: Trouble.REFUSED,
    403: Trouble.FORBIDDEN,
    404: Trouble.MISSING,
    408: Trouble.UNANSWERED,
    412: Trouble.CHANGED,
    416: Trouble.EMPTY,
    429: Trouble.UNANSWERED,
}
_CREDENTIALS = {"AuthenticationFailed", "ContainerNotFound", "InvalidAuthenticationInfo", "AccountIsDisabled"}
_SENTENCES = {
    "ContainerNotFound": "there is no such container",
    "BlobNotFound": "it is gone",
    "ConditionNotMet": "it was replaced while it was read",
    "BlobArchived": "it is archived and must be restored first",
    "AuthenticationFailed": "the credentials are wrong or have expired",
}


@dataclass(frozen=True, slots=True)
class AzurePlace:
    """Where a container is, and who reads it. The secrets never leave this value but to the client."""

    account: str
    container: str
    endpoint_url: str | None
    access_key: str | None = field(repr=False)
    sas_token: str | None = field(repr=False)
    tenant_id: str | None
    client_id: str | None
    client_secret: str | None = field(repr=False)
    anonymous: bool
    connect_timeout_seconds: float
    read_timeout_seconds: float

    def open(self) -> Any:
        """Make the client; nothing is asked yet.

        Raises:
            ValueError: the credentials cannot be read.
        """
        return AzureBlobFileSystem(
            account_name=self.account,
            account_key=self.access_key,
            connection_string=self._connection_string(),
            sas_token=self.sas_token,
            tenant_id=self.tenant_id,
            client_id=self.client_id,
            client_secret=self.client_secret,
            anon=self.anonymous,
            use_listings_cache=False,
            skip_instance_cache=True,  # a cache of the process would keep the secrets
        )

    def _connection_string(self) -> str | None:
        """Name another endpoint in the only form in which the client takes one with its scheme and path."""
        if not self.endpoint_url:
            return None
        parts = [f"BlobEndpoint={self.endpoint_url}", f"AccountName={self.account}"]
        if self.access_key:
            parts.append(f"AccountKey={self.access_key}")
        if self.sas_token:
            parts.append(f"SharedAccessSignature={self.sas_token.removeprefix('?')}")
        return ";".join(parts)


class Unaddressable(ValueError):
    """The name of a blob that the client would resolve as a path, so that another blob would be read."""


class AzureStore:
    """One container; a content is named by its ETag."""

    faults: ClassVar[tuple[type[Exception], ...]] = (
        OSError,
        azure.AzureError,
        azure.DeserializationError,
        aiohttp.ClientError,
        Unaddressable,
    )

    def __init__(self, place: AzurePlace) -> None:
        self._files = place.open()
        self._container = self._files.service_client.get_container_client(place.container)
        self._options = {
            "connection_timeout": place.connect_timeout_seconds,
            "read_timeout": place.read_timeout_seconds,
            "retry_total": 0,  # it is for `attempt` to ask again
            "permit_redirects": False,
        }

    def page(self, prefix: str, after: str | None) -> tuple[Sequence[Entry], str | None]:
        """List up to five thousand blobs."""
        answer: tuple[Sequence[Entry], str | None] = sync(self._files.loop, self._page, prefix, after)
        return answer

    def span(self, key: str, start: int, stop: int, version: str | None) -> Span:
        """Read a range, of the version with this ETag if one is given."""
        if {".", ".."}.intersection(key.split("/")):
            raise Unaddressable("its name has a segment '.' or '..', which the client would resolve as a path")
        span: Span = sync(self._files.loop, self._span, key, start, stop, version)
        return span

    def fault_of(self, error: Exception) -> Fault:
        """Read the protocol's error codes and statuses."""
        if isinstance(error, Unaddressable):
            return Fault(Trouble.FORBIDDEN, str(error))
        if isinstance(error, azure.HttpResponseError) and error.status_code:
            said = getattr(error, "error_code", None)  # of a known enumeration, or a text, or not there
            code = str(getattr(said, "value", said) or "")
            reason = _SENTENCES.get(code) or f"status {error.status_code} {code}".strip()
            unsaid = Trouble.UNANSWERED if error.status_code >= 500 else Trouble.REFUSED
            refused = code in _CREDENTIALS
            return Fault(Trouble.REFUSED if refused else _BY_STATUS.get(error.status_code, unsaid), reason)
        if isinstance(error, azure.ClientAuthenticationError):
            return Fault(Trouble.REFUSED, f"the credentials are not accepted ({type(error).__name__})")
        if isinstance(error, azure.IncompleteReadError | aiohttp.ClientPayloadError):
            return Fault(Trouble.BROKEN_OFF, "the connection broke off")
        return Fault(Trouble.UNANSWERED, " ".join(str(error).split()) or type(error).__name__)

    async def _page(self, prefix: str, after: str | None) -> tuple[Sequence[Entry], str | None]:
        listed = self._container.list_blobs(
            name_starts_with=prefix, include=["metadata"], results_per_page=_PAGE_OBJECTS, **self._options
        )
        page = listed.by_page(continuation_token=after)
        try:
            entries = [_entry(blob) async for blob in await anext(page) if not _is_folder(blob)]
        except azure.DecodeError as error:
            raise NoListing("the answer is no XML") from error
        except (azure.DeserializationError, AttributeError) as error:  # the client looks for blobs in any XML
            raise NoListing("the answer is no list of blobs") from error
        if page.container != self._container.container_name:
            raise NoListing("the answer does not name the container")
        return entries, page.continuation_token or None

    async def _span(self, key: str, start: int, stop: int, version: str | None) -> Span:
        same = {"etag": version, "match_condition": MatchConditions.IfNotModified} if version else {}
        answer = await self._container.get_blob_client(key).download_blob(
            offset=start, length=stop - start, max_concurrency=1, decompress=False, **same, **self._options
        )
        content = await answer.readall()
        if not content and not start:
            return Span(b"", answer.properties.etag or "", 0)
        return Span(content, answer.properties.etag or "", int(answer.properties.content_range.rpartition("/")[2]))


def _entry(blob: Any) -> Entry:
    tag = (blob.etag or "").strip('"')
    return Entry(blob.name, blob.size, f"{tag}-{blob.size}-{blob.last_modified.isoformat()}")


def _is_folder(blob: Any) -> bool:
    """Accounts with a hierarchical namespace list their folders as blobs."""
    return str((blob.metadata or {}).get("hdi_isfolder", "")).lower() == "true"
