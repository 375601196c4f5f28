"""How PostgreSQL's columns are read: in types that every later step understands, without losing values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from bifrost.engine import identifier

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
    declared: str = ""
    """The type as SQL writes it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The name and the SQL under which a column is read."""

    name: str
    expression: str


def readings(
    columns: Iterable[tuple[Column, str]], types: Mapping[str, str]
) -> tuple[list[Reading], list[tuple[str, str]]]:
    """Choose how each column (with its name in staging) is read, and say what is left out and why.

    `types` are those that `types_by_values` or `types_as_staged` found for columns of which the declared type does
    not tell.
    """
    chosen: list[Reading] = []
    rejects: list[tuple[str, str]] = []
    for column, name in columns:
        if column.type == "bytea":
            rejects.append((name, "column of binary values: it is left out"))
            continue
        target = types.get(column.name) or _type(column)
        value = identifier(column.name)
        # Money has no cast to a number of its own.
        expression = f"{value}::numeric::{target}" if column.type == "money" else f"{value}::{target}"
        chosen.append(Reading(name, expression))
    return chosen, rejects


def types_by_values(query: Query, rows: str, columns: Iterable[Column]) -> dict[str, str]:
    """Choose the types of columns whose declared type allows values that its Arrow counterpart cannot hold.

    `rows` is the rest of a query, from its FROM on.
    """
    tests = {(column.name, target): test for column in columns for target, test in _tests(column).items()}
    held = _held(query, rows, tests)
    chosen: dict[str, str] = {}
    for name, target in held:
        chosen.setdefault(name, target)
    return {name: chosen.get(name, "text") for name, _ in tests}


def types_as_staged(
    query: Query, rows: str, columns: Iterable[tuple[Column, str]], schema: pa.Schema
) -> dict[str, str] | None:
    """Choose the types that are staged for the same columns; None when some of these rows do not fit into them."""
    tests: dict[tuple[str, str], str] = {}
    types: dict[str, str] = {}
    for column, name in columns:
        possible = _tests(column)
        if not possible:
            continue
        at = schema.get_field_index(name)
        target = _target(schema.field(at).type, possible) if at >= 0 else None
        if target is None:
            return None
        types[column.name] = target
        if target != "text":
            tests[column.name, target] = possible[target]
    return types if len(_held(query, rows, tests)) == len(tests) else None


def _target(staged: pa.DataType, possible: Mapping[str, str]) -> str | None:
    if pa.types.is_string(staged):
        return "text"
    arrow = {"int8": pa.types.is_int64, "float8": pa.types.is_float64, "date": pa.types.is_date32}
    return next((target for target in possible if arrow.get(target, pa.types.is_timestamp)(staged)), None)


def _held(query: Query, rows: str, tests: Mapping[tuple[str, str], str]) -> list[tuple[str, str]]:
    if not tests:
        return []
    answers = query("SELECT " + ", ".join(f"bool_and({test})" for test in tests.values()) + f" {rows}")[0]
    return [test for test, holds in zip(tests, answers, strict=True) if holds is not False]


def _tests(column: Column) -> dict[str, str]:
    """Give the types that may hold a column's values, the best first, with what must hold for every value."""
    value = identifier(column.name)
    if column.type in _WITH_INFINITY:
        return {column.type: f"isfinite({value})"}
    if column.type == "numeric" and not _is_bounded(column):
        # A double turns back into the same number exactly when it kept all digits.
        round_trip = f"{value}::float8::numeric = {value}"
        return {
            "int8": f"abs({value}) < 1e{_INTEGER_DIGITS} AND {value} = trunc({value})",
            "float8": f"CASE WHEN abs({value}) < 1e300 THEN {round_trip} ELSE {value} IS NULL END",
        }
    return {}


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


def _is_bounded(column: Column) -> bool:
    """Tell whether a numeric column's declared digits fit into a double, or a whole number into 64 bits."""
    if column.modifier < 0:
        return False
    precision, scale = (column.modifier - 4) >> 16, _scale(column)
    return scale >= 0 and precision <= (_INTEGER_DIGITS if scale == 0 else _EXACT_DIGITS)


def _scale(column: Column) -> int:
    # Eleven bits with a sign.
    return (((column.modifier - 4) & 0x7FF) ^ 1024) - 1024
