"""How a table is asked for: its columns as they are read, its key, and the condition on its rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column as it is read."""

    name: str
    """Its name in staging."""
    column: str
    """The SQL that conditions and orders use; a literal of the column's type can be compared with it."""
    expression: str
    """The SQL that yields its values as they are read."""
    type: pa.DataType


class Database(Protocol):
    """One consistent view of a database through one read-only connection; it raises errors in our words."""

    def quoted(self, name: str) -> str:
        """Write a name as SQL."""
        ...

    def literal(self, value: Any) -> str:
        """Write a whole number, a double, a text, a truth value, a date or a time as SQL."""
        ...

    def page(self, limit: int, offset: int = 0) -> str:
        """Give the SQL after ORDER BY that takes so many rows."""
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query with a small answer."""
        ...

    def stream(self, columns: Sequence[ReadColumn], tail: str) -> pa.RecordBatchReader:
        """Select columns with what follows after them (FROM ...); one stream at a time, read to its end."""
        ...


@dataclass(frozen=True, slots=True)
class TableQuery:
    """A table with the columns and rows that are wanted of it."""

    origin: str
    """What stands after FROM."""
    columns: tuple[ReadColumn, ...]
    key: tuple[str, ...] = ()
    """Names in staging of the columns of the primary key, all of them read."""
    condition: str = ""

    @property
    def schema(self) -> pa.Schema:
        """Give the names and types of all columns."""
        return schema_of(self.columns)

    @property
    def key_columns(self) -> tuple[ReadColumn, ...]:
        """Give the columns of the primary key in its order."""
        by_name = {column.name: column for column in self.columns}
        return tuple(by_name[name] for name in self.key)

    def tail(self, where: str = "", *, page: str = "") -> str:
        """Give the SQL from FROM on: by primary key where there is one."""
        order = ", ".join(column.column for column in self.key_columns)
        return self.rows_of(where) + (f" ORDER BY {order}" if order else "") + (f" {page}" if page else "")

    def rows_of(self, where: str = "") -> str:
        """Give the SQL from FROM on, in no order."""
        # A line break ends a comment that the condition may end with.
        conditions = [f"({each}\n)" for each in (self.condition, where) if each]
        return f"FROM {self.origin}" + (f" WHERE {' AND '.join(conditions)}" if conditions else "")

    def with_column(self, column: ReadColumn) -> "TableQuery":
        """Read one more column."""
        return replace(self, columns=(*self.columns, column))


def schema_of(columns: Iterable[ReadColumn]) -> pa.Schema:
    """Give the names and types that columns are read under."""
    return pa.schema([pa.field(column.name, column.type) for column in columns])
