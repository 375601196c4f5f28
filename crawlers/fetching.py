"""Bringing the contents of items into staging, and committing them as they arrive."""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

import pyarrow as pa

from bifrost.errors import BifrostError, ItemUnreadable
from bifrost.model import Item, Reject, StagedItem
from bifrost.ports import Crawler, Rows, Task
from bifrost.project import Project
from bifrost.staging import Stored

STAGE = "crawl"
_THREADS = 4
"""Making a file durable is waiting for the disk: a few at a time wait together."""
_ITEMS_PER_COMMIT = 200
_SECONDS_PER_COMMIT = 1.0
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """How fetching an item ended: staged, or not; what could not be read is in the rejects either way."""

    item: Item
    staged: StagedItem | None
    rejects: tuple[Reject, ...] = ()


@dataclass(slots=True)
class Fetching:
    """Fetches the items of one source."""

    project: Project
    crawler: Crawler
    rejected_before: frozenset[str]
    """Keys of items with rejects in the catalog, which a success clears."""
    _waiting: list[Fetched] = field(default_factory=list)
    _committed_at: float = field(default_factory=time.monotonic)

    def run(self, items: Sequence[Item], task: Task) -> Iterator[Fetched]:
        """Fetch, commit in small groups, and tell how each item ended.

        Raises:
            SourceUnreachable, SourceRefused: the source went away; what was fetched before is committed.
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

    def _commit_if_due(self) -> None:
        due = time.monotonic() - self._committed_at > _SECONDS_PER_COMMIT
        if due or len(self._waiting) >= _ITEMS_PER_COMMIT:
            self._commit()

    def _commit(self) -> None:
        # Rejects first: a run killed in between fetches these items again.
        for fetched in self._waiting:
            if fetched.rejects or fetched.item.key in self.rejected_before:
                unit = f"{fetched.item.source}/{fetched.item.key}"
                self.project.catalog.reject(STAGE, unit, fetched.rejects)
        self.project.catalog.stage_items(fetched.staged for fetched in self._waiting if fetched.staged)
        self._waiting = []
        self._committed_at = time.monotonic()

    def _fetch(self, item: Item) -> Fetched:
        try:
            stored, left_out = self._store(item)
        except ItemUnreadable as error:
            return Fetched(item, None, (self._reject(item, "", error.reason),))
        staged = StagedItem(item, stored.digest, stored.rows if stored.digest.endswith(".parquet") else None)
        return Fetched(item, staged, tuple(self._reject(item, place, reason) for place, reason in left_out))

    def _store(self, item: Item) -> tuple[Stored, Sequence[tuple[str, str]]]:
        with _blaming(item):
            content = self.crawler.fetch(item)
        if isinstance(content, Rows):
            stored = self.project.staging.put_table(_guarded_rows(item, content))
            return stored, tuple(content.rejects)
        with content.stream as stream:
            return self.project.staging.put_bytes(_guarded_bytes(item, stream)), ()

    def _reject(self, item: Item, place: str, reason: str) -> Reject:
        return Reject(item.source, item.key, place, STAGE, self.project.secrets.mask(reason))


def _guarded_rows(item: Item, content: Rows) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        with _blaming(item):
            yield from content.batches

    return pa.RecordBatchReader.from_batches(content.batches.schema, batches())


def _guarded_bytes(item: Item, stream: BinaryIO) -> Iterator[bytes]:
    with _blaming(item):
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


@contextmanager
def _blaming(item: Item) -> Iterator[None]:
    """Make every fault of a connector the fault of the item, so that faults of staging stand apart."""
    try:
        yield
    except BifrostError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise ItemUnreadable(item.source, item.key, reason) from error


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
