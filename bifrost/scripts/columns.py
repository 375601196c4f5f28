"""Columns out of JSON values: what does not fit the declared type is left out with the reason."""

import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
_WRITTEN_AS: dict[str, frozenset[type]] = {
    "text": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({float, int}),
    "boolean": frozenset({bool}),
    "date": frozenset({str}),
    "timestamp": frozenset({str}),
}


def column(kind: str, values: Sequence[Any]) -> tuple[pa.Array, dict[int, str]]:
    """Make a column, and say by position which values are not as they came."""
    quick = _quick(kind, values)
    if quick is not None:
        return quick, {}
    read = [(None, "") if value is None else _READ[kind](value) for value in values]
    faults = {at: fault for at, (_, fault) in enumerate(read) if fault}
    return pa.array([value for value, _ in read], TYPES[kind]), faults


def _quick(kind: str, values: Sequence[Any]) -> pa.Array | None:
    """Convert the whole column at once; None where its values must be looked at one by one."""
    if not set(map(type, values)) <= {*_WRITTEN_AS[kind], type(None)}:
        return None
    try:
        if kind in ("date", "timestamp"):
            return pa.array(values, pa.string()).cast(TYPES[kind])
        array = pa.array(values, TYPES[kind])
    except (pa.ArrowException, UnicodeEncodeError, OverflowError):
        return None
    if kind == "number" and pc.all(pc.is_finite(array)).as_py() is False:
        return None
    return array


def _text(value: Any) -> tuple[Any, str]:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole, "" if whole == text else "half a character in it was replaced"


def _integer(value: Any) -> tuple[Any, str]:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None, f"{_kind(value)}, no integer"
    return (value, "") if -(1 << 63) <= value < 1 << 63 else (None, "an integer beyond 64 bits")


def _number(value: Any) -> tuple[Any, str]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None, f"{_kind(value)}, no number"
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    return (number, "") if math.isfinite(number) else (None, "no finite number")


def _boolean(value: Any) -> tuple[Any, str]:
    return (value, "") if isinstance(value, bool) else (None, f"{_kind(value)}, not true or false")


def _date(value: Any) -> tuple[Any, str]:
    try:
        return date.fromisoformat(value), ""
    except (TypeError, ValueError):
        return None, f"{_kind(value)}, no date such as 2026-03-01"


def _timestamp(value: Any) -> tuple[Any, str]:
    try:
        moment = datetime.fromisoformat(value)
        return (moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment), ""
    except (TypeError, ValueError, OverflowError):
        return None, f"{_kind(value)}, no time such as 2026-03-01T12:30:00Z"


def _kind(value: Any) -> str:
    """Name what a value is; never the value, which does not belong into logs."""
    names = {str: "a text", bool: "true or false", int: "an integer", float: "a number", list: "a list"}
    return names.get(type(value), "an object")


_READ: dict[str, Callable[[Any], tuple[Any, str]]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}
