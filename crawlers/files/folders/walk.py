"""A walk through a folder on a disk: every wanted file with its state, and what could not be seen."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crawlers.files.folders.file_keys import key_of
from crawlers.files.folders.file_state import changed_ns

_MOST_SCANS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A wanted file."""

    key: str
    path: str
    """Below the root, as the system writes it."""
    state: os.stat_result


@dataclass(slots=True)
class FolderWalk:
    """The state of one walk. Links are followed to files inside the root only."""

    root: Path
    enters: Callable[[str], bool]
    """Tells by a key whether anything at or below it can be wanted."""
    key_for: Callable[[str], str | None]
    """Gives a file's key by its path, or None when it is not wanted; an OSError means that this cannot be told."""
    own: frozenset[str] = frozenset()
    """Absolute paths that are left out."""
    found: dict[str, Found] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """Folder -> why it could not be listed."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Key -> why a wanted file is left out."""
    newest_ns: int = 0
    _waiting: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Walk through everything; only a fault of the root itself is raised, as an OSError."""
        self._enter("")
        while self._waiting:
            folder = self._waiting.pop()
            try:
                self._enter(folder)
            except OSError as error:
                self.failed[key_of(folder)] = reason(error)

    def _enter(self, folder: str) -> None:
        folders: list[str] = []
        for entry in self._entries(folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.path in self.own or not self.enters(key_of(path)):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                self._see(entry, path)
        # Taken from the end: a Maildir's `new` is seen before its `cur`, as messages move that way.
        self._waiting.extend(sorted(folders))

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """Read a folder, again if it changes meanwhile: a file that is renamed then may show up under neither name."""
        path = self.root / folder
        seen: dict[str, os.DirEntry[str]] = {}
        for _scan in range(_MOST_SCANS):
            before = path.stat().st_mtime_ns
            with os.scandir(path) as entries:
                seen.update((entry.name, entry) for entry in entries)
            if path.stat().st_mtime_ns == before:
                break
        return list(seen.values())

    def _see(self, entry: os.DirEntry[str], path: str) -> None:
        key: str | None = key_of(path)
        try:
            key = self.key_for(path)
            if key is None:
                return
            state = entry.stat()
            objection = self._objection(entry, state)
        except FileNotFoundError:
            # Deleted since the folder was read, unless it is a link whose target is missing.
            if entry.is_symlink():
                self.skipped[str(key)] = "a link that leads nowhere"
            return
        except OSError as error:
            self.skipped[str(key)] = reason(error)
            return
        if objection:
            self.skipped[key] = objection
        else:
            self._take(Found(key, path, state))

    def _take(self, found: Found) -> None:
        # A message that moves between folders while they are read is seen twice.
        other = self.found.get(found.key)
        if other is None or found.path < other.path:
            self.found[found.key] = found
        self.newest_ns = max(self.newest_ns, changed_ns(found.state))

    def _objection(self, entry: os.DirEntry[str], state: os.stat_result) -> str:
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(self.root):
            return "a link that leads out of the source's folder"
        if stat.S_ISDIR(state.st_mode):
            return "a link to a folder, which is listed at its own place"
        return "" if stat.S_ISREG(state.st_mode) else "neither a file nor a folder"


def reason(error: OSError) -> str:
    """Say what the system objected to, without the path, which the reader knows."""
    return (error.strerror or str(error)).lower()
