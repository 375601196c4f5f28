"""Files of many pages: one loop that reads them, says how far it is, and goes on where it was stopped."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

from bifrost.model import Item
from bifrost.ports import Extract
from extractors.pages.journal import PageJournal
from extractors.pages.parts import PageParts

NO_JOURNAL = PageJournal()
"""Remembers nothing and tells nobody."""


@runtime_checkable
class PagedExtractor(Protocol):
    """An extractor whose pages stand for themselves."""

    name: ClassVar[str]
    version: ClassVar[int]

    def extract_pages(self, item: Item, file: Path, pages: "Paging") -> Extract:
        """Read the whole file, each page through `pages.read`."""
        ...


class PagedFile(Protocol):
    """An opened file."""

    @property
    def pages(self) -> int:
        """Count the pages."""
        ...

    def page(self, number: int) -> PageParts:
        """Read a page; the first one is 1. What fails on it is a reject of the page."""
        ...


class Paging:
    """One reading of one file: where its pages are remembered, and which ones are given up."""

    def __init__(self, journal: PageJournal = NO_JOURNAL, given_up: Mapping[int, str] | None = None) -> None:
        self._journal, self._given_up = journal, given_up or {}

    def read(self, file: PagedFile) -> Iterator[tuple[int, PageParts]]:
        """Give every page with its number: those of an earlier run as they were, the others as they are read."""
        count = file.pages
        number = 0
        for number, parts in enumerate(self._journal.finished(), start=1):
            yield number, parts
        for page in range(number + 1, count + 1):
            self._journal.say(page, count)
            reason = self._given_up.get(page)
            parts = file.page(page) if reason is None else PageParts(rejects=(reason,))
            self._journal.keep(page, parts)
            yield page, parts
