"""Lines that DuckDB computes, as a file for a parser: bytes are taken from Arrow buffers, never line by line."""

import threading
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, cast

import numpy as np
import pyarrow as pa


class LineStream:
    """A readable binary file over batches with one string column; several threads may take whole batches from it."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = iter(batches)
        self._lock = threading.Lock()

    def next_chunk(self) -> bytes:
        """Give the bytes of the next batch that is not empty; empty at the end."""
        with self._lock:
            for batch in self._batches:
                if batch.num_rows:
                    return joined(batch.column(0))
        return b""

    def share(self) -> IO[bytes]:
        """Give a reader that takes its share of the batches; parsers only call its `read`."""
        return cast(IO[bytes], LineReader(self))


class LineReader:
    """The file that one parser reads."""

    def __init__(self, stream: LineStream) -> None:
        self._stream, self._rest = stream, memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """Give at most `size` bytes; empty at the end."""
        if not self._rest:
            self._rest = memoryview(self._stream.next_chunk())
        count = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:count], self._rest[count:]
        return bytes(taken)


def joined(column: pa.Array) -> bytes:
    """Join all strings of a column, in the time of one copy."""
    offset_type = np.int64 if pa.types.is_large_string(column.type) else np.int32
    _, offsets, content = column.buffers()
    places = np.frombuffer(offsets, offset_type)
    first, last = places[column.offset], places[column.offset + len(column)]
    return bytes(memoryview(content)[first:last]) if content is not None else b""


def split_few(batches: Iterable[pa.RecordBatch], few: int = 20_000) -> tuple[Iterator[pa.RecordBatch], bool]:
    """Give the same batches, and whether they hold at most `few` rows."""
    waiting, rows, rest = [], 0, iter(batches)
    for batch in rest:
        waiting.append(batch)
        rows += batch.num_rows
        if rows > few:
            return chain(waiting, rest), False
    return iter(waiting), True
