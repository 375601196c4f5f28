"""Rows as an Arrow IPC stream: the fast way for large tables; what only Arrow has is turned into plain columns."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from bifrost.scripts.child_process import Child
from bifrost.scripts.faults import ScriptFault
from crawlers.scripts.table_columns import MOST_COLUMNS, Rejects, column_names, keyed

BEGINNING = b"\xff\xff\xff\xff"
_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_LARGEST_READ_BYTES = 256 << 20


class ArrowRows:
    """A table that a script writes as an Arrow stream."""

    is_changes = False

    def __init__(self, child: Child, head: bytes, key: tuple[str, ...]) -> None:
        self._key = key
        self._stream = _Stream(child, head)
        with _blaming_the_stream():
            self._reader = pa.ipc.open_stream(pa.PythonFile(self._stream, "r"))
            found = list(zip(self._reader.schema.names, self._reader.schema.types, strict=True))
        if not 1 <= len(found) <= MOST_COLUMNS:
            raise ScriptFault(f"its stream has {len(found)} columns; a table has 1 to {MOST_COLUMNS:,}")
        self._chosen = [at for at, (_, kind) in enumerate(found) if not _is_binary(kind)]
        self._left_out = [name for name, kind in found if _is_binary(kind)]
        if not self._chosen:
            raise ScriptFault("all its columns are binary")
        names = column_names(name for name, _ in found)
        self.schema = pa.schema([(names[at], _plain_type(found[at][1])) for at in self._chosen])

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Read the rows up to the end of the stream, which must be marked."""
        for name in self._left_out:
            rejects.note(name, "a column of binary values is left out")
        rows = 0
        with _blaming_the_stream():
            for batch in self._reader:
                batch.validate(full=True)
                arrays = [_plain(batch.column(at)) for at in self._chosen]
                yield keyed(pa.record_batch(arrays, schema=self.schema), self._key, rows, rejects)
                rows += batch.num_rows
        self._stream.check_end()

    def gone(self) -> Sequence[pa.RecordBatch]:
        """Give nothing: a stream holds the whole table."""
        return ()


class _Stream(io.RawIOBase):
    """The answer as a file that Arrow reads from; it remembers how it ends."""

    def __init__(self, child: Child, head: bytes) -> None:
        self._child, self._waiting, self._tail = child, head, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= _LARGEST_READ_BYTES:
            raise ScriptFault(
                f"a batch of its stream is larger than {_LARGEST_READ_BYTES >> 20} MB: write smaller ones"
            )
        pieces: list[bytes] = []
        missing = size
        while missing and (data := self._waiting or self._child.read()):
            pieces.append(data[:missing])
            self._waiting = data[missing:]
            missing -= len(pieces[-1])
        read = b"".join(pieces)
        self._tail = (self._tail + read[-len(_END) :])[-len(_END) :]
        return read

    def check_end(self) -> None:
        """Refuse a stream that breaks off between two batches, or goes on after its end."""
        if self._tail != _END:
            raise ScriptFault("its Arrow stream breaks off: the mark at its end is missing")
        if self._waiting or self._child.read():
            raise ScriptFault("its answer goes on after the end of the Arrow stream")


def _is_binary(kind: pa.DataType) -> bool:
    kind = _inner(kind)
    checks = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(check(kind) for check in checks)


def _inner(kind: pa.DataType) -> pa.DataType:
    """Look through extension types and dictionaries."""
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind):
            kind = kind.value_type
        else:
            return kind


def _plain_type(kind: pa.DataType) -> pa.DataType:
    kind = _inner(kind)
    if pa.types.is_float16(kind):
        return pa.float32()
    if pa.types.is_date64(kind):
        return pa.date32()
    if pa.types.is_timestamp(kind):
        return pa.timestamp(kind.unit)  # in UTC, as times are in lines of JSON
    kept = (
        pa.types.is_boolean,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal128,
        pa.types.is_date,
        pa.types.is_time,
    )
    return kind if any(check(kind) for check in kept) else pa.string()


def _plain(array: pa.Array) -> pa.Array:
    while isinstance(array, pa.ExtensionArray | pa.DictionaryArray):
        array = array.storage if isinstance(array, pa.ExtensionArray) else array.dictionary_decode()
    wanted = _plain_type(array.type)
    if array.type == wanted:
        return array
    if pa.types.is_nested(array.type) or not _is_castable(array.type):
        return pa.array([_text(value) for value in array.to_pylist()], pa.string())
    return array.cast(wanted)


def _is_castable(kind: pa.DataType) -> bool:
    texts = (pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    return _plain_type(kind) != pa.string() or any(check(kind) for check in texts)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)


@contextmanager
def _blaming_the_stream() -> Iterator[None]:
    """Take whatever Arrow and Python say of hostile bytes for a fault of the stream."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise ScriptFault(f"its Arrow stream is damaged: {error}") from error
