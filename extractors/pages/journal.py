"""The pages of a long file that are read already, written down so that a killed run goes on where it was."""

import contextlib
import json
import time
from collections.abc import Callable, Container, Iterator
from pathlib import Path

from extractors.pages.parts import PageParts

_WRITE_SECONDS = 1.0
"""So much work may be lost; files that are read in less never touch the disk."""

Say = Callable[[int, int], None]
"""Told before each page: its number, and how many there are."""


def say_nothing(_page: int, _pages: int) -> None:
    """Tell nobody how far a file is."""


class PageJournal:
    """A file of JSON lines, one for each page from the first on; its end may be missing."""

    def __init__(self, file: Path | None = None, say: Say = say_nothing) -> None:
        self._file, self.say = file, say
        self._waiting: list[tuple[int, PageParts]] = []
        self._since = time.monotonic()

    def finished(self) -> Iterator[PageParts]:
        """Give the pages of earlier runs in their order, and leave the file so that the next page can follow."""
        if self._file is None or not self._file.exists():
            return
        with self._file.open("r+b") as stream:
            whole = 0
            for number, line in enumerate(stream, start=1):
                parts = _page(line, number)
                if parts is None:
                    break
                whole += len(line)
                yield parts
            stream.truncate(whole)
        self._since = time.monotonic()

    def keep(self, number: int, parts: PageParts) -> None:
        """Take the next page; it is on the disk within a second of work."""
        if self._file is None:
            return
        self._waiting.append((number, parts))
        if time.monotonic() - self._since >= _WRITE_SECONDS:
            self._write(self._file)

    def forget(self) -> None:
        """Delete the file: what it holds is kept elsewhere."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # the folder is gone, or holds the journal of a copy
                self._file.parent.rmdir()

    def _write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps([number, parts.described()]) + "\n" for number, parts in self._waiting]
        with file.open("ab") as stream:
            stream.write("".join(lines).encode("ascii"))
        self._waiting = []
        self._since = time.monotonic()


class PageJournals:
    """The journals of all files, in a folder of the cache."""

    def __init__(self, cache: Path) -> None:
        self._folder = cache / "pages"

    def open(self, content: str, reading: str, say: Say = say_nothing) -> PageJournal:
        """Give the journal of a content; `reading` is a digest of everything else that makes a difference."""
        return PageJournal(self._folder / content / f"{reading}.jsonl", say)

    def keep_only(self, contents: Container[str]) -> None:
        """Delete the journals of all other contents."""
        for file in sorted(self._folder.glob("*/*.jsonl")):
            if file.parent.name not in contents:
                PageJournal(file).forget()


def _page(line: bytes, number: int) -> PageParts | None:
    try:
        found, described = json.loads(line)
        return PageParts.from_described(described) if found == number and line.endswith(b"\n") else None
    except (ValueError, KeyError, TypeError):
        return None
