"""Requests to web servers: polite, with limits, and only to the hosts that the settings name."""

import ssl
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

import httpx

from crawlers.files.web.decoding import NotDecoded, decoded
from crawlers.pace import Pace

_REDIRECTS = (301, 302, 303, 307, 308)
_COME_BACK_LATER = (429, 502, 503, 504)
_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_CHUNK_BYTES = 1 << 16
_STANDARD_PORTS = {"http": 80, "https": 443}
# Compressed answers would have to be taken apart, and their ETags differ from those of the files.
_OWN_HEADERS = {"User-Agent": "bifrost", "Accept": "text/html, application/json;q=0.9, */*;q=0.8"}
_IDENTITY = {"Accept-Encoding": "identity"}

Origin = tuple[str, int]


class Trouble(StrEnum):
    """What the failure of a request says."""

    UNREACHABLE = "unreachable"
    """No connection to the server."""
    FAILED = "failed"
    """The server failed, or its answer did not arrive whole; a later attempt may help."""
    REFUSED = "refused"
    """The server wants other credentials."""
    GONE = "gone"
    """The server says that there is nothing at this address."""
    UNUSABLE = "unusable"
    """What is at this address is not taken: it lies elsewhere, is too large, or is something else."""


class NoAnswer(Exception):
    """A request that brought nothing; the crawler makes an error, a failed scope or a skipped item of it."""

    def __init__(self, trouble: Trouble, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.trouble, self.reason, self.status = trouble, reason, status


@dataclass(frozen=True, slots=True)
class Reach:
    """Which servers may be asked, and which of them get the credentials."""

    own: frozenset[Origin]
    others: frozenset[Origin]

    @classmethod
    def of(cls, starts: list[str], allowed_hosts: list[str]) -> "Reach":
        """Take the servers of the starts, also encrypted where they are not, and the other hosts that are allowed."""
        own = {origin(httpx.URL(start)) for start in starts}
        own |= {(host, 443) for host, port in own if port == 80}
        others = (httpx.URL(f"{scheme}://{each}") for each in allowed_hosts for scheme in _STANDARD_PORTS)
        return cls(frozenset(own), frozenset(origin(each) for each in others))

    def admits(self, url: httpx.URL) -> bool:
        """Tell whether a link or redirect may be followed there."""
        return url.scheme in _STANDARD_PORTS and not url.userinfo and origin(url) in self.own | self.others

    def trusts(self, url: httpx.URL) -> bool:
        """Tell whether the credentials are meant for it."""
        return origin(url) in self.own


def origin(url: httpx.URL) -> Origin:
    """Give the host and port of a URL."""
    return url.host, url.port or _STANDARD_PORTS.get(url.scheme, 0)


@dataclass(frozen=True, slots=True)
class Manners:
    """How servers are asked. The credentials never leave this value but to the servers of the starts."""

    reach: Reach
    headers: Mapping[str, str] = field(repr=False)
    auth: httpx.Auth | None = field(repr=False)
    ca_file: str | None
    timeout_seconds: float
    max_redirects: int
    requests_per_second: float | None


class WebClient:
    """Asks web servers; used by several threads."""

    _BROKEN: ClassVar[tuple[type[Exception], ...]] = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._pace = Pace(manners.requests_per_second)
        verify = ssl.create_default_context(cafile=manners.ca_file) if manners.ca_file else True
        self._client = httpx.Client(timeout=manners.timeout_seconds, verify=verify, follow_redirects=False)

    @contextmanager
    def ask(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Iterator[httpx.Response]:
        """Give the good answer that a request ends with, after redirects; read its content with `body`.

        Raises:
            NoAnswer: there is none, or it breaks off while it is read.
        """
        answer: httpx.Response | None = None
        try:
            answer = self._final(method, httpx.URL(url), headers or {})
            yield answer
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise NoAnswer(Trouble.UNREACHABLE, _line(error)) from error
        except httpx.TimeoutException as error:
            reason = f"nothing came for {self._manners.timeout_seconds:g} s"
            raise NoAnswer(Trouble.FAILED, reason) from error
        except self._BROKEN as error:
            raise NoAnswer(Trouble.FAILED, f"the answer broke off: {_line(error)}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(Trouble.UNUSABLE, _line(error)) from None  # it may repeat the URL with its secrets
        finally:
            if answer is not None:
                answer.close()

    def body(self, answer: httpx.Response, limit_bytes: int) -> Generator[bytes, None, None]:
        """Give the content of an answer, decompressed where the server compressed it, in small chunks.

        Raises:
            NoAnswer: it is larger than the limit, or was cut.
        """
        encoding = answer.headers.get("Content-Encoding", "").strip().lower()
        too_large = NoAnswer(Trouble.UNUSABLE, f"it is larger than {limit_bytes / 1e6:,.0f} MB (max_file_mb)")
        if not encoding and length_of(answer) > limit_bytes:
            raise too_large
        size_bytes = 0
        try:
            for chunk in decoded(answer.iter_raw(_CHUNK_BYTES), encoding):
                size_bytes += len(chunk)
                if size_bytes > limit_bytes:
                    raise too_large
                yield chunk
        except NotDecoded as error:
            raise NoAnswer(Trouble.FAILED if error.cut else Trouble.UNUSABLE, error.reason) from error

    def _final(self, method: str, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        for _ in range(self._manners.max_redirects + 1):
            answer = self._patiently(method, url, headers)
            if answer.status_code in _REDIRECTS and "Location" in answer.headers:
                answer.close()
                url = self._redirected(url, answer.headers["Location"])
                continue
            if answer.status_code >= 300:
                answer.close()
                raise _refusal(answer)
            return answer
        raise NoAnswer(Trouble.UNUSABLE, f"more than {self._manners.max_redirects} redirects")

    def _patiently(self, method: str, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """Ask once more where a kept connection was closed meanwhile, or the server is busy."""
        try:
            answer = self._once(method, url, headers)
        except self._BROKEN:
            return self._once(method, url, headers)
        if answer.status_code not in _COME_BACK_LATER:
            return answer
        answer.close()
        time.sleep(_pause(answer))
        return self._once(method, url, headers)

    def _once(self, method: str, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        self._pace.wait()
        trusted = self._manners.reach.trusts(url)
        sent = {**_OWN_HEADERS, **(self._manners.headers if trusted else {}), **_IDENTITY, **headers}
        request = self._client.build_request(method, url, headers=sent)
        return self._client.send(request, auth=self._manners.auth if trusted else None, stream=True)

    def _redirected(self, url: httpx.URL, location: str) -> httpx.URL:
        target = url.join(location)
        if url.scheme == "https" and target.scheme == "http":
            raise NoAnswer(Trouble.UNUSABLE, "it redirects from https to http")
        if not self._manners.reach.admits(target):
            raise NoAnswer(Trouble.UNUSABLE, f"it redirects to {target.host}, which allowed_hosts does not name")
        return target


def length_of(answer: httpx.Response) -> int:
    """Give the size that an answer announces for the whole file; -1 if it says none."""
    total = answer.headers.get("Content-Range", "").rpartition("/")[2] or answer.headers.get("Content-Length", "")
    return int(total) if total.isdecimal() else -1


def _refusal(answer: httpx.Response) -> NoAnswer:
    status = answer.status_code
    reason = f"the server answers {status} {answer.reason_phrase}".rstrip()
    if status in (404, 410):
        return NoAnswer(Trouble.GONE, reason, status)
    if status in (401, 402, 403, 407, 451):
        return NoAnswer(Trouble.REFUSED, reason, status)
    later = status >= 500 or status in (408, 425, 429)
    return NoAnswer(Trouble.FAILED if later else Trouble.UNUSABLE, reason, status)


def _pause(answer: httpx.Response) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_PAUSE_SECONDS) if asked.isdecimal() else _PAUSE_SECONDS


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
