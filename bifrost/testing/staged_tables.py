"""Builds logical tables in a project's staging, as the extract stage leaves them, without crawling anything."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bifrost.model import ItemKind, Table
from bifrost.project import Project
from bifrost.schemas import ITEM, PLACE, ROW


def stage_table(
    project: Project,
    source: str,
    name: str,
    rows: pa.Table | Mapping[str, Sequence[Any]],
    *,
    key: Sequence[str] = (),
    origin: ItemKind = ItemKind.TABLE,
) -> Table:
    """Stage rows as one batch and give their logical table."""
    content = rows if isinstance(rows, pa.Table) else pa.table(dict(rows))
    count = content.num_rows
    records = {
        ROW: _row_keys(content, key),
        ITEM: pa.array([name] * count, pa.string()),
        PLACE: pa.array([f"row {number + 1}" for number in range(count)], pa.string()),
    }
    staged = pa.table({**records, **{field: content[field] for field in content.column_names}})
    digest = project.staging.put_table(staged).digest
    return Table(source, name, tuple(content.column_names), tuple(key), count, (digest,), origin)


def stage_sqlite(project: Project, source: str, path: Path) -> list[Table]:
    """Stage every table of a SQLite file with its primary key; declared references are not read."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        return [_stage_one(project, source, connection, name) for (name,) in names]


def _stage_one(project: Project, source: str, connection: sqlite3.Connection, name: str) -> Table:
    quoted = '"' + name.replace('"', '""') + '"'
    columns = connection.execute(f"PRAGMA table_info({quoted})").fetchall()
    key = [column[1] for column in sorted(columns, key=lambda column: column[5]) if column[5]]
    rows = connection.execute(f"SELECT * FROM {quoted}").fetchall()
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    content = {
        column[1]: _array(value, column[2])
        for column, value in zip(columns, values, strict=True)
        if "BLOB" not in column[2].upper()
    }
    return stage_table(project, source, name, pa.table(content), key=key)


def _array(values: Sequence[Any], declared: str) -> pa.Array:
    if "INT" in declared.upper() and all(value is None or isinstance(value, int) for value in values):
        return pa.array(values, pa.int64())
    if values and all(value is None or isinstance(value, int | float) for value in values):
        return pa.array(values, pa.float64())
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _row_keys(content: pa.Table, key: Sequence[str]) -> pa.Array:
    if not content.num_rows:
        return pa.array([], pa.string())
    if not key:
        texts = [json.dumps(row, default=repr) for row in content.to_pylist()]
        return pa.array([hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts])
    parts = [content[name].combine_chunks().cast(pa.string()) for name in key]
    return pc.binary_join_element_wise(*parts, "|") if len(parts) > 1 else parts[0]
