"""A walk through the files of web servers: single ones, and those below the index pages of folders."""

import codecs
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx

from bifrost.model import Item, ItemKind
from crawlers.files.web.client import NoAnswer, Reach, Trouble, WebClient
from crawlers.files.web.index import Index, NoIndex, read_index
from crawlers.files.web.state import State, media_type, state_of
from crawlers.selection import PathSelection

_PAGE_BYTES = 64 << 20
"""Enough for the index of half a million files."""
_AT_ONCE = 8
_DEEPEST = 50
"""Folders that go deeper are more likely a link that turns in a circle."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the web is wanted."""

    selection: PathSelection
    reach: Reach
    max_depth: int | None
    limit_bytes: int
    index_paths: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to enter."""

    url: str
    path: str = ""
    """Where it lies below the start; ends with a slash unless it is the start."""
    shown_path: str | None = None
    """What its page should name, if not the path of its URL."""
    above: tuple[frozenset[str], ...] = ()
    """The names in the folders above it."""


@dataclass(slots=True)
class Walk:
    """The state of one walk."""

    source: str
    client: WebClient
    wanted: Wanted
    items: dict[str, Item] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    lost: dict[str, NoAnswer] = field(default_factory=dict)
    """Addresses of the settings that did not answer as they should."""
    is_fresh: bool = False
    """True when a file changed so recently that a later change might not show."""

    def ask_file(self, key: str, url: str) -> None:
        """Ask for a single file, whatever it holds."""
        try:
            state_of(self.client, url, self.wanted.limit_bytes)
        except NoAnswer as error:
            self._lose(key, error)

    def ask_start(self, start: str) -> None:
        """Ask for the index page where a listing starts."""
        try:
            self._index(_Folder(start, shown_path=self.wanted.index_paths.get(start)))
        except NoAnswer as error:
            self._lose(start, error)

    def single(self, key: str, url: str, *, is_known: bool) -> None:
        """List a single file; the server's word that it is not there is a proof that it is gone."""
        try:
            self._take(key, state_of(self.client, url, self.wanted.limit_bytes))
        except NoAnswer as error:
            if error.trouble is not Trouble.GONE:
                self._lose(key, error)
            elif not is_known:  # never seen: more likely a wrong address than a deleted file
                self.skipped[key] = error.reason

    def through(self, start: str) -> None:
        """List the files below a start; a folder inside that cannot be listed is a failed scope."""
        waiting = [_Folder(start, shown_path=self.wanted.index_paths.get(start))]
        try:
            waiting += self._enter(waiting.pop())
            while waiting:
                waiting += self._try_to_enter(waiting.pop())
        except NoAnswer as error:
            self._lose(start, error)

    def _lose(self, address: str, error: NoAnswer) -> None:
        self.lost[address] = error
        self.failed[address] = error.reason

    def _try_to_enter(self, folder: _Folder) -> list[_Folder]:
        try:
            return self._enter(folder)
        except NoAnswer as error:
            if error.trouble is Trouble.UNREACHABLE:
                raise
            self.failed[folder.url] = error.reason
            return []

    def _enter(self, folder: _Folder) -> list[_Folder]:
        index = self._index(folder)
        if index.folders and index.names in folder.above:
            self.skipped[folder.url] = "it holds the same names as a folder above it, and is taken for a link to that"
            return []
        self._take_files(folder, index)
        return list(self._below(folder, index))

    def _index(self, folder: _Folder) -> Index:
        with self.client.ask("GET", folder.url) as answer:
            if answer.url.path != httpx.URL(folder.url).path:
                raise NoAnswer(Trouble.UNUSABLE, f"it redirects to {answer.url.path}")
            body = b"".join(self.client.body(answer, _PAGE_BYTES))
            kind = media_type(answer)
            try:
                index = read_index(str(answer.url), kind, _text(body, answer.charset_encoding), folder.shown_path)
            except NoIndex as error:
                raise NoAnswer(Trouble.UNUSABLE, str(error)) from error
        if kind == "application/json" and not folder.path and not index.names:
            raise NoAnswer(Trouble.UNUSABLE, "an empty list in JSON does not prove that it lists this folder")
        return index

    def _below(self, folder: _Folder, index: Index) -> Iterator[_Folder]:
        for url in index.folders:
            name = unquote(url.rsplit("/", 2)[1])
            path = f"{folder.path}{name}/"
            if not self.wanted.selection.takes_folder(path.rstrip("/")):
                continue
            depth = path.count("/")
            if depth > _DEEPEST:
                self.failed[url] = f"it lies deeper than {_DEEPEST} folders; exclude it, or set max_depth"
                continue
            if self.wanted.max_depth is not None and depth > self.wanted.max_depth:
                continue
            shown = None if folder.shown_path is None else f"{folder.shown_path.rstrip('/')}/{name}/"
            yield _Folder(url, path, shown, (*folder.above, index.names))

    def _take_files(self, folder: _Folder, index: Index) -> None:
        wanted = [
            url
            for url in index.files
            if self.wanted.selection.takes_file(folder.path + unquote(url.rpartition("/")[2]))
        ]
        wanted += [url for url in index.elsewhere if self._takes_elsewhere(httpx.URL(url))]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="listing") as pool:
            for url, state in zip(wanted, pool.map(self._asked, wanted), strict=True):
                if isinstance(state, State):
                    self._take(url, state)
                elif state.trouble is Trouble.UNREACHABLE:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise state
                else:
                    self.skipped[url] = state.reason

    def _takes_elsewhere(self, url: httpx.URL) -> bool:
        path = unquote(url.path).lstrip("/")
        is_file = bool(path) and not path.endswith("/")
        return is_file and self.wanted.reach.admits(url) and self.wanted.selection.takes_path(path)

    def _asked(self, url: str) -> State | NoAnswer:
        try:
            return state_of(self.client, url, self.wanted.limit_bytes)
        except NoAnswer as error:
            return error

    def _take(self, key: str, state: State) -> None:
        self.is_fresh |= state.is_fresh
        self.items[key] = Item(self.source, key, ItemKind.FILE, state.fingerprint, state.size_bytes)


def _text(body: bytes, charset: str | None) -> str:
    try:
        codecs.lookup(charset or "utf-8")
    except LookupError:
        charset = None
    return body.decode(charset or "utf-8", "replace")
