"""Conditions in SQL on the key of a table, written out so that every database takes them."""

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from crawlers.databases.table_query import Database, ReadColumn


def equal_to(database: Database, columns: Sequence[ReadColumn], values: Sequence[Any]) -> str:
    """Write that a key has these values."""
    pairs = zip(columns, values, strict=True)
    return " AND ".join(f"{column.column} = {database.literal(value)}" for column, value in pairs)


def among(database: Database, columns: Sequence[ReadColumn], keys: Iterable[Sequence[Any]]) -> str:
    """Write that a key is one of these."""
    if len(columns) == 1:
        return f"{columns[0].column} IN ({', '.join(database.literal(value) for (value,) in keys)})"
    return " OR ".join(f"({equal_to(database, columns, values)})" for values in keys)


def above(database: Database, columns: Sequence[ReadColumn], values: Sequence[Any]) -> str:
    """Write that a key comes after these values."""
    return _beyond(database, columns, values, ">", ">")


def up_to(database: Database, columns: Sequence[ReadColumn], values: Sequence[Any]) -> str:
    """Write that a key comes before these values, or is equal to them."""
    return _beyond(database, columns, values, "<", "<=")


def _beyond(
    database: Database, columns: Sequence[ReadColumn], values: Sequence[Any], strictly: str, at_the_end: str
) -> str:
    """Compare row values without a row constructor; the leading column stands alone so that an index serves."""
    column, value = columns[0].column, database.literal(values[0])
    if len(columns) == 1:
        return f"{column} {at_the_end} {value}"
    rest = _beyond(database, columns[1:], values[1:], strictly, at_the_end)
    return f"{column} {strictly}= {value} AND ({column} {strictly} {value} OR ({rest}))"


def as_texts(columns: Sequence[ReadColumn], values: Sequence[Any]) -> list[str]:
    """Write the values of a key as texts that `from_texts` reads."""
    pairs = zip(columns, values, strict=True)
    return [pa.array([value], column.type).cast(pa.string())[0].as_py() for column, value in pairs]


def from_texts(columns: Sequence[ReadColumn], texts: Sequence[str]) -> list[Any]:
    """Read the values of a key in the columns' types.

    Raises:
        ValueError: a text is no value of its column's type.
    """
    pairs = zip(columns, texts, strict=True)
    return [pa.array([text], pa.string()).cast(column.type)[0].as_py() for column, text in pairs]
