"""Bringing the content of one item into staging: a file with what it contains, a table, a part of one, its changes."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from bifrost import row_changes
from bifrost.errors import BifrostError, ItemUnreadable, RowsUnselected, StagingDamaged
from bifrost.model import Item, ItemKind, Reject, StagedItem
from bifrost.ports import Changes, Crawler, PartedCrawler, Rows
from bifrost.project import Project
from bifrost.staged_rows import Layer, StagedRows
from bifrost.staging import Staging
from crawlers.comparison import Guard
from crawlers.read_ahead import read_ahead
from crawlers.unpacked import Unpacked

STAGE = "crawl"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """How fetching an item ended: staged, or not; what could not be read is in the rejects either way."""

    item: Item
    staged: StagedItem | None
    rejects: tuple[Reject, ...] = ()
    members: tuple[StagedItem, ...] = ()
    """What was found in a container, in place of what was found in it before."""
    error: BifrostError | None = None
    """Why the item stays as it was, where a person has to settle it or another try may help."""


@dataclass(frozen=True, slots=True)
class StagedPart:
    """A part of a table in staging."""

    digest: str
    rows: int
    left_out: tuple[tuple[str, str], ...] = ()

    def store(self, staging: Staging) -> str:
        """Write what it is, and give the digest."""
        return staging.put_json([self.digest, self.rows, self.left_out])

    @classmethod
    def load(cls, staging: Staging, digest: str) -> "StagedPart":
        """Read what `store` wrote."""
        batch, rows, left_out = staging.json(digest)
        return cls(batch, rows, tuple((place, reason) for place, reason in left_out))


@dataclass(slots=True)
class Contents:
    """Reads the items of one source as they are now."""

    project: Project
    crawler: Crawler
    selection: str
    known: Mapping[str, StagedItem]
    """What is staged of the source, by key, members of containers among it."""
    rows: Guard
    members: Guard
    takes_unselected: bool = False
    """True when rows may go because a changed condition no longer chooses them."""
    _guarding: threading.Lock = field(default_factory=threading.Lock)
    _inside: dict[str, dict[str, StagedItem]] = field(default_factory=dict)
    """Members by the key of their container."""

    def __post_init__(self) -> None:
        for key, each in self.known.items():
            if each.item.container:
                self._inside.setdefault(each.item.container, {})[key] = each

    def read(self, item: Item) -> Fetched:
        """Stage an item.

        Raises:
            SourceUnreachable, SourceRefused: the source went away.
            RetractionGuarded, RowsUnselected: it would take away what a person has to let go.
            StorageFull: staging has no room.
        """
        staged_rows = self._staged_rows(item)
        with _blaming(item):
            content = self.crawler.fetch(item, staged_rows)
        if isinstance(content, Changes):
            return self._changes(item, content, cast(StagedRows, staged_rows))
        if isinstance(content, Rows):
            return self._rows(item, content, staged_rows)
        with content.stream as stream:
            return self._file(item, stream)

    def read_part(self, item: Item, part: str) -> StagedPart:
        """Stage a part of a table."""
        with _blaming(item):
            content = cast(PartedCrawler, self.crawler).fetch_part(item, part)
        stored = self.project.staging.put_table(_guarded_rows(item, content.batches))
        return StagedPart(stored.digest, stored.rows, tuple(content.rejects))

    def joined(self, item: Item, parts: Sequence[StagedPart]) -> Fetched:
        """Make a table of its parts."""
        count = sum(part.rows for part in parts)
        layer = Layer(tuple(part.digest for part in parts), count)
        left_out = list(dict.fromkeys(each for part in parts for each in part.left_out))
        return self._staged(item, StagedRows(self.project.staging, item, (layer,), count), left_out)

    def reject(self, item: Item, place: str, reason: str) -> Reject:
        """Say what could not be read, without secrets."""
        return Reject(item.source, item.key, place, STAGE, self.project.secrets.mask(reason))

    # ---- tables

    def _staged_rows(self, item: Item) -> StagedRows | None:
        staged = self.known.get(item.key)
        if staged is None or item.kind is not ItemKind.TABLE or staged.item.kind is not ItemKind.TABLE:
            return None
        try:
            rows = StagedRows.of(self.project.staging, staged)
        except StagingDamaged:
            return None
        return rows if all(map(self.project.staging.has, rows.objects)) else None

    def _changes(self, item: Item, content: Changes, known: StagedRows) -> Fetched:
        if content.rows.batches.schema != known.schema:
            raise ItemUnreadable(item.source, item.key, "its connector gave changes in other columns than the table's")
        gone = None if content.gone is None else _guarded_rows(item, content.gone)
        applied = row_changes.apply(known, _guarded_rows(item, content.rows.batches), gone, self._spill)
        self._let_go(applied.gone)
        return self._staged(item, applied.rows, content.rows.rejects)

    def _rows(self, item: Item, content: Rows, known: StagedRows | None) -> Fetched:
        stored = self.project.staging.put_table(_guarded_rows(item, content.batches))
        now = StagedRows(self.project.staging, item, (Layer((stored.digest,), stored.rows),), stored.rows)
        if known is not None:
            gone = row_changes.keys_gone(known, now, self._spill)
            if gone and item.row_filter != known.item.row_filter and not self.takes_unselected:
                raise RowsUnselected(item.source, item.key, gone)
            if item.row_filter == known.item.row_filter:
                self._let_go(gone)
        return self._staged(item, now, content.rejects)

    def _staged(self, item: Item, rows: StagedRows, left_out: Sequence[tuple[str, str]] = ()) -> Fetched:
        staged = StagedItem(item, rows.store(), rows.count, self.selection)
        return Fetched(item, staged, tuple(self.reject(item, place, reason) for place, reason in left_out))

    def _let_go(self, rows: int) -> None:
        with self._guarding:
            self.rows.take(rows)

    @property
    def _spill(self) -> Path:
        return self.project.cache_folder("spill")

    # ---- files

    def _file(self, item: Item, stream: BinaryIO) -> Fetched:
        stored = self.project.staging.put_bytes(_guarded_bytes(item, stream))
        unpacked = Unpacked(self.project.staging, item, self.selection)
        kind = unpacked.take(stored.digest)
        before = self._inside.get(item.key, {})
        unpacked.keep(before)
        with self._guarding:
            self.members.take(len(before.keys() - unpacked.members.keys()))
        staged = StagedItem(replace(item, kind=kind), stored.digest, None, self.selection)
        rejects = tuple(self.reject(item, place, reason) for place, reason in unpacked.left_out)
        return Fetched(item, staged, rejects, tuple(unpacked.members.values()))


def _guarded_rows(item: Item, reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        with _blaming(item):
            yield from read_ahead(reader)

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


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
