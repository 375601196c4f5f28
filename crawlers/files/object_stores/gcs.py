"""A bucket of Google Cloud Storage, through gcsfs: its credentials, its session, and plain requests of the API."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote

import aiohttp
import gcsfs.core  # type: ignore[import-untyped]  # it has no types
import google.auth.exceptions
from fsspec.asyn import sync
from yarl import URL

from crawlers.files.object_stores.access import Entry, Fault, NoListing, Span, Trouble, read_most

_PAGE_OBJECTS = 1000
_LISTED = "kind,nextPageToken,items(name,size,generation)"
_BY_STATUS = {
    401: Trouble.REFUSED,
    403: Trouble.FORBIDDEN,
    404: Trouble.MISSING,
    408: Trouble.UNANSWERED,
    412: Trouble.CHANGED,
    416: Trouble.EMPTY,
    429: Trouble.UNANSWERED,
}
_SENTENCES = {404: "there is no such bucket or object", 412: "it was replaced while it was read"}
_LONGEST_ERROR = 4096


@dataclass(frozen=True, slots=True)
class GcsPlace:
    """Where a bucket is, and who reads it. The credentials never leave this value but to the client."""

    bucket: str
    endpoint_url: str | None
    credentials: str | None = field(repr=False)
    """The JSON text of a service account's key."""
    anonymous: bool
    connect_timeout_seconds: float
    read_timeout_seconds: float

    def open(self) -> Any:
        """Make the client.

        Raises:
            google.auth.exceptions.GoogleAuthError, ValueError: the credentials cannot be read.
        """
        token: Any = "anon" if self.anonymous else "google_default"
        if self.credentials:
            token = json.loads(self.credentials)
        return gcsfs.core.GCSFileSystem(
            project="",
            access="read_only",
            token=token,
            endpoint_url=self.endpoint_url,
            # Objects are read as they are stored, also those that are stored compressed.
            session_kwargs={"auto_decompress": False},
            skip_instance_cache=True,  # a cache of the process would keep the secrets
        )


class GcsStatus(Exception):
    """The store answered with an error."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class GcsStore:
    """One bucket; a content is named by its generation."""

    faults: ClassVar[tuple[type[Exception], ...]] = (
        GcsStatus,
        OSError,
        aiohttp.ClientError,
        google.auth.exceptions.GoogleAuthError,
    )

    def __init__(self, place: GcsPlace) -> None:
        self._place = place
        self._files = place.open()
        self._objects = f"{self._files.base}b/{quote(place.bucket, safe='')}/o"
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=place.connect_timeout_seconds, sock_read=place.read_timeout_seconds
        )

    def page(self, prefix: str, after: str | None) -> tuple[Sequence[Entry], str | None]:
        """List up to a thousand objects."""
        asked = {"prefix": prefix, "maxResults": str(_PAGE_OBJECTS), "fields": _LISTED}
        _, body = self._get(URL(self._objects).with_query(asked | ({"pageToken": after} if after else {})), {})
        answer = _listing_of(body)
        return [_entry(each) for each in answer.get("items", ())], answer.get("nextPageToken")

    def span(self, key: str, start: int, stop: int, version: str | None) -> Span:
        """Read a range, of one generation if it is given."""
        same = f"&ifGenerationMatch={version}" if version else ""
        # Already encoded: a key such as `..` would otherwise be resolved as a path.
        url = URL(f"{self._objects}/{_segment(key)}?alt=media{same}", encoded=True)
        headers, content = self._get(url, {"Range": f"bytes={start}-{stop - 1}"}, most=stop - start)
        total = headers.get("Content-Range", "").rpartition("/")[2]
        if not total and start:
            return Span(b"", "", 0)
        stored = total or headers.get("Content-Length") or str(len(content))
        return Span(content, headers.get("x-goog-generation", ""), int(stored))

    def fault_of(self, error: Exception) -> Fault:
        """Read the status, or the client's error."""
        if isinstance(error, GcsStatus):
            unsaid = Trouble.UNANSWERED if error.status >= 500 else Trouble.REFUSED
            return Fault(_BY_STATUS.get(error.status, unsaid), _SENTENCES.get(error.status, error.reason))
        if isinstance(error, google.auth.exceptions.TransportError):
            return Fault(Trouble.UNANSWERED, "the server of credentials did not answer")
        if isinstance(error, google.auth.exceptions.GoogleAuthError):
            return Fault(Trouble.REFUSED, f"the credentials are not accepted ({type(error).__name__})")
        if isinstance(error, aiohttp.ClientPayloadError):
            return Fault(Trouble.BROKEN_OFF, "the connection broke off")
        return Fault(Trouble.UNANSWERED, " ".join(str(error).split()) or type(error).__name__)

    def _get(self, url: URL, headers: Mapping[str, str], most: int | None = None) -> tuple[Mapping[str, str], bytes]:
        answer: tuple[Mapping[str, str], bytes] = sync(self._files.loop, self._ask, url, headers, most)
        return answer

    async def _ask(self, url: URL, headers: Mapping[str, str], most: int | None) -> tuple[Mapping[str, str], bytes]:
        # The client's own method for requests reads answers of any size into memory, and logs what it asked.
        session = await self._files._set_session()
        sent = (
            {**headers, "Accept-Encoding": "gzip"} if most is not None else {**headers, "Accept-Encoding": "identity"}
        )
        self._files.credentials.apply(sent)
        async with session.get(url, headers=sent, timeout=self._timeout, allow_redirects=False) as answer:
            if answer.status not in (200, 206):
                raise GcsStatus(answer.status, _reason(await answer.content.read(_LONGEST_ERROR), answer.status))
            content = await (answer.read() if most is None else read_most(answer.content, most))
            return dict(answer.headers), content


def _listing_of(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise NoListing("the answer is no JSON") from error
    if not isinstance(answer, dict) or answer.get("kind") != "storage#objects":
        raise NoListing("the answer is no list of objects")
    return answer


def _entry(each: dict[str, Any]) -> Entry:
    return Entry(each["name"], int(each["size"]), f"{each['generation']}-{each['size']}")


def _segment(key: str) -> str:
    """Write a key as one segment of a path, also `.` and `..`."""
    return quote(key, safe="").replace(".", "%2E")


def _reason(body: bytes, status: int) -> str:
    try:
        message = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = ""
    return f"status {status}: {message}" if message else f"status {status}"
