"""Which staged rows a table no longer has: asked of the database only when its number of rows says so."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from bifrost import engine
from bifrost.engine import identifier
from bifrost.staged_rows import StagedRows

_BATCH_ROWS = 16_384


@dataclass(slots=True)
class Deletions:
    """Watches the changed rows of a table go by, and then tells the keys that are gone."""

    known: StagedRows
    rows_there: int
    """Rows that the table had when it was listed, before its changes were read."""
    all_keys: Callable[[], pa.RecordBatchReader]
    """Streams the keys of the table, in the staged types."""
    _seen: list[pa.RecordBatch] = field(default_factory=list)

    def watching(self, rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
        """Pass the changed rows on."""
        key = list(self.known.key)

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in rows:
                self._seen.append(batch.select(key))
                yield batch

        return pa.RecordBatchReader.from_batches(rows.schema, batches())

    def keys(self) -> pa.RecordBatchReader:
        """Give the keys that are gone; nothing is asked before the first batch is read, after all changed rows."""
        schema = pa.schema([self.known.schema.field(name) for name in self.known.key])

        def batches() -> Iterator[pa.RecordBatch]:
            if self._expected() > self.rows_there:
                yield from _absent(self.known, self.all_keys())

        return pa.RecordBatchReader.from_batches(schema, batches())

    def _expected(self) -> int:
        """Count the rows that there would be if none was deleted."""
        if not any(batch.num_rows for batch in self._seen):
            return self.known.count
        with engine.connect(self.known.staging.folder / "spill") as work:
            work.register("seen", pa.Table.from_batches(self._seen))
            new = f"SELECT count(*) FROM seen ANTI JOIN ({self.known.sql}) AS known USING ({_columns(self.known.key)})"
            return self.known.count + int(work.execute(new).fetchall()[0][0])


def _absent(known: StagedRows, there: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    columns = _columns(known.key)
    with engine.connect(known.staging.folder / "spill") as work:
        work.register("there", there)
        query = f"SELECT {columns} FROM ({known.sql}) AS known ANTI JOIN there USING ({columns})"
        yield from work.sql(query).to_arrow_reader(_BATCH_ROWS)


def _columns(key: Sequence[str]) -> str:
    return ", ".join(identifier(name) for name in key)
