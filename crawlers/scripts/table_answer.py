"""The answer to `fetch` of a table: an Arrow stream or lines of JSON, told apart by their first bytes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from bifrost.schemas import VERSION
from crawlers.databases.record_stream import safe_names
from crawlers.scripts.child_process import Child
from crawlers.scripts.faults import ScriptFault, plain

MOST_COLUMNS = 2000
_MOST_REJECTS = 1000


class TableAnswer(Protocol):
    """The rows of a table as they arrive."""

    schema: pa.Schema
    is_changes: bool
    """True for rows that replace those of the same key, and not the whole table."""

    def batches(self, rejects: "Rejects") -> Iterator[pa.RecordBatch]:
        """Read the rows up to the end of the answer."""
        ...

    def gone(self) -> Sequence[pa.RecordBatch]:
        """Give the keys of rows that are gone; after the rows."""
        ...


class Rejects(list[tuple[str, str]]):
    """(place, reason) of what is left out of a table; after the first thousand only their number."""

    def __init__(self, mask: Callable[[str], str]) -> None:
        super().__init__()
        self._mask, self._more = mask, 0

    def note(self, place: str, reason: str) -> None:
        """Add one, without secrets."""
        if len(self) < _MOST_REJECTS:
            self.append((plain(self._mask(place)), plain(self._mask(reason))))
            return
        self._more += 1
        self[_MOST_REJECTS - 1 :] = [("", f"{self._more + 1:,} more places with values that cannot be read")]


def open_table(child: Child, key: tuple[str, ...], batch_rows: int) -> TableAnswer:
    """Read the beginning of the answer.

    Raises:
        ScriptFault: it is neither, or its columns are not such as a table has.
    """
    from crawlers.scripts.arrow_rows import BEGINNING, ArrowRows
    from crawlers.scripts.json_rows import JsonRows

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


def column_names(names: Iterable[str]) -> list[str]:
    """Name columns as they may be named: readable, and none as something that Bifrost adds."""
    readable = (plain(name) for name in names)
    return safe_names(f"{name}_" if name.lower() == VERSION else name for name in readable)


def keyed(batch: pa.RecordBatch, key: Sequence[str], rows_before: int, rejects: Rejects) -> pa.RecordBatch:
    """Leave out rows without a value for their key: nothing could tell them apart."""
    for name in key:
        empty = pc.is_null(batch.column(name))
        if not pc.any(empty).as_py():
            continue
        numbers = pc.indices_nonzero(empty).to_pylist()
        for number in numbers:
            rejects.note(f"row {rows_before + number + 1}", f"left out: it has no value for its key {name!r}")
        batch = batch.filter(pc.invert(empty))
    return batch
