"""A table of a crawler in staging, brought up to date as the crawl stage does it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.model import Item, StagedItem
from bifrost.ports import Changes, Crawler, Rows
from bifrost.row_changes import apply
from bifrost.schemas import VERSION
from bifrost.staged_rows import StagedRows
from bifrost.staging import Staging


@dataclass
class SyncedTable:
    """What is staged of one table, and how it came there."""

    crawler: Crawler
    key: str
    folder: Path
    known: StagedRows | None = None
    item: Item | None = None
    how: str = ""
    """ "unchanged", "rows" or "changes"."""
    transferred: int = 0
    """Rows that the last sync fetched."""
    changed: int = 0
    gone: int = 0
    _staging: Staging = field(init=False)

    def __post_init__(self) -> None:
        self._staging = Staging(self.folder)

    def sync(self) -> "SyncedTable":
        """List the table, and fetch it if its fingerprint is another."""
        before = {self.key: self.known.item} if self.known else {}
        item = next(item for item in self.crawler.listing(before).items if item.key == self.key)
        if self.known and self.known.item == item:
            self.how, self.transferred, self.changed, self.gone = "unchanged", 0, 0, 0
            return self
        content = self.crawler.fetch(item, self.known)
        if isinstance(content, Changes):
            self._apply(content, item)
        else:
            assert isinstance(content, Rows)
            stored = self._staging.put_table(content.batches)
            self.how, self.transferred = "rows", stored.rows
            self.known = StagedRows.of(self._staging, StagedItem(item, stored.digest, stored.rows))
        return self

    def _apply(self, changes: Changes, item: Item) -> None:
        assert self.known
        fetched = _Counted(changes.rows.batches)
        spill = self.folder / "spill"
        applied = apply(self.known, fetched.reader, changes.gone, spill)
        self.how, self.transferred, self.changed, self.gone = "changes", fetched.rows, applied.changed, applied.gone
        rows = applied.rows
        self.known = StagedRows(self._staging, item, rows.layers, rows.count)

    def rows(self) -> list[tuple[Any, ...]]:
        """Give the staged rows in some fixed order."""
        assert self.known
        names = ", ".join(engine.identifier(name) for name in self.known.schema.names if name != VERSION)
        with engine.connect(self.folder / "spill") as connection:
            found = connection.sql(f"SELECT {names} FROM ({self.known.sql})").to_arrow_table()
        assert found.num_rows == self.known.count
        return _sorted(found)

    def source_rows(self) -> list[tuple[Any, ...]]:
        """Give the rows that the source has now, read as a whole."""
        assert self.known
        content = self.crawler.fetch(self.known.item)
        assert isinstance(content, Rows)
        table = content.batches.read_all()
        table = table.drop_columns([VERSION]) if VERSION in table.column_names else table
        return _sorted(table)


def _sorted(table: pa.Table) -> list[tuple[Any, ...]]:
    return sorted(zip(*(column.to_pylist() for column in table.columns), strict=True), key=repr)


class _Counted:
    """Counts the rows of a stream as they pass."""

    def __init__(self, batches: pa.RecordBatchReader) -> None:
        self.rows = 0
        self.reader = pa.RecordBatchReader.from_batches(batches.schema, self._passing(batches))

    def _passing(self, batches: pa.RecordBatchReader) -> Any:
        for batch in batches:
            self.rows += batch.num_rows
            yield batch
