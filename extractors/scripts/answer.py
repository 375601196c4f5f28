"""What a script says of a file, line by line, as an extract."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from bifrost.ports import Extract, FoundTable
from bifrost.schemas import BLOCKS, PLACE
from bifrost.scripts.columns import TYPES, column
from bifrost.scripts.faults import ScriptFault, plain
from bifrost.scripts.json_answer import Line, fields, text_of
from extractors.tables.header import field_names

_BATCH_ROWS = 8192
_MOST_COLUMNS, _MOST_REJECTS = 2000, 1000
_KINDS = ("heading", "text", "list", "table", "note", "label", "code")
_BLOCK_FIELDS = ("block", "kind", "page", "box", "confidence")
_DOCUMENT_FIELDS = ("title", "pages")
_TABLE_FIELDS = ("table", "kind", "columns")
_FORMS = ("table", "form")


@dataclass
class _Rows:
    """A table whose rows are arriving."""

    name: str
    kind: str
    names: list[str]
    kinds: list[str]
    waiting: list[list[Any]] = field(default_factory=list)
    done: list[pa.RecordBatch] = field(default_factory=list)
    count: int = 0


class Answer:
    """Takes the lines one after the other; rows belong to the table that was begun last."""

    def __init__(self, item: str, media_type: str) -> None:
        self._item, self._media_type = item, media_type
        self._title, self._pages = "", 1
        self._tables: list[_Rows] = []
        self._blocks: dict[str, list[Any]] = {name: [] for name in BLOCKS.names[2:]}
        self._rejects: list[tuple[str, str]] = []
        self._hidden = 0

    def take(self, line: Line) -> None:
        """Take one line.

        Raises:
            ScriptFault: it is none of those that docs/write-an-extractor.md names.
        """
        value = line.value
        if isinstance(value, list):
            self._take_row(line)
        elif not isinstance(value, dict):
            raise ScriptFault(f"line {line.number} is neither an object nor a list")
        elif "table" in value:
            self._begin_table(line, fields(line, _TABLE_FIELDS))
        elif "block" in value:
            self._take_block(line, fields(line, _BLOCK_FIELDS))
        elif "skipped" in value:
            fields(line, ("skipped", "reason"))
            self._reject(text_of(line, value, "skipped"), text_of(line, value, "reason"))
        else:
            self._describe(line, fields(line, _DOCUMENT_FIELDS))

    def extract(self) -> Extract:
        """Give everything that was taken."""
        tables = tuple(self._found(table) for table in self._tables)
        hidden = [("", f"{self._hidden:,} more places that cannot be read")] if self._hidden else []
        return Extract(
            media_type=self._media_type,
            title=self._title,
            pages=self._pages,
            tables=tables,
            blocks=self._block_table(),
            rejects=(*self._rejects, *hidden),
        )

    def _describe(self, line: Line, value: Mapping[str, Any]) -> None:
        if "title" in value:
            self._title = plain(text_of(line, dict(value), "title"))
        if "pages" in value:
            self._pages = _whole_number(line, "pages", value["pages"])

    def _begin_table(self, line: Line, value: dict[str, Any]) -> None:
        pairs = value.get("columns")
        if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
            raise ScriptFault(f"line {line.number} does not give its columns as a list of [name, type]")
        if not 1 <= len(pairs) <= _MOST_COLUMNS:
            raise ScriptFault(f"line {line.number} names {len(pairs)} columns; a table has 1 to {_MOST_COLUMNS:,}")
        kinds = [kind for _name, kind in pairs]
        _check_choice(line, "type", kinds, TYPES)
        kind = value.get("kind", "table")
        _check_choice(line, "kind of table", [kind], _FORMS)
        names = field_names([plain(name) for name, _kind in pairs])
        self._tables.append(_Rows(plain(text_of(line, value, "table")), kind, names, kinds))

    def _take_row(self, line: Line) -> None:
        if not self._tables:
            raise ScriptFault(f"line {line.number} is a row, and no table was begun")
        table = self._tables[-1]
        if len(line.value) != len(table.names):
            raise ScriptFault(f"line {line.number} has {len(line.value)} values for {len(table.names)} columns")
        table.waiting.append(line.value)
        if len(table.waiting) >= _BATCH_ROWS:
            self._settle(table)

    def _settle(self, table: _Rows) -> None:
        """Turn the rows that wait into columns."""
        if not table.waiting:
            return
        places = [self._place(table, table.count + number) for number in range(1, len(table.waiting) + 1)]
        arrays = [pa.array(places, pa.string())]
        for name, kind, values in zip(table.names, table.kinds, zip(*table.waiting, strict=True), strict=True):
            array, faults = column(kind, values)
            for at, fault in faults.items():
                self._reject(f"{places[at]}, {name}", fault)
            arrays.append(array)
        table.done.append(pa.record_batch(arrays, names=[PLACE, *table.names]))
        table.count += len(table.waiting)
        table.waiting = []

    def _place(self, table: _Rows, row: int) -> str:
        number = self._tables.index(table) + 1
        return f"row {row}" if len(self._tables) == 1 else f"table {number}, row {row}"

    def _found(self, table: _Rows) -> FoundTable:
        self._settle(table)
        columns = [
            (PLACE, pa.string()),
            *((name, TYPES[kind]) for name, kind in zip(table.names, table.kinds, strict=True)),
        ]
        return FoundTable(table.name, pa.Table.from_batches(table.done, pa.schema(columns)), table.kind)

    def _take_block(self, line: Line, value: dict[str, Any]) -> None:
        text, kind = text_of(line, value, "block").replace("\x00", "").strip(), value.get("kind", "text")
        _check_choice(line, "kind", [kind], _KINDS)
        box = value.get("box")
        if box is not None and not (isinstance(box, list) and len(box) == 4 and all(map(_is_share, box))):
            raise ScriptFault(f"line {line.number} gives no box of four shares of the page from 0 to 1")
        confidence = value.get("confidence", 1.0)
        if not _is_share(confidence):
            raise ScriptFault(f"line {line.number} gives no confidence from 0 to 1")
        if text:
            page = _whole_number(line, "page", value.get("page", 1))
            row = (page, kind, text, *(box or (None,) * 4), confidence, "script")
            for values, each in zip(self._blocks.values(), row, strict=True):
                values.append(each)

    def _block_table(self) -> pa.Table | None:
        count = len(self._blocks["text"])
        columns = {"item": [self._item] * count, "block": range(1, count + 1), **self._blocks}
        made = pa.table([pa.array(columns[each.name], each.type) for each in BLOCKS], schema=BLOCKS)
        return made if count else None

    def _reject(self, place: str, reason: str) -> None:
        if len(self._rejects) < _MOST_REJECTS:
            self._rejects.append((plain(place), plain(reason)))
        else:
            self._hidden += 1


def _check_choice(line: Line, what: str, given: Iterable[Any], valid: Iterable[str]) -> None:
    if unknown := [each for each in given if each not in tuple(valid)]:
        raise ScriptFault(f"line {line.number} has the unknown {what} {unknown[0]!r}; valid: {', '.join(valid)}")


def _whole_number(line: Line, name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise ScriptFault(f"line {line.number} gives no number from 1 as {name!r}")
    return value


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(each, str) for each in pair)
