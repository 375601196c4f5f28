"""How the columns of MySQL and MariaDB are read: in types that every later step understands, without losing values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa

from crawlers.databases.changes.change_columns import ChangeColumn
from crawlers.databases.table_plan import FoundColumn
from crawlers.databases.table_query import ReadColumn

Query = Callable[[str], list[tuple[object, ...]]]

_INTEGERS = frozenset({"tinyint", "smallint", "mediumint", "int", "integer", "bigint"})
_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"})
_LONG_TEXTS = frozenset({"mediumtext", "longtext", "json"})
_WRITTEN_AS_TEXT = frozenset({"json", "time", "uuid", "inet4", "inet6"})
_TIMES = {"date": pa.date32(), "datetime": pa.timestamp("us"), "timestamp": pa.timestamp("us", "UTC")}
_GEOMETRIES = frozenset(
    {
        *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"),
        *("geometrycollection", "geomcollection"),
    }
)
_INTEGER_DIGITS = 18
_EXACT_DIGITS = 15
"""Decimal digits that a double keeps."""
_LARGEST = 2**63 - 1
UTC = "UTC_TIMESTAMP(6)"
SERVER_TIME = f"COALESCE(CONVERT_TZ({UTC}, '+00:00', @@global.time_zone), {UTC})"
_SUMMER_TIME = timedelta(hours=1)
"""Clocks that are set back repeat an hour in a column that knows no zone."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as information_schema has it."""

    name: str
    type: str
    """Its plain name, such as decimal."""
    declared: str
    """The type in full, such as decimal(8,2) unsigned."""
    precision: int | None
    scale: int | None
    charset: str | None
    extra: str
    in_key: bool = False


def quoted(name: str) -> str:
    """Write a name as SQL."""
    return "`" + name.replace("`", "``") + "`"


def found_columns(
    columns: Sequence[Column], names: Iterable[str], types: Mapping[str, pa.DataType], overlap: timedelta
) -> list[FoundColumn]:
    """Choose how each column is read; `types` settles those that only the values tell."""
    return [_found(column, name, types, overlap) for column, name in zip(columns, names, strict=True)]


def _found(column: Column, name: str, types: Mapping[str, pa.DataType], overlap: timedelta) -> FoundColumn:
    reading = _reading(column, name, types)
    changes = _change_column(column, overlap)
    return FoundColumn(
        name=column.name,
        declared=f"{column.declared} {column.charset or ''}",
        reading=reading,
        left_out="" if reading else "column of binary values: it is left out",
        hashed=_hashed(column) if reading else "",
        changes=changes,
        is_maintained=changes is not None and "on update current_timestamp" in column.extra.lower(),
    )


def _reading(column: Column, name: str, types: Mapping[str, pa.DataType]) -> ReadColumn | None:
    value = quoted(column.name)
    if column.type in _TEXTS:
        return None if column.charset == "binary" else ReadColumn(name, value, _utf8(value), pa.string())
    if column.type in _INTEGERS or column.type == "decimal":
        return _number(column, name, value, types)
    if column.type == "bit":
        return _bits(column, name, value, types)
    if column.type in _GEOMETRIES:
        with_system = f"CONCAT('SRID=', ST_SRID({value}), ';', ST_AsText({value}))"
        return _text(name, f"IF(ST_SRID({value}) = 0, ST_AsText({value}), {with_system})")
    return _other(column, name, value, types)


def _number(column: Column, name: str, value: str, types: Mapping[str, pa.DataType]) -> ReadColumn:
    chosen = types.get(name) or declared_number(column) or pa.string()
    if pa.types.is_string(chosen):
        return _as_text(name, value)
    # With its scale, a whole number would be written with zeros after the point.
    whole = f"CAST({value} AS SIGNED)" if pa.types.is_integer(chosen) and column.scale else value
    return ReadColumn(name, value, whole, chosen)


def _other(column: Column, name: str, value: str, types: Mapping[str, pa.DataType]) -> ReadColumn | None:
    match column.type:
        case "date" | "datetime" | "timestamp":
            chosen = types.get(name, _TIMES[column.type])
            return _as_text(name, value) if pa.types.is_string(chosen) else ReadColumn(name, value, value, chosen)
        case "float":
            # Written out, a float shows six digits only.
            return ReadColumn(name, f"({value} + 0e0)", f"({value} + 0e0)", pa.float32())
        case "double" | "real":
            return ReadColumn(name, value, value, pa.float64())
        case "year":
            return ReadColumn(name, value, f"({value} + 0)", pa.int64())
        case kind if kind in _WRITTEN_AS_TEXT:
            return _as_text(name, value)
    return None


def _bits(column: Column, name: str, value: str, types: Mapping[str, pa.DataType]) -> ReadColumn:
    number = f"({value} + 0)"
    if column.precision == 1:
        return ReadColumn(name, number, number, pa.bool_())
    if (column.precision or 64) < 64:
        return ReadColumn(name, number, number, pa.int64())
    chosen = types.get(name, pa.string())
    return ReadColumn(name, number, number, chosen) if pa.types.is_integer(chosen) else _as_text(name, number)


