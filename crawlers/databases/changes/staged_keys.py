"""Keys as a database has them, beside those that are staged: compared as sets, spilling to disk, never in Python."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.engine import identifier
from bifrost.schemas import VERSION
from bifrost.staged_rows import StagedRows

_MEMORY_LIMIT = "400MB"
_BATCH_ROWS = 16_384


class KeyComparison:
    """Takes keys, and tells which are new, different or gone."""

    def __init__(self, known: StagedRows) -> None:
        self._key = list(known.key)
        self._schema = pa.schema([known.schema.field(name) for name in known.key])
        # Beside the staged objects, where there is room for what is as large as they are.
        known.staging.incoming.mkdir(parents=True, exist_ok=True)
        self._spill = TemporaryDirectory(prefix="keys-", dir=known.staging.incoming)
        self._connection = engine.connect(Path(self._spill.name))
        self._run(f"SET memory_limit = '{_MEMORY_LIMIT}'")
        self._run(f"CREATE VIEW known AS FROM ({known.sql})")
        self._make("read", self._schema)

    def __enter__(self) -> "KeyComparison":
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()
        self._spill.cleanup()

    def noting(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Pass whole rows on, and remember their keys as read."""
        for batch in batches:
            self._insert("read", batch.select(self._key))
            yield batch

    def count_new(self) -> int:
        """Count the keys read that are not staged."""
        return self._count("FROM read ANTI JOIN known USING ($key)")

    def list_all(self, keys: pa.RecordBatchReader) -> None:
        """Take all keys that the database has now, with their versions where the reader gives them."""
        self._make("listed", keys.schema)
        for batch in keys:
            self._insert("listed", batch)

    def count_listed(self) -> int:
        """Count all keys that the database has now."""
        return self._count("FROM listed")

    def find_unread(self) -> int:
        """Look for the listed keys that are neither staged nor read; `sought` gives them."""
        return self._seek("SELECT $key FROM listed ANTI JOIN known USING ($key) ANTI JOIN read USING ($key)")

    def find_different(self) -> int:
        """Look for the listed keys that are not staged in the same version; `sought` gives them."""
        return self._seek(f"SELECT $key FROM listed ANTI JOIN known USING ($key, {identifier(VERSION)})")

    def sought(self, keys_at_once: int) -> Iterator[list[Sequence[Any]]]:
        """Give the keys that were looked for, so many at once."""
        for batch in self._batches("SELECT $key FROM sought ORDER BY $key"):
            values = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
            for start in range(0, len(values), keys_at_once):
                yield list(values[start : start + keys_at_once])

    def gone(self) -> Iterator[pa.RecordBatch]:
        """Give the staged keys that are not among those listed."""
        for batch in self._batches("SELECT $key FROM known ANTI JOIN listed USING ($key)"):
            yield batch.cast(self._schema)

    @property
    def schema(self) -> pa.Schema:
        """Give the columns and types of the key."""
        return self._schema

    def _seek(self, query: str) -> int:
        self._run(f"CREATE OR REPLACE TEMP TABLE sought AS {query}")
        return self._count("FROM sought")

    def _make(self, table: str, schema: pa.Schema) -> None:
        self._connection.register("incoming", schema.empty_table())
        self._run(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM incoming")
        self._connection.unregister("incoming")

    def _insert(self, table: str, batch: pa.RecordBatch) -> None:
        self._connection.register("incoming", pa.Table.from_batches([batch]))
        self._run(f"INSERT INTO {table} FROM incoming")
        self._connection.unregister("incoming")

    def _count(self, query: str) -> int:
        return int(self._run(f"SELECT count(*) {query}").fetchall()[0][0])

    def _batches(self, query: str) -> Iterator[pa.RecordBatch]:
        # No other question may come before the last batch is read.
        yield from self._connection.sql(self._with_key(query)).to_arrow_reader(_BATCH_ROWS)

    def _run(self, sql: str) -> Any:
        return self._connection.execute(self._with_key(sql))

    def _with_key(self, sql: str) -> str:
        return sql.replace("$key", ", ".join(identifier(name) for name in self._key))
