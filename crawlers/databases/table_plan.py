"""How one table is read under the settings of its source: what is copied, which rows, and what tells changes."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from bifrost.config import TableSelection
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Changes, Rows
from bifrost.staged_rows import StagedRows
from crawlers.databases.arrow_batches import Rejects
from crawlers.databases.changes import change_columns, row_hashes
from crawlers.databases.changes.change_columns import ChangeColumn
from crawlers.databases.changes.table_state import TableState, can_change, shape
from crawlers.databases.table_query import Database, ReadColumn, TableQuery
from crawlers.selection import change_column, is_copied, row_condition


@dataclass(frozen=True, slots=True)
class Relation:
    """A table as the database's catalog has it."""

    schema: str
    name: str
    key: str
    """How people call it: with its schema unless that is the usual one."""
    origin: str
    """What stands after FROM."""
    is_view: bool = False
    size_bytes: int | None = None
    touched: str = ""
    """When the database itself says that the table was last changed, where that can be trusted."""


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column of a table, and the ways it can serve."""

    name: str
    """Its name in the database."""
    declared: str
    """Its type as declared: another one is another shape of the table."""
    reading: ReadColumn | None
    left_out: str = ""
    """Why it is not read."""
    hashed: str = ""
    """The SQL that stands for its value in a row's hash."""
    changes: ChangeColumn | None = None
    """How it would serve as a change column, where its type allows that."""
    is_maintained: bool = False
    """True where the database itself moves it on with every change of a row."""


Hasher = Callable[[Sequence[FoundColumn]], str]
"""Gives the SQL of a row's hash, or nothing where the database has none."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How one table is read."""

    copied: TableQuery
    recorded: TableQuery
    """The same with the fields that are left at the source."""
    shape: str
    by: ChangeColumn | None = None
    row_hash: str = ""
    rejects: Rejects = field(default_factory=Rejects)

    def state(self, database: Database, touched: str = "") -> TableState | None:
        """Sum the table up within the database, or give None where only reading it tells."""
        if self.by:
            return change_columns.state(database, self.copied, self.by, self.shape, touched)
        if self.row_hash:
            return row_hashes.state(database, self.copied, self.row_hash, self.shape, touched)
        return None

    def changes(self, database: Database, item: Item, known: StagedRows, opened: ExitStack) -> Changes | None:
        """Give what changed since the staged rows were read, or None where the whole table must be read."""
        before, now = TableState.of(known.item.fingerprint), TableState.of(item.fingerprint)
        if before is None or before.shape != self.shape or not can_change(item, self.copied, known):
            return None
        if now and replace(before, touched=now.touched) == now:
            return _nothing_changed(known, opened)
        if self.by and before.method == change_columns.METHOD:
            return change_columns.changes(database, self.copied, self.by, known, opened)
        if self.row_hash and before.method == row_hashes.METHOD:
            return row_hashes.changes(database, self.copied, known, opened)
        return None


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes plans for the tables of one source."""

    source: str
    config: TableSelection
    version: object
    """Part of every shape: raise it whenever the same table may be read differently."""
    hasher: Hasher

    def plan(self, relation: Relation, columns: Sequence[FoundColumn], key: Sequence[str]) -> TablePlan:
        """Put together how a table is read.

        Raises:
            ItemUnreadable: the settings make no sense for this table, or nothing of it can be read.
        """
        copied = [column for column in columns if is_copied(self.config, relation.key, column.name)]
        self._check(relation, columns, copied, key)
        named = {column.name: column.reading for column in columns}
        readings = [named.get(name) for name in key]
        names = tuple(reading.name for reading in readings if reading)
        # A key that is binary in part, and therefore not read, tells no rows apart.
        names = names if len(names) == len(key) else ()
        condition = self._condition(relation)
        by = self._changed_by(relation, columns, copied)
        query = TableQuery(relation.origin, _read(copied), names, condition)
        row_hash = "" if by else self.hasher([column for column in copied if column.hashed])
        declared = [(column.name, column.declared) for column in copied]
        return TablePlan(
            copied=query.with_column(row_hashes.version(row_hash)) if row_hash and names else query,
            recorded=TableQuery(relation.origin, _read(columns), names, condition),
            shape=shape(self.version, declared, names, condition, by.name if by else row_hash),
            by=by,
            row_hash=row_hash,
            rejects=Rejects((column.name, column.left_out) for column in copied if column.left_out),
        )

    def _condition(self, relation: Relation) -> str:
        condition = row_condition(self.config, relation.key).strip()
        if _has_semicolon(condition):
            raise self._unreadable(relation, "its condition in 'rows' holds a ';': give one condition in SQL")
        return condition

    def _check(
        self, relation: Relation, columns: Sequence[FoundColumn], copied: Sequence[FoundColumn], key: Sequence[str]
    ) -> None:
        kept = {column.name for column in copied}
        for column in columns:
            if column.name in key and column.name not in kept:
                raise self._unreadable(
                    relation, f"field {column.name!r} belongs to the primary key and cannot be link-only: copy it"
                )
        if not _read(copied):
            raise self._unreadable(relation, "it has no columns that can be read")

    def _changed_by(
        self, relation: Relation, columns: Sequence[FoundColumn], copied: Sequence[FoundColumn]
    ) -> ChangeColumn | None:
        wanted = change_column(self.config, relation.key)
        if wanted is None:
            # Its highest value is kept in the catalog: that needs a copied column, or a word of a person.
            found = [column.changes for column in copied if column.is_maintained and column.changes]
            return found[0] if found else None
        if not wanted:
            return None
        by_name = {column.name: column for column in columns}
        if wanted not in by_name:
            raise self._unreadable(relation, f"it has no column {wanted!r}, which 'changed_by' names")
        if by_name[wanted].changes is None:
            raise self._unreadable(relation, f"column {wanted!r}, which 'changed_by' names, holds no numbers or times")
        return by_name[wanted].changes

    def _unreadable(self, relation: Relation, reason: str) -> ItemUnreadable:
        return ItemUnreadable(self.source, relation.key, reason)


def _nothing_changed(known: StagedRows, opened: ExitStack) -> Changes:
    """Give no changes: only what the database says of the table's last change is news."""
    opened.close()
    return Changes(Rows(known.schema.empty_table().to_reader()))


def _read(columns: Sequence[FoundColumn]) -> tuple[ReadColumn, ...]:
    return tuple(column.reading for column in columns if column.reading)


def _has_semicolon(condition: str) -> bool:
    """Tell whether a statement could follow; what stands in quotes does not count."""
    quote = ""
    for letter in condition:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        elif letter == ";":
            return True
    return False
