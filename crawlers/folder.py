"""A folder of files, on a disk or a mounted share."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, ClassVar

from pydantic import Field

from bifrost.config import FILE_NAME, Strict
from bifrost.errors import ItemUnreadable, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind
from bifrost.ports import Bytes, Capabilities, Listing
from bifrost.secrets import Secrets
from crawlers.file_keys import key_of, path_of
from crawlers.file_state import changed_ns, fingerprint, settle
from crawlers.selection import PathSelection

PREVIEW_BYTES = 4096
_TEMPORARY = (
    "**/.*",
    "**/~$*",
    "**/*~",
    "**/*.tmp",
    "**/*.part",
    "**/*.crdownload",
    "**/Thumbs.db",
    "**/desktop.ini",
)
_OWN_NAMES = (FILE_NAME, "catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm", "staging", "stores", "cache")


class FolderConfig(Strict):
    """Where the folder is, and which of its files are wanted."""

    path: str = Field(description="the folder, relative to the project's home")
    include: list[str] = Field(default=["**/*"], description="patterns of wanted files, such as reports/**/*.pdf")
    exclude: list[str] = Field(default=[], description="patterns of unwanted files and folders; they win")
    hidden: bool = Field(default=False, description="also read hidden and temporary files (.*, ~$*, *.tmp)")


class FolderCrawler:
    """Reads the files below a folder. Links are followed to files inside the folder only."""

    kind: ClassVar[str] = "folder"
    capabilities: ClassVar[Capabilities] = Capabilities(files=True, incremental=True)
    Config: ClassVar[type[FolderConfig]] = FolderConfig

    def __init__(self, name: str, config: FolderConfig, secrets: Secrets) -> None:
        self.name = name
        self.root = Path(os.path.realpath(config.path))
        temporary = () if config.hidden else _TEMPORARY
        self._selection = PathSelection.of(config.include, (*config.exclude, *temporary))
        self._own = _own_places(secrets.home)

    def check(self) -> str:
        """Say how many entries the folder has at its top."""
        with self._answering():
            count = len(os.listdir(self.root))  # noqa: PTH208 - the count of names, no Path per entry
        return f"folder {self.root} with {count} entries"

    def listing(self) -> Listing:
        """Walk the folder; a sub-folder that cannot be listed is a failed scope."""
        walk = _Walk(self.name, self.root, self._selection, self._own)
        with self._answering():
            walk.enter("")
        while walk.waiting:
            walk.try_to_enter(walk.waiting.pop())
        settle(walk.newest_ns)
        return Listing(tuple(sorted(walk.items, key=_by_key)), walk.failed, walk.skipped)

    def fetch(self, item: Item) -> Bytes:
        """Open a file."""
        try:
            return Bytes(self._open(item.key))
        except OSError as error:
            if not self.root.is_dir():
                raise SourceUnreachable(self.name, f"the folder {self.root} is gone") from error
            raise ItemUnreadable(self.name, item.key, _reason(error)) from error

    def preview(self, item: Item, limit: int = 10) -> bytes:
        """Read the first bytes of a file; `limit` counts rows, which a file has none of."""
        with self.fetch(item).stream as stream:
            return stream.read(PREVIEW_BYTES)

    def _open(self, key: str) -> BinaryIO:
        path = (self.root / path_of(key)).resolve(strict=True)
        if not path.is_relative_to(self.root):
            raise PermissionError(0, "it leads out of the source's folder")
        # A pipe of this name must not stop the crawl: it is opened without waiting for a writer.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise OSError(0, "it is no regular file")
        return file

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise SourceRefused(self.name, f"the folder {self.root} may not be listed") from error
        except OSError as error:
            raise SourceUnreachable(self.name, f"the folder {self.root}: {_reason(error)}") from error


@dataclass(slots=True)
class _Walk:
    """The state of one walk through the folder."""

    source: str
    root: Path
    selection: PathSelection
    own: frozenset[str]
    waiting: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    newest_ns: int = 0

    def try_to_enter(self, folder: str) -> None:
        try:
            self.enter(folder)
        except OSError as error:
            self.failed[key_of(folder)] = _reason(error)

    def enter(self, folder: str) -> None:
        with os.scandir(self.root / folder) as entries:
            for entry in entries:
                self._see(entry, f"{folder}/{entry.name}" if folder else entry.name)

    def _see(self, entry: os.DirEntry[str], path: str) -> None:
        key = key_of(path)
        if entry.path in self.own or not self.selection.takes_folder(key):
            return
        if entry.is_dir(follow_symlinks=False):
            self.waiting.append(path)
        elif self.selection.takes_file(key):
            self._take(entry, key)

    def _take(self, entry: os.DirEntry[str], key: str) -> None:
        try:
            state = entry.stat()
            objection = self._objection(entry, state)
        except FileNotFoundError:
            # Deleted since the folder was read, unless it is a link whose target is missing.
            if entry.is_symlink():
                self.skipped[key] = "a link that leads nowhere"
            return
        except OSError as error:
            objection = _reason(error)
        if objection:
            self.skipped[key] = objection
            return
        self.newest_ns = max(self.newest_ns, changed_ns(state))
        self.items.append(Item(self.source, key, ItemKind.FILE, fingerprint(state), size_bytes=state.st_size))

    def _objection(self, entry: os.DirEntry[str], state: os.stat_result) -> str:
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(self.root):
            return "a link that leads out of the source's folder"
        if stat.S_ISDIR(state.st_mode):
            return "a link to a folder, which is listed at its own place"
        return "" if stat.S_ISREG(state.st_mode) else "neither a file nor a folder"


def _own_places(home: Path) -> frozenset[str]:
    """Name what a project keeps in its home, so that a source around it does not read the project itself."""
    if not (home / FILE_NAME).exists():
        return frozenset()
    return frozenset(str(home / name) for name in _OWN_NAMES)


def _by_key(item: Item) -> str:
    return item.key


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
