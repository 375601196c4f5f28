"""How databases without a dialect of their own here write SQL, and what sets SQL Server and Oracle apart."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from crawlers.databases.arrow_batches import Rejects, batch_of_rows
from crawlers.databases.table_query import ReadColumn

_INTEGER_DIGITS = 18


class PlainDialect:
    """The SQL that most databases read."""

    opening: Sequence[str] = ()
    beginning: Sequence[str] = ()
    clock = "CURRENT_TIMESTAMP"
    """The server's own time, for columns without a zone."""
    clock_with_zone = "CURRENT_TIMESTAMP"
    text_type = "VARCHAR(4000)"

    def literal(self, value: Any) -> str:
        """Write a value; a time is a text that the database reads."""
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, int | float):
            return repr(value)
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        return self.text(str(value))

    def text(self, value: str) -> str:
        """Write a text."""
        return "'" + value.replace("'", "''") + "'"

    def moment(self, value: datetime) -> str:
        """Write a time, with its zone if it has one."""
        return f"'{value.isoformat(sep=' ')}'"

    def day(self, value: date) -> str:
        """Write a date."""
        return f"'{value.isoformat()}'"

    def page(self, limit: int, offset: int = 0) -> str:
        """Give the SQL after ORDER BY that takes so many rows."""
        return f"LIMIT {limit} OFFSET {offset}"

    def selection(self, columns: Sequence[ReadColumn]) -> str:
        """List columns."""
        return ", ".join(column.expression for column in columns)

    def batch(self, rows: Sequence[Any], columns: Sequence[ReadColumn], rejects: Rejects) -> pa.RecordBatch:
        """Make a batch of the driver's rows."""
        return batch_of_rows(rows, columns, rejects)

    def abandon(self, cursor: Any) -> None:
        """Nothing is left to do for a cursor in mid-stream whose connection is closed."""

    def as_text(self, value: str) -> str:
        """Write a value of any other type as text."""
        return f"CAST({value} AS {self.text_type})"

    def in_utc(self, value: str) -> str:
        """Give a time with a zone so that the driver tells the moment."""
        return value

    def is_whole(self, value: str) -> str:
        """Tell whether a number of any size fits into 64 bits."""
        return f"ABS({value}) < 1e{_INTEGER_DIGITS} AND {value} = FLOOR({value})"


class SqliteDialect(PlainDialect):
    """SQLite: texts have no length."""

    opening = ("PRAGMA query_only = ON",)
    text_type = "TEXT"


class PostgresqlDialect(PlainDialect):
    """PostgreSQL: sessions only read."""

    opening = ("SET default_transaction_read_only = on", "SET TIME ZONE 'UTC'")
    beginning = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",)
    text_type = "TEXT"


class MssqlDialect(PlainDialect):
    """SQL Server: it has no sessions that only read, and so only SELECTs are sent."""

    clock = "SYSDATETIME()"
    clock_with_zone = "SYSDATETIMEOFFSET()"
    text_type = "NVARCHAR(MAX)"

    def __init__(self, lock_timeout_seconds: int) -> None:
        self.opening = (f"SET LOCK_TIMEOUT {lock_timeout_seconds * 1000}",)

    def text(self, value: str) -> str:
        """Write a text of any letters."""
        return "N" + super().text(value)

    def moment(self, value: datetime) -> str:
        """Write a time, with its zone if it has one."""
        kind = "DATETIMEOFFSET" if value.tzinfo else "DATETIME2"
        return f"CAST('{value.isoformat(timespec='microseconds')}' AS {kind})"

    def day(self, value: date) -> str:
        """Write a date."""
        return f"CAST('{value.isoformat()}' AS DATE)"

    def page(self, limit: int, offset: int = 0) -> str:
        """Give the SQL after ORDER BY that takes so many rows."""
        return f"OFFSET {offset} ROWS FETCH NEXT {limit} ROWS ONLY"

    def in_utc(self, value: str) -> str:
        """Give a time with a zone as UTC without one."""
        return f"CAST(SWITCHOFFSET({value}, '+00:00') AS DATETIME2)"


class OracleDialect(PlainDialect):
    """Oracle: a read-only transaction sees one state of the database."""

    opening = ("ALTER SESSION SET TIME_ZONE = 'UTC'", "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'")
    beginning = ("SET TRANSACTION READ ONLY",)
    clock = "CAST(SYSTIMESTAMP AS TIMESTAMP)"
    clock_with_zone = "SYSTIMESTAMP"

    def moment(self, value: datetime) -> str:
        """Write a time."""
        in_utc = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        zone = " +00:00" if value.tzinfo else ""
        return f"TIMESTAMP '{in_utc.isoformat(sep=' ', timespec='microseconds')}{zone}'"

    def day(self, value: date) -> str:
        """Write a date."""
        return f"DATE '{value.isoformat()}'"

    def page(self, limit: int, offset: int = 0) -> str:
        """Give the SQL after ORDER BY that takes so many rows."""
        return f"OFFSET {offset} ROWS FETCH NEXT {limit} ROWS ONLY"

    def as_text(self, value: str) -> str:
        """Write a value of any other type as text."""
        return f"TO_CHAR({value})"

    def in_utc(self, value: str) -> str:
        """Give a time with a zone as UTC without one."""
        return f"SYS_EXTRACT_UTC({value})"
