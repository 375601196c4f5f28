"""One read-only connection to a SQLite file."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

_ROWS_AT_ONCE = "8192"
_LOCK_TIMEOUT_MS = 10_000
_WRITE_VERSION_BYTE = 18
_WRITE_AHEAD = 2


class Session:
    """Runs queries in one transaction; a database error is an `adbc_driver_manager.Error` or an OSError."""

    def __init__(self, path: Path) -> None:
        import adbc_driver_sqlite.dbapi as adbc

        self.at_rest = _at_rest(path)
        mode = "mode=ro&immutable=1" if self.at_rest else "mode=ro"
        self._connection = adbc.connect(f"file:{quote(str(path))}?{mode}")
        self.rows(f"PRAGMA busy_timeout = {_LOCK_TIMEOUT_MS}")

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query with a small answer."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def reader(self, sql: str, opened: ExitStack) -> pa.RecordBatchReader:
        """Stream the answer of a query until `opened` is closed.

        The types of the first row hold for all: it must have no NULL.
        """
        settings = {"adbc.sqlite.query.batch_rows": _ROWS_AT_ONCE}
        cursor = opened.enter_context(self._connection.cursor(adbc_stmt_kwargs=settings))
        cursor.execute(sql)
        return opened.enter_context(cursor.fetch_record_batch())


def _at_rest(path: Path) -> bool:
    """Tell whether a write-ahead database is open nowhere.

    Opened the usual way, even for reading, it would get a log and an index file beside it; in a folder that
    may not be written it could not be opened at all.
    """
    if path.with_name(path.name + "-wal").exists():
        return False
    with path.open("rb") as file:
        header = file.read(_WRITE_VERSION_BYTE + 1)
    return len(header) > _WRITE_VERSION_BYTE and header[_WRITE_VERSION_BYTE] == _WRITE_AHEAD
