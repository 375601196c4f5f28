"""What all kinds of source that are a folder on a disk have in common."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bifrost.config import FILE_NAME
from bifrost.errors import BifrostError, ItemUnreadable, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind
from bifrost.ports import Bytes, Listing
from crawlers.files.folders.file_state import fingerprint, settle
from crawlers.files.folders.walk import FolderWalk, Found, reason
from crawlers.files.folders.whole_file import open_inside

_OWN_NAMES = (
    FILE_NAME,
    ".lock",
    ".locks",
    "catalog.sqlite",
    "catalog.sqlite-wal",
    "catalog.sqlite-shm",
    "staging",
    "stores",
    "cache",
)


def state_of(found: Found) -> str:
    """Sum up a file's state."""
    return fingerprint(found.state)


class LocalFolder:
    """A folder, without what a project of ours keeps in it."""

    def __init__(self, source: str, path: str, home: Path) -> None:
        self.source = source
        self.root = Path(os.path.realpath(path))
        self._own = _own_places(home)

    def check(self) -> str:
        """Say how many entries the folder has at its top."""
        with self._answering():
            count = len(os.listdir(self.root))  # noqa: PTH208 -- the count of names, no Path per entry
        return f"folder {self.root} with {count} entries"

    def listing(
        self,
        enters: Callable[[str], bool],
        key_for: Callable[[str], str | None],
        fingerprint_of: Callable[[Found], str] = state_of,
    ) -> Listing:
        """Walk the folder as `FolderWalk` says; a sub-folder that cannot be listed is a failed scope.

        Raises:
            SourceUnreachable, SourceRefused: the folder itself cannot be listed.
        """
        walk = FolderWalk(self.root, enters, key_for, self._own)
        with self._answering():
            walk.run()
        settle(walk.newest_ns)
        items = (
            Item(self.source, found.key, ItemKind.FILE, fingerprint_of(found), size_bytes=found.state.st_size)
            for _key, found in sorted(walk.found.items())
        )
        return Listing(tuple(items), walk.failed, walk.skipped)

    def fetch(self, key: str, paths: Iterable[str]) -> Bytes:
        """Open an item at the first of the paths where there is a file.

        Raises:
            ItemUnreadable: there is none, or it may not be read.
            SourceUnreachable: the folder itself is gone.
        """
        try:
            return Bytes(self._opened(key, paths))
        except OSError as error:
            raise self._blamed(key, error) from error

    def _opened(self, key: str, paths: Iterable[str]) -> BinaryIO:
        failure = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        for path in paths:
            try:
                return open_inside(self.root, path, self.source, key)
            except FileNotFoundError as error:
                failure = error
        raise failure

    def _blamed(self, key: str, error: OSError) -> BifrostError:
        if not self.root.is_dir():
            return SourceUnreachable(self.source, f"the folder {self.root} is gone")
        return ItemUnreadable(self.source, key, reason(error))

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise SourceRefused(self.source, f"the folder {self.root} may not be listed") from error
        except OSError as error:
            raise SourceUnreachable(self.source, f"the folder {self.root}: {reason(error)}") from error


def _own_places(home: Path) -> frozenset[str]:
    """Name what a project keeps in its home, so that a source around it does not read the project itself."""
    if not (home / FILE_NAME).exists():
        return frozenset()
    return frozenset(str(home / name) for name in _OWN_NAMES)
