"""How DuckDB's columns are read: in types that every later step understands, without losing values."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa

from bifrost.engine import identifier
from crawlers.databases.changes.change_columns import ChangeColumn
from crawlers.databases.table_plan import FoundColumn
from crawlers.databases.table_query import ReadColumn

Query = Callable[[str], list[tuple[object, ...]]]

_AS_THEY_ARE = {
    "BOOLEAN": pa.bool_(),
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"), pa.int64()),
    "FLOAT": pa.float32(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
}
_TIMES = {
    "DATE": pa.date32(),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), pa.timestamp("us")),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
}
_LARGE = frozenset({"UBIGINT", "HUGEINT", "UHUGEINT", "BIGNUM"})
_SQL_TYPES = {
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
}
_INTEGER_DIGITS = 18
_EXACT_DIGITS = 15
"""Decimal digits that a double keeps."""
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as DuckDB's catalog has it."""

    name: str
    type: str


def found_columns(
    columns: Sequence[Column], names: Iterable[str], types: Mapping[str, pa.DataType], overlap: timedelta
) -> list[FoundColumn]:
    """Choose how each column is read; `types` settles those that only the values tell."""
    return [_found(column, name, types, overlap) for column, name in zip(columns, names, strict=True)]


def _found(column: Column, name: str, types: Mapping[str, pa.DataType], overlap: timedelta) -> FoundColumn:
    value = identifier(column.name)
    if column.type == "BLOB":
        return FoundColumn(column.name, column.type, None, "column of binary values: it is left out")
    chosen = types.get(name) or _declared(column)
    expression = f"CAST({value} AS {_SQL_TYPES[chosen]})"
    is_plain = pa.types.is_string(chosen) is (column.type == "VARCHAR")
    return FoundColumn(
        name=column.name,
        declared=column.type,
        reading=ReadColumn(name, value if is_plain else expression, expression, chosen),
        # What has no hash of its own has one as text.
        hashed=value if _is_plain(column) else f"CAST({value} AS VARCHAR)",
        changes=_change_column(column, value, overlap),
    )


def _declared(column: Column) -> pa.DataType:
    """Give the type to read a column in where its values are not looked at."""
    if column.type in _AS_THEY_ARE:
        return _AS_THEY_ARE[column.type]
    if column.type in _TIMES:
        return _TIMES[column.type]
    return _declared_number(column) or pa.string()


def _declared_number(column: Column) -> pa.DataType | None:
    digits = _DECIMAL.fullmatch(column.type)
    if not digits:
        return None
    precision, scale = int(digits[1]), int(digits[2])
    if scale == 0 and precision <= _INTEGER_DIGITS:
        return pa.int64()
    return pa.float64() if precision <= _EXACT_DIGITS else None


def _is_plain(column: Column) -> bool:
    return column.type in _AS_THEY_ARE or column.type in _TIMES or bool(_DECIMAL.fullmatch(column.type))


def types_by_values(
    query: Query, origin: str, columns: Sequence[Column], names: Iterable[str], staged: Mapping[str, pa.DataType]
) -> dict[str, pa.DataType]:
    """Choose the types that only the values tell: the staged one where it still holds them all."""
    tests: list[tuple[str, pa.DataType, str]] = []
    chosen: dict[str, pa.DataType] = {}
    for column, name in zip(columns, names, strict=True):
        possible = _tests(column)
        if possible:
            chosen[name] = pa.string()
        if staged.get(name) != pa.string():
            tests.extend((name, kind, test) for kind, test in possible.items())
    if tests:
        answers = query(f"SELECT {', '.join(f'bool_and({test})' for _, _, test in tests)} FROM {origin}")[0]
        for (name, kind, _), holds in zip(tests, answers, strict=True):
            if holds is not False and chosen[name] != staged.get(name, pa.int64()):
                chosen[name] = kind
    return chosen


def _tests(column: Column) -> dict[pa.DataType, str]:
    """Give what must hold for all values so that a column fits a type, best type last; else it is read as text."""
    value = identifier(column.name)
    if column.type in _TIMES:
        # Later steps count years from 1 to 9999, and no parts of a microsecond.
        is_near = f"isfinite({value}) AND year({value}) BETWEEN 1 AND 9999"
        exact = f" AND epoch_ns({value}) % 1000 = 0" if column.type == "TIMESTAMP_NS" else ""
        return {_TIMES[column.type]: is_near + exact}
    if column.type in _LARGE:
        return {pa.int64(): f"TRY_CAST({value} AS BIGINT) IS NOT NULL OR {value} IS NULL"}
    if _DECIMAL.fullmatch(column.type) and _declared_number(column) is None:
        back = f"TRY_CAST(CAST({value} AS DOUBLE) AS {column.type})"
        return {
            pa.float64(): f"{value} IS NULL OR COALESCE({back} = {value}, false)",
            pa.int64(): f"abs({value}) < 1e{_INTEGER_DIGITS} AND {value} = trunc({value})",
        }
    return {}


def _change_column(column: Column, value: str, overlap: timedelta) -> ChangeColumn | None:
    if column.type in _TIMES:
        now = "now()" if "ZONE" in column.type else "now()::TIMESTAMP"
        return ChangeColumn(column.name, value, now, overlap)
    return ChangeColumn(column.name, value) if _declared(column) == pa.int64() else None


def row_hash(columns: Sequence[FoundColumn]) -> str:
    """Hash a row to a number of 63 bits."""
    return f"CAST(hash({', '.join(column.hashed for column in columns)}) >> 1 AS BIGINT)" if columns else ""
