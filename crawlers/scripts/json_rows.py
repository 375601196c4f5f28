"""Rows as lines of JSON: declared columns first, then a list of values per row; read in batches."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from bifrost.scripts.child_process import Child
from bifrost.scripts.columns import TYPES, column
from bifrost.scripts.faults import ScriptFault
from bifrost.scripts.json_answer import Line, fields, json_lines, text_of
from crawlers.scripts.table_columns import MOST_COLUMNS, Rejects, column_names, keyed

_LONGEST_LINE_BYTES = 16 << 20
_BATCH_BYTES = 8 << 20


class JsonRows:
    """A table that a script writes line by line, or what changed in it."""

    def __init__(self, child: Child, head: bytes, key: tuple[str, ...], batch_rows: int) -> None:
        self._lines = json_lines(child, _LONGEST_LINE_BYTES, head)
        self._key, self._batch_rows = key, batch_rows
        first = self._header()
        self.is_changes = isinstance(first.value, dict) and first.value == {"changes": True}
        self._names, self._kinds = _columns(self._header() if self.is_changes else first)
        self.schema = pa.schema([(name, TYPES[kind]) for name, kind in zip(self._names, self._kinds, strict=True)])
        self._rows = 0
        self._seen: set[tuple[Any, ...]] = set()
        self._waiting_gone: list[list[Any]] = []
        self._gone: list[pa.RecordBatch] = []

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Read the rows up to the end of the answer."""
        waiting: list[list[Any]] = []
        size = 0
        for line in self._lines:
            if isinstance(line.value, list):
                waiting.append(self._row(line))
                size += line.size_bytes
            elif self.is_changes and isinstance(line.value, dict) and "gone" in line.value:
                self._take_gone(line)
            else:
                value = fields(line, ("skipped", "reason"))
                rejects.note(text_of(line, value, "skipped"), text_of(line, value, "reason"))
            if len(waiting) >= self._batch_rows or size >= _BATCH_BYTES:
                yield self._batch(waiting, rejects)
                waiting, size = [], 0
        self._settle_gone()
        if waiting:
            yield self._batch(waiting, rejects)

    def gone(self) -> Sequence[pa.RecordBatch]:
        """Give the keys of rows that are gone; after the rows."""
        return self._gone

    def _header(self) -> Line:
        line = next(self._lines, None)
        if line is None or not isinstance(line.value, dict):
            raise ScriptFault('a table begins with a line such as {"columns": [["id", "integer"], ["name", "text"]]}')
        return line

    def _row(self, line: Line) -> list[Any]:
        row: list[Any] = line.value
        if len(row) != len(self._names):
            raise ScriptFault(f"line {line.number} has {len(row)} values for {len(self._names)} columns")
        return row

    def _batch(self, rows: list[list[Any]], rejects: Rejects) -> pa.RecordBatch:
        arrays = []
        for name, kind, values in zip(self._names, self._kinds, zip(*rows, strict=True), strict=True):
            array, faults = column(kind, values)
            for at, fault in faults.items():
                rejects.note(f"row {self._rows + at + 1}, {name}", fault)
            arrays.append(array)
        batch = keyed(pa.record_batch(arrays, schema=self.schema), self._key, self._rows, rejects)
        self._rows += len(rows)
        if self.is_changes:
            self._see(batch)
        return batch

    def _see(self, batch: pa.RecordBatch) -> None:
        """Refuse a key that comes twice: nobody could tell which of the rows counts."""
        for values in zip(*(batch.column(name).to_pylist() for name in self._key), strict=True):
            if values in self._seen:
                raise ScriptFault("its changes hold two rows with the same key")
            self._seen.add(values)

    def _take_gone(self, line: Line) -> None:
        values = fields(line, ("gone",))["gone"]
        if not isinstance(values, list) or len(values) != len(self._key):
            raise ScriptFault(f"line {line.number} does not give the {len(self._key)} values of a key as 'gone'")
        self._waiting_gone.append(values)
        if len(self._waiting_gone) >= self._batch_rows:
            self._settle_gone()

    def _settle_gone(self) -> None:
        if not self._waiting_gone:
            return
        arrays = []
        for name, values in zip(self._key, zip(*self._waiting_gone, strict=True), strict=True):
            array, faults = column(self._kinds[self._names.index(name)], values)
            if faults or array.null_count:
                raise ScriptFault(f"a key that is gone has no valid value for {name!r}")
            arrays.append(array)
        self._gone.append(pa.record_batch(arrays, names=list(self._key)))
        self._waiting_gone = []


def _columns(line: Line) -> tuple[list[str], list[str]]:
    pairs = fields(line, ("columns",)).get("columns")
    if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
        raise ScriptFault(f"line {line.number} does not give its columns as a list of [name, type]")
    if not 1 <= len(pairs) <= MOST_COLUMNS:
        raise ScriptFault(f"line {line.number} names {len(pairs)} columns; a table has 1 to {MOST_COLUMNS:,}")
    if unknown := sorted({kind for _, kind in pairs} - TYPES.keys()):
        raise ScriptFault(f"line {line.number} has the unknown type {unknown[0]!r}; valid: {', '.join(TYPES)}")
    return column_names(name for name, _ in pairs), [kind for _, kind in pairs]


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(each, str) for each in pair)
