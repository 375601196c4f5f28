"""One table of a PostgreSQL server, and the SQL that reads what is wanted of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bifrost.engine import identifier
from bifrost.iris import sql_text
from crawlers.databases.postgresql.columns import Column, Reading
from crawlers.databases.postgresql.relations import Relation, Shape


@dataclass(frozen=True, slots=True)
class Table:
    """A relation with the columns that are copied and the conditions that its rows meet."""

    relation: Relation
    shape: Shape
    left: frozenset[str] = frozenset()
    """Columns whose values stay at the server."""
    conditions: tuple[str, ...] = ()

    @property
    def columns(self) -> list[tuple[Column, str]]:
        """Give the copied columns, each with its name in staging."""
        pairs = zip(self.shape.columns, self.shape.names, strict=True)
        return [(column, name) for column, name in pairs if column.name not in self.left]

    @property
    def rows(self) -> str:
        """Give the rest of a query, from its FROM on."""
        met = " AND ".join(f"({condition})" for condition in self.conditions)
        return f"FROM {self.relation.origin} AS {identifier(self.alias)}" + (f" WHERE {met}" if met else "")

    @property
    def alias(self) -> str:
        """Name the row; a column of the same name would win."""
        alias = "row"
        while any(column.name == alias for column in self.shape.columns):
            alias += "_"
        return alias

    def narrowed(self, *conditions: str) -> "Table":
        """Give the table with fewer rows."""
        return replace(self, conditions=(*self.conditions, *conditions))

    def whole(self) -> "Table":
        """Give the table with the fields that are left at the server."""
        return replace(self, left=frozenset())

    def selection(self, chosen: Sequence[Reading], limit: int | None = None) -> str:
        """Select columns as they are to be read; in the order of the key for as many as `limit` says."""
        columns = ", ".join(f"{reading.expression} AS {identifier(reading.name)}" for reading in chosen)
        if limit is None:
            return f"SELECT {columns} {self.rows}"
        key = ", ".join(identifier(name) for name in self.shape.key)
        return f"SELECT {columns} {self.rows}{f' ORDER BY {key}' if key else ''} LIMIT {limit}"

    def keys(self, chosen: Sequence[Reading]) -> str:
        """Select the columns of the key only."""
        return self.selection([reading for reading in chosen if reading.name in self.shape.staged_key])

    def count(self, newer: str) -> str:
        """Count all rows, and those that meet a condition; of these also give where they lie."""
        # A place within a partition does not tell which partition.
        places = f"array_agg(ctid) FILTER (WHERE {newer})" if self.relation.kind == "r" else "NULL"
        return f"SELECT count(*), count(*) FILTER (WHERE {newer}), {places}::text[] {self.rows}"

    def digest(self) -> str:
        """Digest all copied values in whatever order the rows lie; only the sum leaves the server."""
        row = ", ".join(identifier(column.name) for column, _ in self.columns)
        whole = identifier(self.alias) if not self.left else f"ROW({row})"
        return f"SELECT count(*), coalesce(sum(hashtextextended({whole}::text, 0)), 0) {self.rows}"

    def highest(self, column: str) -> str:
        """Count all rows, and give the highest value of a column that grows with every change."""
        return f"SELECT count(*), max({identifier(column)})::text {self.rows}"

    def bounds(self, rows_each: int) -> str:
        """Select the key of every so many rows, as text."""
        key = ", ".join(identifier(name) for name in self.shape.key)
        texts = ", ".join(f"{identifier(name)}::text" for name in self.shape.key)
        numbered = f"SELECT {key}, row_number() OVER (ORDER BY {key}) AS number_ {self.rows}"
        return f"SELECT {texts} FROM ({numbered}) AS numbered WHERE number_ % {rows_each} = 0 ORDER BY number_"

    def between(self, start: Sequence[str], end: Sequence[str]) -> "Table":
        """Give the rows whose key is after `start` and not after `end`; either may be empty."""
        # Written out: with bound values the driver would hold all rows in memory. Backslashes mean themselves here.
        key = ", ".join(identifier(name) for name in self.shape.key)
        after = [f"({key}) > ({self._typed(map(sql_text, start))})"] if start else []
        to = [f"({key}) <= ({self._typed(map(sql_text, end))})"] if end else []
        return self.narrowed(*after, *to)

    def of_key(self, key: Sequence[str]) -> "Table":
        """Give the row whose key is bound to $1, $2 and so on."""
        names = ", ".join(identifier(name) for name in self.shape.key)
        places = (f"${number}::text" for number, _ in enumerate(key, start=1))
        return self.narrowed(f"({names}) = ({self._typed(places)})")

    def _typed(self, values: Iterable[str]) -> str:
        """Give values for the columns of the key their types."""
        declared = {column.name: column.declared for column in self.shape.columns}
        return ", ".join(f"{value}::{declared[name]}" for name, value in zip(self.shape.key, values, strict=True))
