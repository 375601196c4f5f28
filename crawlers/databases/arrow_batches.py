"""Rows of a driver as Arrow batches, column by column."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from crawlers.databases.table_query import ReadColumn, schema_of

_EXACT_DIGITS = 15
_CONVERSION_ERRORS = (
    pa.ArrowInvalid,
    pa.ArrowTypeError,
    pa.ArrowNotImplementedError,
    OverflowError,
    UnicodeError,
    ValueError,
    TypeError,
)


class LineTooLong(Exception):
    """A row is longer than what the server sends at once."""


class Rejects(list[tuple[str, str]]):
    """What is left out of a table: (field, reason), each once."""

    def note(self, field: str, reason: str) -> None:
        """Add what is not noted yet."""
        if (field, reason) not in self:
            self.append((field, reason))


def batch_of_rows(rows: Sequence[Any], columns: Sequence[ReadColumn], rejects: Rejects) -> pa.RecordBatch:
    """Make a batch of the rows that a driver's cursor gave."""
    values = zip(*rows, strict=True)
    arrays = [array_of(each, column, rejects) for each, column in zip(values, columns, strict=True)]
    return pa.record_batch(arrays, schema=schema_of(columns))


def array_of(values: Sequence[Any], column: ReadColumn, rejects: Rejects) -> pa.Array:
    """Make a column of Python values, whatever the driver's types are, as long as nothing of a value is lost."""
    try:
        return pa.array(values, column.type)
    except _CONVERSION_ERRORS:
        pass
    if pa.types.is_temporal(column.type) and all(value is None or isinstance(value, str) for value in values):
        return array_of_texts(pa.array(values, pa.string()), column, rejects)
    convert = _conversion(column, rejects)
    return pa.array([None if value is None else convert(value) for value in values], column.type)


def array_of_texts(values: pa.Array, column: ReadColumn, rejects: Rejects) -> pa.Array:
    """Make a column of texts: dates that are none, such as 0000-00-00, are left out and noted."""
    try:
        return values.cast(column.type)
    except pa.ArrowInvalid:
        convert = _conversion(column, rejects)
        return pa.array([None if value is None else convert(value) for value in values.to_pylist()], column.type)


def _conversion(column: ReadColumn, rejects: Rejects) -> Callable[[Any], Any]:
    if pa.types.is_string(column.type):
        return lambda value: _as_text(value, column, rejects)
    return lambda value: _as_type(value, column, rejects)


def _as_text(value: Any, column: ReadColumn, rejects: Rejects) -> str | None:
    if isinstance(value, str):
        if not value.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in value):
            rejects.note(column.name, "some text is no valid Unicode: unreadable letters were replaced")
            return value.encode("utf-8", "replace").decode()
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        rejects.note(column.name, "some values are binary: they are left out")
        return None
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _as_type(value: Any, column: ReadColumn, rejects: Rejects) -> Any:
    """Convert one value; what is no value of the type is left out and noted."""
    try:
        if isinstance(value, Decimal) and pa.types.is_floating(column.type):
            return _exact(value, column, rejects)
        if pa.types.is_boolean(column.type) and value in (0, 1):
            return bool(value)
        whole = pa.array([value.strip() if isinstance(value, str) else value])
        return whole.cast(column.type)[0].as_py()
    except _CONVERSION_ERRORS:
        kind = _WORDS.get(column.type, f"values of type {column.type}")
        # One note for a column: its first such value is the example.
        if all(field != column.name for field, _ in rejects):
            rejects.note(column.name, f"some values are no {kind}, such as {str(value)[:40]!r}: they are left out")
        return None


def _exact(value: Decimal, column: ReadColumn, rejects: Rejects) -> float:
    if len(value.normalize().as_tuple().digits) > _EXACT_DIGITS:
        rejects.note(column.name, "some numbers have more digits than a double holds: they are rounded")
    return float(value)


_WORDS = {
    pa.date32(): "dates",
    pa.timestamp("us"): "times",
    pa.timestamp("us", "UTC"): "times",
    pa.int64(): "whole numbers",
    pa.float64(): "numbers",
    pa.bool_(): "truth values",
}
