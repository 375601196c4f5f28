"""Streams of rows that keep a connection open until they end."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import pyarrow as pa


def closing(schema: pa.Schema, batches: Iterable[pa.RecordBatch], opened: ExitStack) -> pa.RecordBatchReader:
    """Pass batches on, and close what was opened for them at the end."""

    def passed() -> Iterator[pa.RecordBatch]:
        with opened:
            yield from batches

    return pa.RecordBatchReader.from_batches(schema, passed())


def closing_on_failure(schema: pa.Schema, batches: Iterable[pa.RecordBatch], opened: ExitStack) -> pa.RecordBatchReader:
    """Pass batches on; what was opened for them stays open for what follows, unless they break off."""

    def passed() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except BaseException:
            opened.close()
            raise

    return pa.RecordBatchReader.from_batches(schema, passed())
