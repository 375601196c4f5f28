"""Tables with a column that grows with every change of a row: only the latest rows are read.

The cursor is the column's highest value that is not in the future. A row whose value is missing or lies in the future
counts as changed every time. Rows that were committed late with an earlier time are found within the overlap. When the
number of rows does not fit afterwards, all keys are listed: those not known are read, known ones not listed are gone.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
from pydantic import Field

from bifrost.config import TableSelection
from bifrost.ports import Changes, Rows
from bifrost.staged_rows import StagedRows
from crawlers.databases.changes.staged_keys import KeyComparison
from crawlers.databases.changes.table_state import TableState
from crawlers.databases.key_conditions import among
from crawlers.databases.open_readers import closing, closing_on_failure
from crawlers.databases.table_query import Database, TableQuery

METHOD = "changed-by"
LARGEST_SHARE = 0.3
"""When more of a table than this is different, it is read as a whole."""
_KEYS_AT_ONCE = 500


class ChangingTables(TableSelection):
    """The settings of a kind of database whose tables may have change columns."""

    change_overlap_seconds: float = Field(
        default=300,
        ge=0,
        description="how far before the latest known change to read again, for transactions that were committed late",
    )


@dataclass(frozen=True, slots=True)
class ChangeColumn:
    """A column that grows with every change of a row."""

    name: str
    column: str
    """The SQL that it is compared as."""
    now: str = ""
    """The highest value of the past as SQL: the database's clock. Empty for numbers, which have no future."""
    overlap: timedelta = timedelta(0)


def state(database: Database, table: TableQuery, by: ChangeColumn, shape: str, touched: str = "") -> TableState:
    """Sum up a table by its change column."""
    past = f"CASE WHEN {by.column} <= {by.now} THEN {by.column} END" if by.now else by.column
    count, cursor, sure = database.rows(f"SELECT COUNT(*), MAX({past}), COUNT({past}) {table.rows_of()}")[0]
    # Whether rows without a value, or with one of the future, changed cannot be told: no two such states are the same.
    unsure = f",{time.time_ns()}" if sure != count else ""
    recent = 0
    if (since := _since(_text(cursor), by)) is not None:
        recent = database.rows(f"SELECT COUNT(*) {table.rows_of(f'{by.column} >= {database.literal(since)}')}")[0][0]
    return TableState(METHOD, shape, int(count), f"{_text(cursor)},{recent}{unsure}", touched)


def changes(
    database: Database, table: TableQuery, by: ChangeColumn, known: StagedRows, opened: ExitStack
) -> Changes | None:
    """Give what changed since the staged rows were read, or None where only the whole table tells.

    Args:
        database: the view of the database that stays the same until `opened` is closed.
        table: its columns and types are those that are staged.
        by: the column that was declared or discovered.
        known: what is staged.
        opened: closed after the last batch of what is gone.
    """
    before = TableState.of(known.item.fingerprint)
    if before is None or before.method != METHOD:
        return None
    since = _since(before.state.split(",")[0], by)
    if since is None:
        return None
    wanted = f"{by.column} >= {database.literal(since)} OR {by.column} IS NULL"
    count, hits = database.rows(f"SELECT COUNT(*), COUNT(CASE WHEN {wanted} THEN 1 END) {table.rows_of()}")[0]
    if hits > LARGEST_SHARE * count:
        return None
    return _Latest(database, table, wanted, int(count), known, opened).changes()


@dataclass(slots=True)
class _Latest:
    """The latest rows of a table, and the check that with them everything is there."""

    database: Database
    table: TableQuery
    wanted: str
    count: int
    known: StagedRows
    opened: ExitStack
    keys: KeyComparison = field(init=False)
    is_complete: bool = False

    def changes(self) -> Changes:
        self.keys = self.opened.enter_context(KeyComparison(self.known))
        reader = closing_on_failure(self.table.schema, self._rows(), self.opened)
        return Changes(Rows(reader), closing(self.keys.schema, self._gone(), self.opened))

    def _rows(self) -> Iterator[pa.RecordBatch]:
        columns = self.table.columns
        yield from self.keys.noting(self.database.stream(columns, self.table.tail(self.wanted)))
        if self.known.count + self.keys.count_new() == self.count:
            self.is_complete = True
            return
        self.keys.list_all(self.database.stream(self.table.key_columns, self.table.rows_of()))
        if self.keys.find_unread():
            yield from rows_of_keys(self.database, self.table, self.keys)

    def _gone(self) -> Iterator[pa.RecordBatch]:
        if not self.is_complete:
            yield from self.keys.gone()


def rows_of_keys(database: Database, table: TableQuery, keys: KeyComparison) -> Iterator[pa.RecordBatch]:
    """Read the rows of the keys that were looked for."""
    for some in keys.sought(_KEYS_AT_ONCE):
        yield from database.stream(table.columns, table.tail(among(database, table.key_columns, some)))


def _text(value: Any) -> str:
    """Write a value of a change column so that `_since` reads it."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _since(cursor: str, by: ChangeColumn) -> Any:
    """Give the value from which on to read, or None where the cursor is no number and no time."""
    if cursor.lstrip("-").isdigit():
        return int(cursor)
    try:
        if len(cursor) == len("2000-01-01"):
            return (datetime.fromisoformat(cursor) - by.overlap).date()
        return datetime.fromisoformat(cursor) - by.overlap
    except (ValueError, OverflowError):
        return None
