"""How PostgreSQL's columns are read: in types that every later step understands, without losing values."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Query = Callable[[str], list[tuple[object, ...]]]

_AS_THEY_ARE = frozenset({"bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar"})
_WITH_INFINITY = frozenset({"date", "timestamp", "timestamptz"})
_EXACT_DIGITS = 15
"""Decimal digits that a double keeps."""
_INTEGER_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; a domain counts as the type below it."""

    name: str
    type: str
    modifier: int
    """The type's modifier as the catalog keeps it: for numeric, precision and scale."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The name and the SQL under which a column is read."""

    name: str
    expression: str


def quoted(name: str) -> str:
    """Write a name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def readings(
    query: Query, origin: str, columns: Sequence[Column], names: Iterable[str]
) -> tuple[list[Reading], list[tuple[str, str]]]:
    """Choose how each column is read, and say what is left out and why."""
    chosen: list[Reading] = []
    rejects: list[tuple[str, str]] = []
    unsure = _types_by_values(query, origin, columns)
    for column, name in zip(columns, names, strict=True):
        if column.type == "bytea":
            rejects.append((name, "column of binary values: it is left out"))
            continue
        target = unsure.get(column.name) or _type(column)
        value = quoted(column.name)
        # Money has no cast to a number of its own.
        expression = f"{value}::numeric::{target}" if column.type == "money" else f"{value}::{target}"
        chosen.append(Reading(name, expression))
    return chosen, rejects


def _type(column: Column) -> str:
    """Give the type to read a column in where the declared type suffices to tell."""
    if column.type in _AS_THEY_ARE:
        return column.type
    if column.type == "oid":
        return "int8"
    if column.type == "money":
        return "float8"
    if column.type == "numeric":
        return "int8" if _scale(column) == 0 else "float8"
    return "text"


def _types_by_values(query: Query, origin: str, columns: Sequence[Column]) -> dict[str, str]:
    """Choose the types of columns whose declared type allows values that its Arrow counterpart cannot hold."""
    tests: dict[tuple[str, str], str] = {}
    for column in columns:
        value = quoted(column.name)
        if column.type in _WITH_INFINITY:
            tests[column.name, column.type] = f"isfinite({value})"
        elif column.type == "numeric" and not _is_bounded(column):
            tests[column.name, "int8"] = f"abs({value}) < 1e{_INTEGER_DIGITS} AND {value} = trunc({value})"
            # A double turns back into the same number exactly when it kept all digits.
            round_trip = f"{value}::float8::numeric = {value}"
            tests[column.name, "float8"] = f"CASE WHEN abs({value}) < 1e300 THEN {round_trip} ELSE {value} IS NULL END"
    if not tests:
        return {}
    answers = query("SELECT " + ", ".join(f"bool_and({test})" for test in tests.values()) + f" FROM {origin}")[0]
    chosen: dict[str, str] = {}
    for (name, target), holds in zip(tests, answers, strict=True):
        if holds is not False:
            chosen.setdefault(name, target)
    return {name: chosen.get(name, "text") for name, _ in tests}


def _is_bounded(column: Column) -> bool:
    """Tell whether a numeric column's declared digits fit into a double, or a whole number into 64 bits."""
    if column.modifier < 0:
        return False
    precision, scale = (column.modifier - 4) >> 16, _scale(column)
    return scale >= 0 and precision <= (_INTEGER_DIGITS if scale == 0 else _EXACT_DIGITS)


def _scale(column: Column) -> int:
    # Eleven bits with a sign.
    return (((column.modifier - 4) & 0x7FF) ^ 1024) - 1024
