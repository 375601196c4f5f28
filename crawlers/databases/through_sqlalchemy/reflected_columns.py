"""How columns are read that SQLAlchemy reflects: by the type that it says they have."""

from datetime import timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import types as sql

from crawlers.databases.changes.change_columns import ChangeColumn
from crawlers.databases.table_plan import FoundColumn
from crawlers.databases.table_query import ReadColumn
from crawlers.databases.through_sqlalchemy.dialects import PlainDialect

_INTEGER_DIGITS = 18
_EXACT_DIGITS = 15
"""Decimal digits that a double keeps."""
_SUMMER_TIME = timedelta(hours=1)
"""Clocks that are set back repeat an hour in a column that knows no zone."""
_ROW_VERSIONS = frozenset({"ROWVERSION", "TIMESTAMP"})
_OLD_MONEY = frozenset({"MONEY", "SMALLMONEY"})
_WITH_METHODS = frozenset({"GEOMETRY", "GEOGRAPHY", "HIERARCHYID"})


def found_column(
    declared: dict[str, Any],
    name: str,
    value: str,
    dialect: PlainDialect,
    chosen: pa.DataType | None,
    overlap: timedelta,
) -> FoundColumn:
    """Choose how a reflected column is read; `chosen` is the type of a number that only the values tell."""
    kind = declared["type"]
    if is_row_version(kind, dialect):
        counter = f"CAST({value} AS BIGINT)"
        # What is being written now may get lower numbers than what is there already.
        by = ChangeColumn(declared["name"], counter, "CAST(MIN_ACTIVE_ROWVERSION() AS BIGINT) - 1")
        return FoundColumn(declared["name"], str(kind), None, "", "", by, is_maintained=True)
    reading = _reading(kind, name, value, dialect, chosen)
    return FoundColumn(
        name=declared["name"],
        declared=_written(kind),
        reading=reading,
        left_out="" if reading else "column of binary values: it is left out",
        changes=_change_column(kind, declared["name"], value, dialect, overlap),
    )


def is_row_version(kind: Any, dialect: PlainDialect) -> bool:
    """Tell whether SQL Server moves a column on with every change of a row."""
    return dialect.clock == "SYSDATETIME()" and _name(kind) in _ROW_VERSIONS


def needs_values(kind: Any) -> bool:
    """Tell whether only the values of a column of numbers show the type that holds them."""
    return isinstance(kind, sql.Numeric) and not isinstance(kind, sql.Float) and _declared_number(kind) is None


def _reading(kind: Any, name: str, value: str, dialect: PlainDialect, chosen: pa.DataType | None) -> ReadColumn | None:
    if isinstance(kind, sql.LargeBinary | sql.BINARY | sql.VARBINARY) or _name(kind) in ("RAW", "BFILE", "IMAGE"):
        return None
    # Oracle's numbers count as whole ones too.
    if isinstance(kind, sql.Numeric) or _name(kind) in _OLD_MONEY:
        return _number(kind, name, value, dialect, chosen)
    if isinstance(kind, sql.DateTime):
        if _has_zone(kind):
            return ReadColumn(name, value, dialect.in_utc(value), pa.timestamp("us", "UTC"))
        return ReadColumn(name, value, value, pa.timestamp("us"))
    for affinity, target in ((sql.Boolean, pa.bool_()), (sql.Integer, pa.int64()), (sql.Date, pa.date32())):
        if isinstance(kind, affinity) or (affinity is sql.Boolean and _name(kind) == "BIT"):
            return ReadColumn(name, value, value, target)
    return _text(kind, name, value, dialect)


def _number(kind: Any, name: str, value: str, dialect: PlainDialect, chosen: pa.DataType | None) -> ReadColumn:
    if isinstance(kind, sql.Float):
        return ReadColumn(name, value, value, pa.float64())
    target = chosen or _declared_number(kind) or pa.string()
    if pa.types.is_string(target):
        text = dialect.as_text(value)
        return ReadColumn(name, text, text, target)
    return ReadColumn(name, value, value, target)


def _text(kind: Any, name: str, value: str, dialect: PlainDialect) -> ReadColumn:
    if isinstance(kind, sql.String) or _name(kind) in ("JSON", "JSONB", "NULL"):
        return ReadColumn(name, value, value, pa.string())
    if _name(kind) in _WITH_METHODS:
        text = f"{value}.ToString()"
    elif isinstance(kind, sql.Uuid):
        # Compared as what it is, so that an index serves: databases read such texts.
        return ReadColumn(name, value, dialect.as_text(value), pa.string())
    elif isinstance(kind, sql.Time | sql.Interval):
        text = dialect.as_text(value)
    else:
        # Lists and types of their own: the driver gives something that can be written as text.
        text = value
    return ReadColumn(name, text, text, pa.string())


def _declared_number(kind: Any) -> pa.DataType | None:
    precision, scale = getattr(kind, "precision", None), getattr(kind, "scale", None)
    if precision is None:
        return None
    if scale == 0 and precision <= _INTEGER_DIGITS:
        return pa.int64()
    return pa.float64() if precision <= _EXACT_DIGITS else None


def _change_column(kind: Any, name: str, value: str, dialect: PlainDialect, overlap: timedelta) -> ChangeColumn | None:
    if isinstance(kind, sql.DateTime) and _has_zone(kind):
        return ChangeColumn(name, value, dialect.clock_with_zone, overlap)
    if isinstance(kind, sql.DateTime | sql.Date):
        return ChangeColumn(name, value, dialect.clock, overlap + _SUMMER_TIME)
    if isinstance(kind, sql.Numeric):
        return ChangeColumn(name, value) if _declared_number(kind) == pa.int64() else None
    return ChangeColumn(name, value) if isinstance(kind, sql.Integer) else None


def _has_zone(kind: Any) -> bool:
    return bool(getattr(kind, "timezone", False)) or _name(kind) == "DATETIMEOFFSET"


def _name(kind: Any) -> str:
    return str(getattr(kind, "__visit_name__", "")).upper()


def _written(kind: Any) -> str:
    """Write a type with what decides how it is read."""
    parts = (getattr(kind, name, None) for name in ("length", "precision", "scale", "timezone"))
    return f"{_name(kind)} {' '.join(str(part) for part in parts)}"
