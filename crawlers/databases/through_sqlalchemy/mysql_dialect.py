"""MySQL and MariaDB: how a session is opened, how values are written, and how rows come quickly.

The driver spends its time on making a Python object of every value. Here the server joins the values of a row to one
text, as a line of CSV, and Arrow reads the lines: several times as fast.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pyarrow as pa
from pyarrow import csv

from crawlers.databases.arrow_batches import LineTooLong, Rejects, array_of_texts
from crawlers.databases.table_query import ReadColumn, schema_of


class MysqlDialect:
    """Writes SQL as MySQL and MariaDB read it."""

    beginning: Sequence[str] = ("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",)

    def __init__(self, lock_timeout_seconds: int) -> None:
        self.opening: Sequence[str] = (
            "SET SESSION TRANSACTION READ ONLY",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SET SESSION time_zone = '+00:00', net_write_timeout = 3600, "
            f"lock_wait_timeout = {lock_timeout_seconds}, innodb_lock_wait_timeout = {lock_timeout_seconds}",
        )

    def literal(self, value: Any) -> str:
        """Write a value so that neither quotes nor backslashes nor the session's modes matter."""
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float):
            return f"{value!r}e0" if "e" not in repr(value) else repr(value)
        if isinstance(value, datetime):
            in_utc = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            return f"TIMESTAMP'{in_utc.isoformat(sep=' ', timespec='microseconds')}'"
        if isinstance(value, date):
            return f"DATE'{value.isoformat()}'"
        return f"_utf8mb4 x'{str(value).encode().hex()}'"

    def page(self, limit: int, offset: int = 0) -> str:
        """Give the SQL that takes so many rows."""
        return f"LIMIT {limit} OFFSET {offset}"

    def selection(self, columns: Sequence[ReadColumn]) -> str:
        """Join the values of a row: missing ones are empty, texts stand in quotes."""
        return f"CONCAT_WS(',', {', '.join(_written(column) for column in columns)})"

    def abandon(self, cursor: Any) -> None:
        """Keep the driver from reading the rest of the rows through a closed connection."""
        rest = cursor._result  # it has no public way
        if rest is not None:
            rest.unbuffered_active = False

    def batch(self, rows: Sequence[Any], columns: Sequence[ReadColumn], rejects: Rejects) -> pa.RecordBatch:
        """Read lines of CSV.

        Raises:
            LineTooLong: a line came as NULL.
        """
        try:
            content = "\n".join([*(line for (line,) in rows), ""]).encode()
        except TypeError:
            raise LineTooLong from None
        schema = schema_of(columns)
        try:
            # A time zone is not written into the lines.
            table = _parsed(content, [_without_zone(each) for each in schema.types], columns)
            return _single(table.cast(schema))
        except pa.ArrowInvalid:
            texts = _single(_parsed(content, [pa.string()] * len(columns), columns))
        arrays = [array_of_texts(each, column, rejects) for each, column in zip(texts.columns, columns, strict=True)]
        return pa.record_batch(arrays, schema=schema)


def _written(column: ReadColumn) -> str:
    if pa.types.is_string(column.type):
        return f"COALESCE(CONCAT('\"', REPLACE({column.expression}, '\"', '\"\"'), '\"'), '')"
    return f"COALESCE({column.expression}, '')"


def _parsed(content: bytes, types: Sequence[pa.DataType], columns: Sequence[ReadColumn]) -> pa.Table:
    names = [column.name for column in columns]
    return csv.read_csv(
        BytesIO(content),
        read_options=csv.ReadOptions(column_names=names, use_threads=False, block_size=len(content) + 2),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types=dict(zip(names, types, strict=True)),
            null_values=[""],
            true_values=["1"],
            false_values=["0"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def _without_zone(each: pa.DataType) -> pa.DataType:
    return pa.timestamp("us") if pa.types.is_timestamp(each) else each


def _single(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches()[0]
