"""A bucket behind the S3 protocol, through s3fs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import aiohttp
from aiobotocore.session import get_session  # type: ignore[import-untyped]  # it has no types
from botocore import exceptions as boto  # type: ignore[import-untyped]  # it has no types
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]  # it has no types
from botocore.utils import parse_timestamp  # type: ignore[import-untyped]  # it has no types
from fsspec.asyn import sync

from crawlers.files.object_stores.access import Entry, Fault, NoListing, Span, Trouble, read_most

_PAGE_OBJECTS = 1000
"""The most that the protocol gives in one page."""
_TROUBLES = {
    "NoSuchKey": Trouble.MISSING,
    "NoSuchVersion": Trouble.MISSING,
    "PreconditionFailed": Trouble.CHANGED,
    "InvalidRange": Trouble.EMPTY,
    "AccessDenied": Trouble.FORBIDDEN,
    "InvalidObjectState": Trouble.FORBIDDEN,
    "SlowDown": Trouble.UNANSWERED,
    "RequestTimeout": Trouble.UNANSWERED,
    "Throttling": Trouble.UNANSWERED,
}
_BY_STATUS = {
    403: Trouble.FORBIDDEN,
    404: Trouble.MISSING,
    408: Trouble.UNANSWERED,
    412: Trouble.CHANGED,
    416: Trouble.EMPTY,
    429: Trouble.UNANSWERED,
}
_CREDENTIALS = {
    # Said of valid-looking requests for any object: with them all would fail.
    *("ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired", "RequestExpired"),
    *("InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "NoSuchBucket", "InvalidBucketName"),
    *(
        "AllAccessDisabled",
        "AccountProblem",
        "AuthorizationHeaderMalformed",
        "PermanentRedirect",
        "InvalidClientTokenId",
    ),
}
_SENTENCES = {
    "NoSuchBucket": "there is no such bucket",
    "NoSuchKey": "it is gone",
    "PreconditionFailed": "it was replaced while it was read",
    "InvalidObjectState": "it is archived and must be restored first",
    "ExpiredToken": "the credentials have expired",
}
_NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ParamValidationError,
    boto.ProfileNotFound,
    boto.TokenRetrievalError,
    boto.SSOError,
)
_BROKEN_OFF = (
    aiohttp.ClientPayloadError,
    boto.IncompleteReadError,
    boto.ResponseStreamingError,
    boto.ReadTimeoutError,
)


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where a bucket is, and who reads it. The secrets never leave this value but to the client."""

    bucket: str
    endpoint_url: str | None
    region: str | None
    access_key_id: str | None = field(repr=False)
    secret_access_key: str | None = field(repr=False)
    session_token: str | None = field(repr=False)
    anonymous: bool
    ca_file: str | None
    connect_timeout_seconds: float
    read_timeout_seconds: float

    def open(self) -> Any:
        """Make the client; nothing is asked yet."""
        from s3fs import S3FileSystem  # type: ignore[import-untyped]  # it has no types

        session = get_session()
        session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_timestamp)
        files = S3FileSystem(
            session=session,
            anon=self.anonymous,
            key=self.access_key_id,
            secret=self.secret_access_key,
            token=self.session_token,
            endpoint_url=self.endpoint_url,
            client_kwargs={"region_name": self.region, "verify": self.ca_file},
            config_kwargs={
                "connect_timeout": self.connect_timeout_seconds,
                "read_timeout": self.read_timeout_seconds,
                "retries": {"total_max_attempts": 1},
                "response_checksum_validation": "when_required",
            },
            use_listings_cache=False,
            skip_instance_cache=True,  # a cache of the process would keep the secrets
        )
        files.retries = 1  # it is for `attempt` to ask again
        return files


class S3Store:
    """One bucket; lists and reads with plain requests of the protocol, which take any key as it is."""

    faults: ClassVar[tuple[type[Exception], ...]] = (
        OSError,
        boto.BotoCoreError,
        boto.ClientError,
        ResponseParserError,
        aiohttp.ClientError,
    )

    def __init__(self, place: S3Place) -> None:
        self._bucket = place.bucket
        self._files = place.open()

    def page(self, prefix: str, after: str | None) -> tuple[Sequence[Entry], str | None]:
        """List up to a thousand objects."""
        following = {"ContinuationToken": after} if after else {}
        answer = self._files.call_s3(
            "list_objects_v2", Bucket=self._bucket, Prefix=prefix, MaxKeys=_PAGE_OBJECTS, **following
        )
        _check_page(answer)
        entries = [_entry(each) for each in answer.get("Contents", ())]
        return entries, answer.get("NextContinuationToken") if answer["IsTruncated"] else None

    def span(self, key: str, start: int, stop: int, version: str | None) -> Span:
        """Read a range, of the version with this ETag if one is given."""
        span: Span = sync(self._files.loop, self._span, key, start, stop, version)
        return span

    def fault_of(self, error: Exception) -> Fault:
        """Read the protocol's error codes; the client hides them behind errors of the operating system."""
        response = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
        if isinstance(response, dict) and "Error" in response:
            return _said(response)
        if isinstance(error, _NO_CREDENTIALS):
            return Fault(Trouble.REFUSED, _line(error))
        if isinstance(error, _BROKEN_OFF):
            return Fault(Trouble.BROKEN_OFF, f"the connection broke off ({type(error).__name__})")
        return Fault(Trouble.UNANSWERED, _line(error))

    async def _span(self, key: str, start: int, stop: int, version: str | None) -> Span:
        same = {"IfMatch": version} if version else {}
        # The client's own method for spans would split the key into a path.
        answer = await self._files._call_s3(
            "get_object", Bucket=self._bucket, Key=key, Range=f"bytes={start}-{stop - 1}", **same
        )
        async with answer["Body"] as body:
            content = await read_most(body, stop - start)
        total = answer.get("ContentRange", "").rpartition("/")[2]
        if not total and start:
            return Span(b"", "", 0)
        return Span(content, answer.get("ETag", ""), int(total or answer["ContentLength"]))


def _check_page(answer: dict[str, Any]) -> None:
    """Refuse what is no page of a listing: any well-formed XML would be taken for a page without objects."""
    if not isinstance(answer.get("IsTruncated"), bool) or "Name" not in answer:
        raise NoListing("the answer names no bucket, or does not say whether more follows")
    count = len(answer.get("Contents", ()))
    if answer.get("KeyCount", count) != count:
        raise NoListing(f"the page announces {answer['KeyCount']} objects and holds {count}")
    if answer["IsTruncated"] and not answer.get("NextContinuationToken"):
        raise NoListing("more objects follow, but not where")


def _timestamp(value: Any) -> Any:
    """Read a date as the client does: its own way takes two thirds of the time of a listing."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return parse_timestamp(value)


def _entry(each: dict[str, Any]) -> Entry:
    tag, modified = each.get("ETag", "").strip('"'), each["LastModified"].isoformat()
    return Entry(each["Key"], each["Size"], f"{tag}-{each['Size']}-{modified}")


def _said(response: dict[str, Any]) -> Fault:
    code = str(response["Error"].get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = str(response["Error"].get("Message") or "").split("\n")[0]
    reason = _SENTENCES.get(code) or f"{code}: {said}".strip(": ")
    if code in _CREDENTIALS:
        return Fault(Trouble.REFUSED, reason)
    if code in _TROUBLES:
        return Fault(_TROUBLES[code], reason)
    unsaid = Trouble.UNANSWERED if status >= 500 else Trouble.REFUSED
    return Fault(_BY_STATUS.get(status, unsaid), reason)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
