"""Streams of rows that keep a connection open until they end, or nobody holds them any more."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import pyarrow as pa


def closing(schema: pa.Schema, batches: Iterable[pa.RecordBatch], opened: ExitStack) -> pa.RecordBatchReader:
    """Pass batches on, and close what was opened for them at the end."""
    return pa.RecordBatchReader.from_batches(schema, _Closing(batches, opened, at_end=True))


def closing_on_failure(schema: pa.Schema, batches: Iterable[pa.RecordBatch], opened: ExitStack) -> pa.RecordBatchReader:
    """Pass batches on; what was opened for them stays open for what follows, unless they break off."""
    return pa.RecordBatchReader.from_batches(schema, _Closing(batches, opened, at_end=False))


class _Closing:
    """An iterator and not a generator: one that was never started would close nothing."""

    def __init__(self, batches: Iterable[pa.RecordBatch], opened: ExitStack, *, at_end: bool) -> None:
        self._batches, self._opened, self._at_end = iter(batches), opened, at_end

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            return next(self._batches)
        except StopIteration:
            if self._at_end:
                self._opened.close()
            raise
        except BaseException:
            self._opened.close()
            raise

    def __del__(self) -> None:
        # An open session would keep locks that other people wait for.
        if self._at_end:
            self._opened.close()