def _as_text(name: str, value: str) -> ReadColumn:
    return _text(name, _utf8(f"CAST({value} AS CHAR)"))


def _text(name: str, expression: str) -> ReadColumn:
    # Compared as it is read: a text is no literal of the column's own type.
    return ReadColumn(name, expression, expression, pa.string())


def _utf8(value: str) -> str:
    return f"CONVERT({value} USING utf8mb4)"


def declared_number(column: Column) -> pa.DataType | None:
    """Give the type of a column of numbers where the declared type suffices to tell."""
    if column.type in _INTEGERS:
        return None if column.type == "bigint" and "unsigned" in column.declared else pa.int64()
    precision, scale = column.precision or 65, column.scale or 0
    if scale == 0 and precision <= _INTEGER_DIGITS:
        return pa.int64()
    return pa.float64() if precision <= _EXACT_DIGITS else None


def tests_of_values(column: Column) -> dict[pa.DataType, str]:
    """Give what must hold for all values so that a column fits a type, best type first; else it is read as text."""
    value = quoted(column.name)
    if column.type == "bit" and (column.precision or 64) == 64:
        return {pa.int64(): f"{value} + 0 <= {_LARGEST}"}
    if column.in_key and column.type in _TIMES:
        # Elsewhere a date that is none is left out: a key cannot do without.
        return {_TIMES[column.type]: f"MONTH({value}) > 0 AND DAYOFMONTH({value}) > 0"}
    if column.type not in {*_INTEGERS, "decimal"} or declared_number(column) is not None:
        return {}
    if column.type != "decimal":
        return {pa.int64(): f"{value} <= {_LARGEST}"}
    # A double turns back into the same number exactly when it kept all digits.
    return {
        pa.int64(): f"ABS({value}) < 1e{_INTEGER_DIGITS} AND {value} = TRUNCATE({value}, 0)",
        pa.float64(): f"CAST({value} + 0e0 AS DECIMAL(65, 30)) = {value}",
    }


def types_by_values(
    query: Query, origin: str, columns: Sequence[Column], names: Iterable[str], staged: Mapping[str, pa.DataType]
) -> dict[str, pa.DataType]:
    """Choose the types that only the values tell: the staged one where it still holds them all."""
    tests: list[tuple[str, pa.DataType, str]] = []
    chosen: dict[str, pa.DataType] = {}
    for column, name in zip(columns, names, strict=True):
        possible = tests_of_values(column)
        if possible:
            chosen[name] = pa.string()
        if staged.get(name) != pa.string():
            tests.extend((name, kind, test) for kind, test in possible.items())
    if tests:
        answers = query(f"SELECT {', '.join(f'MIN({test})' for _, _, test in tests)} {origin}")[0]
        for (name, kind, _), holds in zip(tests, answers, strict=True):
            if holds != 0 and (chosen[name] == pa.string() or kind == staged.get(name)):
                chosen[name] = kind
    return chosen


def _change_column(column: Column, overlap: timedelta) -> ChangeColumn | None:
    value = quoted(column.name)
    if column.type == "timestamp":
        return ChangeColumn(column.name, value, UTC, overlap)
    if column.type in ("datetime", "date"):
        return ChangeColumn(column.name, value, SERVER_TIME, overlap + _SUMMER_TIME)
    if column.type in _INTEGERS or (column.type == "decimal" and declared_number(column) == pa.int64()):
        return ChangeColumn(column.name, value)
    return None


def _hashed(column: Column) -> str:
    """Give what stands for a value in the bytes that a row's hash is made of."""
    value = quoted(column.name)
    if column.type in _LONG_TEXTS:
        # As a whole it might be longer than what the server puts together.
        return f"MD5({value})"
    if column.type in _GEOMETRIES or column.type in _TEXTS:
        return f"CAST({value} AS BINARY)"
    if column.type in ("float", "bit", "year"):
        return f"({value} + {'0e0' if column.type == 'float' else '0'})"
    return f"CAST({value} AS CHAR)" if column.type in _WRITTEN_AS_TEXT else value


def row_hash(columns: Sequence[FoundColumn]) -> str:
    """Hash a row to a number of 60 bits: its values, their lengths where they vary, and which of them are missing."""
    if not columns:
        return ""
    values = [column.hashed for column in columns]
    lengths = [f"LENGTH({value})" for value in values if value.startswith("CAST(")]
    missing = f"CONCAT({', '.join(f'ISNULL({quoted(column.name)})' for column in columns)})"
    parts = ", ".join([*lengths, *values, missing])
    return f"CAST(CONV(LEFT(MD5(CONCAT_WS(0x1F, {parts})), 15), 16, 10) AS SIGNED)"
