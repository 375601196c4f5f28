"""JSON lines, arrays and objects to tables: nested objects become columns with dots, lists become JSON text."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pyarrow as pa

from bifrost.config import Extraction
from bifrost.engine import identifier
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract, FoundTable
from bifrost.schemas import PLACE
from extractors.encoding import as_utf8, read_text
from extractors.file_types import is_object, is_text, stem, suffix
from extractors.tables.header import field_names
from extractors.tables.scratch import connect
from extractors.tables.value_types import DATES, value_types

_NAMED = (".jsonl", ".ndjson", ".json", ".geojson")
_LARGEST_OBJECT_BYTES, _SMALLEST_BUFFER_BYTES = 1 << 28, 1 << 20
_MOST_KEYS = 300
"""An object with more keys is a mapping, not a record: it stays JSON text."""
_BATCH_ROWS = 65_536
_MOST_REJECTS = 1000
_SCALARS = {"BIGINT": "BIGINT", "UBIGINT": "BIGINT", "HUGEINT": "DOUBLE", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN"}


class JsonLinesExtractor:
    """Reads one object per line, an array of objects, or an object that holds such arrays."""

    name: ClassVar[str] = "json_lines"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._cache = cache

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take text that is named like JSON, or whose first line is an object."""
        if not is_text(head):
            return False
        return suffix(item.key) in _NAMED or is_object(head.split(b"\n")[0])

    def extract(self, item: Item, file: Path) -> Extract:
        """Find the structure of all objects; rows are read when the table is."""
        with file.open("rb") as stream:
            head = stream.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not head:
            raise ItemUnreadable(item.source, item.key, "the file holds no objects")
        if head.startswith(b"[") or is_object(head.split(b"\n")[0]):
            kind = "array" if head.startswith(b"[") else "newline_delimited"
            table, rejects = self._table(item, file, stem(item.key), kind)
            return Extract("application/json", tables=(table,), rejects=rejects)
        return self._whole(item, file)

    def _table(self, item: Item, file: Path, name: str, kind: str) -> tuple[FoundTable, tuple[tuple[str, str], ...]]:
        stack = ExitStack()
        text = stack.enter_context(as_utf8(file, self._cache / "scratch"))
        connection = connect(self._cache)
        try:
            _open(connection, text, kind)
            structure = _structure(connection)
            rejects = _rejects(connection)
        except duckdb.Error as error:
            raise ItemUnreadable(item.source, item.key, f"it is no valid JSON: {_first_line(error)}") from error
        if not structure:
            raise ItemUnreadable(item.source, item.key, "it holds no JSON objects")
        return FoundTable(name, _rows(connection, structure, stack)), rejects

    def _whole(self, item: Item, file: Path) -> Extract:
        """Read one object: each list of objects in it is a table, or else the object is one record."""
        try:
            value = json.loads(read_text(file))
        except (ValueError, RecursionError) as error:
            raise ItemUnreadable(item.source, item.key, f"it is no valid JSON: {error}") from error
        if not isinstance(value, dict):
            raise ItemUnreadable(item.source, item.key, "it holds no JSON objects")
        lists = {key: entry for key, entry in value.items() if _is_list_of_objects(entry)}
        with tempfile.TemporaryDirectory(dir=_made(self._cache / "scratch")) as folder:
            tables = []
            for number, (key, entries) in enumerate((lists or {stem(item.key): [value]}).items()):
                path = Path(folder) / f"{number}.json"
                path.write_text("\n".join(json.dumps(entry) for entry in entries), encoding="utf-8")
                table, _ = self._table(item, path, key, "newline_delimited")
                rows = table.rows
                tables.append(FoundTable(key, rows.read_all() if isinstance(rows, pa.RecordBatchReader) else rows))
        return Extract("application/json", tables=tuple(tables))


def _open(connection: duckdb.DuckDBPyConnection, text: Path, kind: str) -> None:
    path = str(text).replace("'", "''")
    # Only lines can be passed over one by one; in an array everything after a fault is lost.
    # Buffers have the size of the largest object that is allowed.
    largest = min(max(text.stat().st_size, _SMALLEST_BUFFER_BYTES), _LARGEST_OBJECT_BYTES)
    tolerant = "true" if kind == "newline_delimited" else "false"
    connection.execute(
        f"CREATE VIEW objects AS SELECT row_number() OVER () AS number, json FROM read_json_objects('{path}', "
        f"format = '{kind}', ignore_errors = {tolerant}, maximum_object_size = {largest})"
    )


def _structure(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Give the merged structure of all objects: key -> type, nested structure, or list."""
    query = "SELECT json_group_structure(json) FROM objects WHERE json_type(json) = 'OBJECT'"
    ((answer,),) = connection.execute(query).fetchall()
    value = json.loads(answer) if answer else {}
    return value if isinstance(value, dict) else {}


def _rejects(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str], ...]:
    query = f"""SELECT number, json_type(json) FROM objects WHERE json IS NULL OR json_type(json) <> 'OBJECT'
                ORDER BY number LIMIT {_MOST_REJECTS}"""
    return tuple(
        (f"row {number}", f"is {kind.lower()}, not an object" if kind else "is no valid JSON")
        for number, kind in connection.execute(query).fetchall()
    )


def _rows(connection: duckdb.DuckDBPyConnection, structure: dict[str, Any], stack: ExitStack) -> pa.RecordBatchReader:
    shape = json.dumps(_shape(structure)).replace("'", "''")
    leaves = list(_leaves(structure, ()))
    names = field_names([".".join(path) for path, _ in leaves])
    columns = ", ".join(
        f"{_leaf(path, sql_type)} AS {identifier(name)}" for name, (path, sql_type) in zip(names, leaves, strict=True)
    )
    connection.execute(
        f"CREATE VIEW flat AS SELECT 'row ' || number AS {PLACE}, {columns} FROM "
        f"(SELECT number, from_json(json, '{shape}') AS o FROM objects WHERE json_type(json) = 'OBJECT')"
    )
    texts = [name for name, (_path, sql_type) in zip(names, leaves, strict=True) if sql_type == "VARCHAR"]
    types = value_types(connection, "flat", texts, among=DATES)
    dated = [
        f"CAST({identifier(name)} AS {kind}) AS {identifier(name)}" for name, kind in types.items() if kind in DATES
    ]
    replaced = f"REPLACE ({', '.join(dated)})" if dated else ""
    source = connection.sql(f"SELECT * {replaced} FROM flat").to_arrow_reader(_BATCH_ROWS)

    def batches() -> Iterator[pa.RecordBatch]:
        with stack:
            yield from source

    return pa.RecordBatchReader.from_batches(source.schema, batches())


def _shape(structure: Mapping[str, Any]) -> dict[str, Any]:
    """Write the structure as `from_json` takes it, with what cannot be columns as JSON."""
    return {key: _shape(value) if _is_record(value) else _scalar(value) for key, value in structure.items()}


def _leaves(structure: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for key, value in structure.items():
        if _is_record(value):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), _scalar(value)


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and 0 < len(value) <= _MOST_KEYS


def _scalar(value: Any) -> str:
    if isinstance(value, (dict, list)) or value == "JSON":
        return "JSON"
    return _SCALARS.get(value, "VARCHAR")


def _leaf(path: tuple[str, ...], sql_type: str) -> str:
    column = ".".join(["o", *(identifier(step) for step in path)])
    return f"({column} ->> '$')" if sql_type == "JSON" else column


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
