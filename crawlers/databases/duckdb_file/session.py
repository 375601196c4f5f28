"""One read-only connection to a DuckDB file that reaches nothing else."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from bifrost.engine import identifier
from bifrost.errors import BifrostError, ItemUnreadable, SourceDamaged, SourceRefused, SourceUnreachable
from bifrost.iris import sql_text
from crawlers.databases.table_query import ReadColumn, schema_of

_BATCH_ROWS = 16_384
_MAGIC = b"DUCK"
_MAGIC_AT = 8
_SETTINGS = {
    # Without these, a view could read any file, or load an extension that does.
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "memory_limit": "1GB",
    # A file of its own beside the database would be a write.
    "temp_directory": "",
}


class Session:
    """Runs queries for one table, or for the whole file where no table is named."""

    def __init__(self, source: str, path: Path, table: str = "") -> None:
        self.source, self.path, self.table = source, path, table
        try:
            self._check_head()
            self._connection = duckdb.connect(str(path), read_only=True, config=_SETTINGS)
            self._connection.execute("SET TimeZone = 'UTC'")
        except (duckdb.Error, OSError) as error:
            raise self._file_failure(error) from error

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def quoted(self, name: str) -> str:
        """Write a name as SQL."""
        return identifier(name)

    def literal(self, value: Any) -> str:
        """Write a value as SQL."""
        if isinstance(value, bool):
            return str(value)
        if isinstance(value, int | float):
            return repr(value)
        if isinstance(value, datetime):
            zone = "TIMESTAMPTZ" if value.tzinfo else "TIMESTAMP"
            return f"{zone} '{(value.astimezone(UTC) if value.tzinfo else value).isoformat(sep=' ')}'"
        if isinstance(value, date):
            return f"DATE '{value.isoformat()}'"
        return sql_text(str(value))

    def page(self, limit: int, offset: int = 0) -> str:
        """Give the SQL after ORDER BY that takes so many rows."""
        return f"LIMIT {limit} OFFSET {offset}"

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query with a small answer."""
        try:
            # Through Arrow: DuckDB's own way to Python's times needs another package.
            answer = self._connection.sql(sql, params=list(parameters)).to_arrow_table()
        except duckdb.Error as error:
            raise self._failure(error) from error
        return list(zip(*(column.to_pylist() for column in answer.columns), strict=True))

    def stream(self, columns: Sequence[ReadColumn], tail: str) -> pa.RecordBatchReader:
        """Select columns with what follows after them."""
        chosen = ", ".join(f"{column.expression} AS {identifier(column.name)}" for column in columns)
        try:
            reader = self._connection.sql(f"SELECT {chosen} {tail}").to_arrow_reader(_BATCH_ROWS)
        except duckdb.Error as error:
            raise self._failure(error) from error
        schema = schema_of(columns)
        return pa.RecordBatchReader.from_batches(schema, self._batches(reader, schema))

    def _batches(self, reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            for batch in reader:
                yield batch.cast(schema)
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise self._failure(error) from error

    def _check_head(self) -> None:
        with self.path.open("rb") as file:
            head = file.read(_MAGIC_AT + len(_MAGIC))
        if head[_MAGIC_AT:] != _MAGIC:
            raise SourceDamaged(self.source, f"{self.path} is no DuckDB file")

    def _failure(self, error: Exception) -> BifrostError:
        if not self.table:
            return self._file_failure(error)
        return ItemUnreadable(self.source, self.table, _sentence(error))

    def _file_failure(self, error: Exception) -> BifrostError:
        if isinstance(error, PermissionError):
            return SourceRefused(self.source, f"the file {self.path} may not be read")
        reason = _sentence(error)
        if isinstance(error, OSError) or "set lock" in reason or "different configuration" in reason:
            return SourceUnreachable(self.source, f"{self.path}: {reason}")
        return SourceDamaged(self.source, f"{self.path}: {reason}")


def _sentence(error: Exception) -> str:
    """Give the database's own sentence, without the query."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = str(error)
    first = text.splitlines()[0] if text else type(error).__name__
    return first.partition(": ")[2] or first
