"""What tells that a file behind a URL may have changed, read as far as that needs and no further."""

import mimetypes
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import httpx

from crawlers.files.web.client import NoAnswer, Trouble, WebClient, length_of

_CLOCK_TICK_SECONDS = 1.05
"""Last-Modified counts in seconds."""
_PAGES = ("text/html", "application/xhtml+xml")
_TYPES = mimetypes.MimeTypes()
"""The types that Python knows, without those of this machine."""
_MORE_DATA = frozenset(
    (
        ".docx",
        ".xlsx",
        ".xlsm",
        ".pptx",
        ".odt",
        ".ods",
        ".odp",
        ".parquet",
        ".jsonl",
        ".ndjson",
        ".zst",
        ".7z",
        ".mbox",
    )
)


@dataclass(frozen=True, slots=True)
class State:
    """What a server says of a file."""

    fingerprint: str
    size_bytes: int | None
    is_fresh: bool = False
    """True when a change within the same second would not show."""


def state_of(client: WebClient, url: str, limit_bytes: int) -> State:
    """Ask for a file's state: by its headers, or by all its content where they do not tell versions apart.

    Raises:
        NoAnswer: the file is not there, or does not answer.
    """
    try:
        with client.ask("HEAD", url) as answer:
            check_kind(url, answer)
            if state := _told(answer):
                return state
    except NoAnswer as error:
        # Not every server knows HEAD, and what it says to one it does not know proves nothing.
        if not error.status:
            raise
    return _read(client, url, limit_bytes)


def check_kind(url: str, answer: httpx.Response) -> None:
    """Refuse a page that stands in for a file: a login form, a note that there is nothing.

    Raises:
        NoAnswer: the URL names a file of another type than the page that came.
    """
    kind = media_type(answer)
    if kind not in _PAGES:
        return
    path = urlsplit(url).path
    expected, packed = _TYPES.guess_type(path)
    is_data = expected or packed or PurePosixPath(path).suffix.lower() in _MORE_DATA
    was_led_away = answer.url.path != httpx.URL(url).path
    if expected not in _PAGES and (is_data or was_led_away):
        raise NoAnswer(Trouble.UNUSABLE, f"the server answers with a web page ({kind}), and not with the file")


def media_type(answer: httpx.Response) -> str:
    """Give the type of an answer without its parameters."""
    return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def settle() -> None:
    """Wait until a later change gets a later Last-Modified."""
    time.sleep(_CLOCK_TICK_SECONDS)


def _read(client: WebClient, url: str, limit_bytes: int) -> State:
    try:
        with client.ask("GET", url, {"Range": "bytes=0-0"}) as answer:
            check_kind(url, answer)
            if state := _told(answer):
                return state
            if answer.status_code == 200:
                return _hashed(client, answer, limit_bytes)
    except NoAnswer as error:
        if error.status != 416:  # an empty file has no first byte
            raise
    with client.ask("GET", url) as answer:
        check_kind(url, answer)
        return _hashed(client, answer, limit_bytes)


def _told(answer: httpx.Response) -> State | None:
    """Read a strong ETag, or else the date of the last change together with the size."""
    tag, changed = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
    size = length_of(answer)
    size_bytes = None if size < 0 or "Content-Encoding" in answer.headers else size
    if tag.startswith('"'):
        return State(f"etag {tag}", size_bytes)
    if changed and size_bytes is not None:
        return State(f"changed {changed} {size_bytes}", size_bytes, _is_fresh(changed, answer.headers.get("Date", "")))
    return None


def _is_fresh(changed: str, asked: str) -> bool:
    try:
        return parsedate_to_datetime(changed) >= parsedate_to_datetime(asked)
    except (ValueError, TypeError):
        return True


def _hashed(client: WebClient, answer: httpx.Response, limit_bytes: int) -> State:
    digest, size_bytes = blake2b(digest_size=20), 0
    for chunk in client.body(answer, limit_bytes):
        digest.update(chunk)
        size_bytes += len(chunk)
    return State(f"content {digest.hexdigest()}", size_bytes)
