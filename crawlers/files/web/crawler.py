"""Files on web servers: named by their URLs, or found in the index pages of folders."""

import threading
from collections.abc import Generator, Mapping
from typing import ClassVar

import httpx

from bifrost.errors import BifrostError, ItemUnreadable, SourceDamaged, SourceRefused, SourceUnreachable
from bifrost.model import Item
from bifrost.ports import NOTHING_KNOWN, Bytes, Capabilities, Listing
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.files.chunk_stream import stream_of
from crawlers.files.web.client import Manners, NoAnswer, Reach, Trouble, WebClient, length_of
from crawlers.files.web.config import HttpConfig
from crawlers.files.web.state import check_kind, settle
from crawlers.files.web.walk import Walk, Wanted
from crawlers.selection import HIDDEN, PathSelection

PREVIEW_BYTES = 4096


class HttpCrawler:
    """Reads files behind URLs. A file's key is its URL."""

    kind: ClassVar[str] = "http"
    capabilities: ClassVar[Capabilities] = Capabilities(
        files=True,
        incremental=True,
        selection=("urls", "listings", "include", "exclude", "hidden", "max_depth", "allowed_hosts"),
    )
    Config: ClassVar[type[HttpConfig]] = HttpConfig

    def __init__(self, name: str, config: HttpConfig, secrets: Secrets) -> None:
        self.name, self.config, self._secrets = name, config, secrets
        self._limit_bytes = int(config.max_file_mb * 1_000_000)
        self._connecting = threading.Lock()
        self._connected: WebClient | None = None

    def check(self) -> str:
        """Ask every address once, and say how many answer."""
        walk = self._walk()
        for url in self.config.urls:
            walk.ask_file(url, self._address(url))
        for start in self.config.listings:
            walk.ask_start(start)
        self._raise_if_nothing_answers(walk)
        addresses = len(self.config.urls) + len(self.config.listings)
        return f"{addresses - len(walk.lost)} of {addresses} addresses answer"

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """Ask for every single file, and walk through the index pages; what is no index is a failed scope."""
        walk = self._walk()
        for url in self.config.urls:
            walk.single(url, self._address(url), is_known=url in known)
        for start in self.config.listings:
            walk.through(start)
        self._raise_if_nothing_answers(walk)
        if walk.is_fresh:
            settle()
        items = tuple(walk.items[key] for key in sorted(walk.items))
        return Listing(items, self._masked(walk.failed), self._masked(walk.skipped))

    def fetch(self, item: Item, known: StagedRows | None = None) -> Bytes:
        """Open a file as it is now."""
        return Bytes(stream_of(self._content(item)))

    def preview(self, item: Item, limit: int = 10) -> bytes:
        """Read the first bytes of a file; `limit` counts rows, which it has none of."""
        with self.fetch(item).stream as stream:
            return stream.read(PREVIEW_BYTES)

    def _content(self, item: Item) -> Generator[bytes, None, None]:
        try:
            yield from self._arriving(item)
        except NoAnswer as error:
            reason = self._secrets.mask(error.reason)
            if error.trouble is Trouble.UNREACHABLE:
                raise SourceUnreachable(self.name, reason) from None  # the server's own words may hold a secret
            retryable = error.trouble is Trouble.FAILED
            raise ItemUnreadable(self.name, item.key, reason, retryable=retryable) from None

    def _arriving(self, item: Item) -> Generator[bytes, None, None]:
        url, client = self._address(item.key), self._client()
        size_bytes = 0
        with client.ask("GET", url) as answer:
            check_kind(url, answer)
            for chunk in client.body(answer, self._limit_bytes):
                size_bytes += len(chunk)
                yield chunk
            # Of an answer that ends with its connection only the listing can tell whether it is whole.
            is_framed = length_of(answer) >= 0 or "Transfer-Encoding" in answer.headers
            if not is_framed and "Content-Encoding" not in answer.headers and item.size_bytes not in (None, size_bytes):
                reason = f"{size_bytes:,} bytes arrived in place of {item.size_bytes:,}"
                raise NoAnswer(Trouble.FAILED, reason)

    def _address(self, key: str) -> str:
        """Give the URL of a key, with its secrets if the settings gave them; never those that a page asks for."""
        if key in self.config.urls:
            return self._secrets.resolve(key)
        try:
            is_admitted = self._reach().admits(httpx.URL(key))
        except httpx.InvalidURL:
            is_admitted = False
        if not is_admitted:
            raise NoAnswer(Trouble.UNUSABLE, "it lies on no host that the settings name")
        return key

    def _reach(self) -> Reach:
        starts = [*map(self._secrets.resolve, self.config.urls), *self.config.listings]
        return Reach.of(starts, self.config.allowed_hosts)

    def _walk(self) -> Walk:
        hidden = () if self.config.hidden else HIDDEN
        wanted = Wanted(
            selection=PathSelection.of(self.config.include, (*self.config.exclude, *hidden)),
            reach=self._reach(),
            max_depth=self.config.max_depth,
            limit_bytes=self._limit_bytes,
            index_paths=self.config.index_paths,
        )
        return Walk(self.name, self._client(), wanted)

    def _raise_if_nothing_answers(self, walk: Walk) -> None:
        if len(walk.lost) < len({*self.config.urls, *self.config.listings}):
            return
        address, failure = next(iter(walk.lost.items()))
        raise self._error(failure.trouble, self._secrets.mask(f"{address}: {failure.reason}")) from None

    def _error(self, trouble: Trouble, reason: str) -> BifrostError:
        if trouble in (Trouble.UNREACHABLE, Trouble.FAILED):
            return SourceUnreachable(self.name, reason)
        if trouble is Trouble.REFUSED:
            return SourceRefused(self.name, reason)
        return SourceDamaged(self.name, reason)

    def _masked(self, reasons: Mapping[str, str]) -> dict[str, str]:
        return {key: self._secrets.mask(reason) for key, reason in reasons.items()}

    def _client(self) -> WebClient:
        with self._connecting:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected

    def _connect(self) -> WebClient:
        manners = self._manners()
        try:
            return WebClient(manners)
        except OSError as error:
            reason = f"the certificates in {manners.ca_file} cannot be read: {error.strerror or error}"
            raise SourceDamaged(self.name, reason) from error

    def _manners(self) -> Manners:
        config, resolve = self.config, self._secrets.resolve
        headers = {name: resolve(value) for name, value in config.headers.items()}
        if config.token:
            headers["Authorization"] = f"Bearer {resolve(config.token)}"
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                raise SourceRefused(self.name, f"the header {name} would hold what no header can hold")
        return Manners(
            reach=self._reach(),
            headers=headers,
            auth=httpx.BasicAuth(config.user, resolve(config.password or "")) if config.user else None,
            ca_file=str(self._secrets.home / config.ca_file) if config.ca_file else None,
            timeout_seconds=config.timeout_seconds,
            max_redirects=config.max_redirects,
            requests_per_second=config.requests_per_second,
        )
