"""Streams of rows out of databases: names that do not collide, text that is text, errors that name the table."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack

import pyarrow as pa

from bifrost.errors import BifrostError
from bifrost.schemas import RECORD_COLUMNS, VERSION


def safe_names(names: Iterable[str]) -> list[str]:
    """Name columns so that none is empty, reserved, or the same as another but for case."""
    taken = {VERSION, *(column.name for column in RECORD_COLUMNS)}
    chosen: list[str] = []
    for position, name in enumerate(names, start=1):
        fresh = name or f"column_{position}"
        while fresh.lower() in taken:
            fresh += "_"
        taken.add(fresh.lower())
        chosen.append(fresh)
    return chosen


def stream(
    reader: pa.RecordBatchReader,
    open_things: ExitStack,
    *,
    failure: Callable[[Exception], BifrostError],
    rejects: list[tuple[str, str]],
    leading_rows: int = 0,
    finish: Callable[[], None] = lambda: None,
) -> pa.RecordBatchReader:
    """Pass batches on; close what was opened at the end, and turn the driver's errors into ours.

    The first `leading_rows` rows are left out. What had to be repaired is appended to `rejects`. `finish` is
    called after the last batch, and may still refuse them all.
    """
    # Drivers note the database's own types in the fields' metadata: nobody reads them there.
    schema = pa.schema([pa.field(column.name, column.type) for column in reader.schema])

    def batches() -> Iterator[pa.RecordBatch]:
        to_skip = leading_rows
        with open_things:
            try:
                for batch in reader:
                    kept = pa.record_batch(batch.columns, schema=schema).slice(to_skip)
                    to_skip = max(0, to_skip - batch.num_rows)
                    yield _readable(kept, rejects)
            except (pa.ArrowException, OSError) as error:
                raise failure(error) from error
            finish()

    return pa.RecordBatchReader.from_batches(schema, batches())


def _readable(batch: pa.RecordBatch, rejects: list[tuple[str, str]]) -> pa.RecordBatch:
    """Replace bytes that are no UTF-8 in text columns: nothing downstream could read them."""
    damaged = [name for name in batch.schema.names if not _is_readable(batch.column(name))]
    if not damaged:
        return batch
    for name in damaged:
        reject = (name, "some text is no valid UTF-8: unreadable bytes were replaced")
        if reject not in rejects:
            rejects.append(reject)
    columns = [
        _repaired(column) if name in damaged else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.record_batch(columns, schema=batch.schema)


def _is_readable(column: pa.Array) -> bool:
    if not pa.types.is_string(column.type):
        return True
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _repaired(column: pa.Array) -> pa.Array:
    # One object per value, in damaged columns only: Arrow has no lenient decoder.
    values: Sequence[bytes | None] = column.cast(pa.binary()).to_pylist()
    return pa.array([None if value is None else value.decode("utf-8", "replace") for value in values], pa.string())
