"""The answer to `fetch` of a table: an Arrow stream or lines of JSON, told apart by their first bytes."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import pyarrow as pa

from bifrost.scripts.child_process import Child
from bifrost.scripts.faults import ScriptFault
from crawlers.scripts.arrow_rows import BEGINNING, ArrowRows
from crawlers.scripts.json_rows import JsonRows
from crawlers.scripts.table_columns import Rejects


class TableAnswer(Protocol):
    """The rows of a table as they arrive."""

    schema: pa.Schema
    is_changes: bool
    """True for rows that replace those of the same key, and not the whole table."""

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Read the rows up to the end of the answer."""
        ...

    def gone(self) -> Sequence[pa.RecordBatch]:
        """Give the keys of rows that are gone; after the rows."""
        ...


def open_table(child: Child, key: tuple[str, ...], batch_rows: int) -> TableAnswer:
    """Read the beginning of the answer.

    Raises:
        ScriptFault: it is neither, or its columns are not such as a table has.
    """
    head = b""
    while len(head) < len(BEGINNING) and (more := child.read()):
        head += more
    if not head:
        raise ScriptFault("its answer is empty, without any columns")
    is_arrow = head.startswith(BEGINNING)
    table: TableAnswer = ArrowRows(child, head, key) if is_arrow else JsonRows(child, head, key, batch_rows)
    if missing := [name for name in key if name not in table.schema.names]:
        raise ScriptFault(f"its primary key names {missing[0]!r}, which is none of its columns")
    return table
