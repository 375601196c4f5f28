"""What tables share however a script writes them: names of columns, rows without a key, what is left out."""

from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from bifrost.schemas import VERSION
from bifrost.scripts.faults import plain
from crawlers.databases.record_stream import safe_names

MOST_COLUMNS = 2000
_MOST_REJECTS = 1000


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
