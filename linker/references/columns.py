"""Fields as candidates for either end of a reference: what their profile and their name say."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from bifrost.field_words import (
    GENERIC_WORDS,
    PEOPLE,
    PREPOSITIONS,
    REFERENCE_WORDS,
    SELF_ROLES,
    core,
    singular,
    table_words,
    unglued,
    words,
)
from bifrost.model import Table

LABEL_WORDS = frozenset({"name", "title", "label", "designation"})
SELF_ROLE_WORDS = SELF_ROLES | {singular(role) for role in SELF_ROLES}
_NEVER = frozenset({"date", "time", "boolean", "text", "url", "phone", "binary", "nested"})
_LEADING_LETTERS = re.compile(r"[^\W\d_]+(?=[\W_]*\d)")
_AGREE = 0.8
_DENSE = 2.0

Words = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A field with its profile."""

    table: Table
    field: str
    position: int
    type: str
    semantic: str
    rows: int
    distinct: int
    unique: bool
    minimum: str | None
    maximum: str | None
    samples: tuple[str, ...]
    raw_words: Words
    table_words: Words

    @cached_property
    def words(self) -> Words:
        """Give the words of the name in the singular."""
        return tuple(singular(word) for word in self.raw_words)

    @property
    def id(self) -> str:
        """Name the field uniquely within the project."""
        return f"{self.table.id}.{self.field}"

    @cached_property
    def core(self) -> Words:
        """Give the words without those that only say "identifier" or "role"."""
        return core(self.words)

    @property
    def sole_key(self) -> bool:
        """Tell whether this field alone is its table's key."""
        return self.table.key == (self.field,)

    @property
    def refers(self) -> bool:
        """Tell whether the name ends like a reference."""
        return len(self.words) > 1 and self.words[-1] in REFERENCE_WORDS | PREPOSITIONS

    @property
    def is_label(self) -> bool:
        """Tell whether the field holds what people call the thing."""
        return self.words[-1:] != () and self.words[-1] in LABEL_WORDS

    @property
    def names_own_table(self) -> bool:
        """Tell whether the field is named after the table it stands in, and tells its records apart."""
        first = self.sole_key or (self.unique and not self.table.key)
        named = self.core == self.table_words or (first and self.core == self.table_words[-1:])
        return bool(self.core) and named

    @property
    def generic(self) -> bool:
        """Tell whether any table may have a field of this name."""
        return all(word in GENERIC_WORDS for word in self.words)

    @property
    def empty(self) -> bool:
        """Tell whether there is no value at all."""
        return self.distinct == 0

    @cached_property
    def range(self) -> tuple[int, int] | None:
        """Give the smallest and largest value of integers."""
        if self.type != "integer" or self.minimum is None or self.maximum is None:
            return None
        return int(self.minimum), int(self.maximum)

    @property
    def serial(self) -> bool:
        """Tell whether these are integers that leave few gaps: such keys contain any small integers by chance."""
        return self.range is not None and self.range[1] - self.range[0] + 1 <= _DENSE * self.distinct + 10

    @cached_property
    def prefix(self) -> str:
        """Give the letters that stand before the digits of most values: `po` of `PO-0001`; or nothing."""
        found = Counter(match[0].lower() for value in self.samples if (match := _LEADING_LETTERS.match(value)))
        word, count = found.most_common(1)[0] if found else ("", 0)
        return word if count >= _AGREE * len(self.samples) else ""


def columns(tables: Sequence[Table], profiles: pa.Table) -> list[Column]:
    """Bring tables and `bifrost.schemas.PROFILES` together, ordered by table and position."""
    known = {(table.source, table.name): table for table in tables}
    rows = profiles.drop_columns(["sketch", "embedding"]).to_pylist()
    vocabulary = _vocabulary(tables)
    found = [
        _column(known[row["source"], row["table"]], row, vocabulary)
        for row in rows
        if (row["source"], row["table"]) in known
    ]
    return sorted(found, key=lambda column: (column.table.id, column.position))


def can_refer(column: Column) -> bool:
    """Tell whether values of the field could name records elsewhere."""
    return column.type in ("integer", "text") and column.semantic not in _NEVER


def can_be_key(column: Column) -> bool:
    """Tell whether values of the field could tell records apart for others."""
    usable = column.type in ("integer", "text") and column.semantic not in _NEVER
    return usable and (column.unique or (column.sole_key and column.empty))


def _column(table: Table, row: dict[str, object], vocabulary: Set[str]) -> Column:
    name = str(row["field"])
    kept = ("field", "position", "type", "semantic", "rows", "distinct", "unique", "minimum", "maximum")
    return Column(
        table=table,
        samples=tuple(row["samples"]),  # type: ignore[arg-type]  # a list by the schema of profiles
        raw_words=unglued(words(name), vocabulary),
        table_words=_split_table(table, vocabulary),
        **{key: row[key] for key in kept},  # type: ignore[arg-type]  # as above
    )


def _split_table(table: Table, vocabulary: Set[str]) -> Words:
    own = table_words(table.name)
    return tuple(singular(word) for word in unglued(own, vocabulary - set(own)))


def _vocabulary(tables: Iterable[Table]) -> set[str]:
    """Collect the words that names written as one word may be made of."""
    found = {word for table in tables for word in table_words(table.name)}
    found |= {
        singular(word) for table in tables for name in table.fields if len(words(name)) > 1 for word in words(name)
    }
    return {word for word in found if len(word) >= 4} | SELF_ROLES | PEOPLE
