"""Which staged rows a table no longer has: asked of the database only when its number of rows says so."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pyarrow as pa

from bifrost.ports import Changes, Rows
from bifrost.staged_rows import StagedRows
from crawlers.databases.changes.staged_keys import KeyComparison
from crawlers.databases.open_readers import closing, closing_on_failure

AllKeys = Callable[[], pa.RecordBatchReader]


def with_deletions(rows: Rows, known: StagedRows, rows_there: int, all_keys: AllKeys) -> Changes:
    """Complete changed rows with the keys of rows that are gone.

    Args:
        rows: the changed rows, in the staged columns and types.
        known: what is staged.
        rows_there: rows that the table had when it was listed, before its changes were read.
        all_keys: streams the keys of the table, in the staged types.
    """
    opened = ExitStack()
    keys = opened.enter_context(KeyComparison(known))

    def gone() -> Iterator[pa.RecordBatch]:
        if known.count + keys.count_new() > rows_there:
            keys.list_all(all_keys())
            yield from keys.gone()

    noted = closing_on_failure(rows.batches.schema, keys.noting(rows.batches), opened)
    return Changes(replace(rows, batches=noted), closing(keys.schema, gone(), opened))
