"""Fetching items, a few at a time, and committing them as they arrive."""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from bifrost.errors import ItemUnreadable, RetractionGuarded, RowsUnselected
from bifrost.model import Item
from bifrost.ports import Task
from bifrost.project import Project
from crawlers.contents import STAGE, Contents, Fetched
from crawlers.pace import Pace

HELD_BACK = "held back"
"""The place in the reject of an item that stays as it was until a person says so."""
_THREADS = 4
"""Making a file durable is waiting for the disk: a few at a time wait together."""
_ITEMS_PER_COMMIT = 200
_SECONDS_PER_COMMIT = 1.0


@dataclass(slots=True)
class Fetching:
    """Fetches the items of one source; what is committed is an item's cursor together with its content."""

    project: Project
    contents: Contents
    pace: Pace
    rejected_before: frozenset[str]
    """Keys of items with rejects in the catalog, which a success clears."""
    _waiting: list[Fetched] = field(default_factory=list)
    _committed_at: float = field(default_factory=time.monotonic)

    def run(self, items: Sequence[Item], task: Task) -> Iterator[Fetched]:
        """Fetch, commit in small groups, and tell how each item ended.

        Raises:
            SourceUnreachable, SourceRefused: the source went away; what was fetched before is committed.
            StorageFull: staging has no room.
        """
        pool = ThreadPoolExecutor(_THREADS, thread_name_prefix=STAGE)
        try:
            for chunk in _chunks(items, _ITEMS_PER_COMMIT):
                for fetched in pool.map(self._fetch, chunk):
                    self._waiting.append(fetched)
                    task.advance()
                    self._commit_if_due()
                    yield fetched
        finally:
            pool.shutdown(cancel_futures=True)
            self._commit()

    def _fetch(self, item: Item) -> Fetched:
        self.pace.wait()
        try:
            return self.contents.read(item)
        except ItemUnreadable as error:
            rejects = (self.contents.reject(item, "", error.reason),)
            return Fetched(item, None, rejects, error=error if error.retryable else None)
        except (RetractionGuarded, RowsUnselected) as error:
            return Fetched(item, None, (self.contents.reject(item, HELD_BACK, str(error)),), error=error)

    def _commit_if_due(self) -> None:
        due = time.monotonic() - self._committed_at > _SECONDS_PER_COMMIT
        if due or len(self._waiting) >= _ITEMS_PER_COMMIT:
            self._commit()

    def _commit(self) -> None:
        commit(self.project, self._waiting, self.rejected_before)
        self._waiting = []
        self._committed_at = time.monotonic()


def commit(project: Project, ended: Sequence[Fetched], rejected_before: frozenset[str]) -> None:
    """Write the cursors and the rejects of items that ended."""
    # Rejects first: a run killed in between fetches these items again.
    for fetched in ended:
        if fetched.rejects or fetched.item.key in rejected_before:
            project.catalog.reject(STAGE, f"{fetched.item.source}/{fetched.item.key}", fetched.rejects)
    staged = [fetched for fetched in ended if fetched.staged]
    emptied: dict[str, list[str]] = {}
    for fetched in staged:
        emptied.setdefault(fetched.item.source, []).append(fetched.item.key)
    project.catalog.stage_items(
        (each for fetched in staged if fetched.staged for each in (fetched.staged, *fetched.members)), emptied=emptied
    )


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
