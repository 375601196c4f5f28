"""Writes the SQLite databases, one per department."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pyarrow as pa

from examples.manufacturing.stored import Stored

DATABASES = ("supply", "production", "aftersales")
_ROWS_AT_ONCE = 50_000


def write_databases(directory: Path, tables: Iterable[Stored]) -> None:
    """Write each department's tables to `<source>.db`; references between them are not declared."""
    chosen = list(tables)
    for source in DATABASES:
        with closing(sqlite3.connect(directory / f"{source}.db")) as connection, connection:
            for table in chosen:
                if table.source == source:
                    _write_table(connection, table)


def _write_table(connection: sqlite3.Connection, table: Stored) -> None:
    columns = ", ".join(f"{field.name} {_sql_type(field.type)} NOT NULL" for field in table.rows.schema)
    connection.execute(f"CREATE TABLE {table.item} ({columns}, PRIMARY KEY ({', '.join(table.key)}))")
    places = ", ".join("?" * table.rows.num_columns)
    for batch in table.rows.to_batches(max_chunksize=_ROWS_AT_ONCE):
        rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        connection.executemany(f"INSERT INTO {table.item} VALUES ({places})", rows)


def _sql_type(arrow_type: pa.DataType) -> str:
    if pa.types.is_integer(arrow_type):
        return "INTEGER"
    return "REAL" if pa.types.is_floating(arrow_type) else "TEXT"
