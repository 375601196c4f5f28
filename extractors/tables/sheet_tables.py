"""A sheet's cells to its tables, and what is written outside of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa

from bifrost.ports import FoundTable
from bifrost.schemas import PLACE
from extractors.tables.header import field_names, header_position, header_rows, joined_header
from extractors.tables.regions import Region, regions
from extractors.tables.workbook_parts import Range

SHEET = "sheet"
"""The kind of a table that stands for itself, though there may be text beside it in the same file."""
_LOOKED_AT_ROWS = 200
_MOST_FILLED_CELLS = 1_000_000

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class SheetContent:
    """Tables, and texts that stand in no table, with the numbers of their rows."""

    tables: tuple[FoundTable, ...]
    texts: tuple[tuple[int, str], ...]


def sheet_content(title: str, rows: Rows, merged: Sequence[Range] = ()) -> SheetContent:
    """Find the tables between blank rows and columns; titles above them and lone cells are texts."""
    tables: list[FoundTable] = []
    texts: list[tuple[int, str]] = []
    for region in regions(_unmerged(rows, merged), fewest_rows=1):
        headings, body = _without_titles(region)
        texts += headings
        table = _table(title, body) if body is not None else None
        if table is not None:
            tables.append(table)
        elif body is not None:
            texts += _row_texts(body)
    return SheetContent(tuple(tables), tuple(sorted(texts)))


def cell_text(value: Any) -> str:
    """Give a cell as it would be written."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return str(value).strip() if not isinstance(value, (date, time)) else value.isoformat()


def _unmerged(rows: Rows, merged: Sequence[Range]) -> Rows:
    """Say what a merged cell says in each of its rows; in all of its columns only where it is text, and not a sum."""
    changed = {at: list(rows[at]) for top, _l, bottom, _r in merged for at in range(top, min(bottom + 1, len(rows)))}
    left_to_fill = _MOST_FILLED_CELLS
    for top, left, bottom, right in merged:
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else None
        last = right if isinstance(value, str) else left
        left_to_fill -= (bottom - top + 1) * (last - left + 1)
        if value is None or left_to_fill < 0:
            continue
        for at in range(top, min(bottom + 1, len(rows))):
            row = changed[at]
            row.extend([None] * (last + 1 - len(row)))
            row[left : last + 1] = [value] * (last + 1 - left)
    return [tuple(changed[at]) if at in changed else row for at, row in enumerate(rows)]


def _without_titles(region: Region) -> tuple[list[tuple[int, str]], Region | None]:
    """Take rows that say one thing off the top of a region: titles, perhaps merged over all columns."""
    titles: list[tuple[int, str]] = []
    for at, row in enumerate(region.rows):
        said = {text for cell in row if (text := cell_text(cell))}
        wide = len(row) > 1
        if len(said) > 1 or (not wide and len(region.rows) - at > 1) or (said and _is_number(row)):
            return titles, Region(region.rows[at:], region.top + at)
        titles += [(region.top + at, text) for text in said]
    return titles, None


def _is_number(row: Sequence[Any]) -> bool:
    return any(isinstance(cell, (int, float, date)) and not isinstance(cell, bool) for cell in row)


def _table(title: str, region: Region) -> FoundTable | None:
    if len(region.rows) < 2:
        return None
    texts = [[cell_text(cell) for cell in row] for row in region.rows[:_LOOKED_AT_ROWS]]
    position = header_position(texts)
    if position is None:
        body, names = region.rows, field_names([""] * len(region.rows[0]))
    else:
        deep = header_rows(texts, position)
        body = region.rows[position + deep :]
        names = field_names(joined_header(texts[position : position + deep]))
    if not body or (position is None and len(names) < 2):
        return None
    first = region.top + len(region.rows) - len(body)
    places = [f"sheet {title}, row {number}" for number in range(first, first + len(body))]
    columns = {name: _column([row[at] for row in body]) for at, name in enumerate(names)}
    return FoundTable(title, pa.table({PLACE: pa.array(places, pa.string()), **columns}), kind=SHEET)


def _row_texts(region: Region) -> Iterator[tuple[int, str]]:
    for at, row in enumerate(region.rows):
        said = dict.fromkeys(text for cell in row if (text := cell_text(cell)))
        if said:
            yield region.top + at, " | ".join(said)


def _column(values: Sequence[Any]) -> pa.Array:
    """Take the type that all values of a column share; mixed columns are text."""
    kinds = {_kind(value) for value in values if value is not None and value != ""}
    cleaned = [None if value == "" else value for value in values]
    if kinds == {"date"}:
        return pa.array([None if value is None else _day(value) for value in cleaned], pa.date32())
    if kinds in ({"timestamp"}, {"date", "timestamp"}):
        moments = [_moment(value) if value is not None else None for value in cleaned]
        return pa.array(moments, pa.timestamp("us"))
    if kinds == {"integer"} and all(abs(value) < 2**63 for value in cleaned if value is not None):
        return pa.array(cleaned, pa.int64())
    if kinds and kinds <= {"integer", "number"}:
        return pa.array([None if value is None else float(value) for value in cleaned], pa.float64())
    if kinds == {"boolean"}:
        return pa.array(cleaned, pa.bool_())
    return pa.array([None if value is None else cell_text(value) for value in cleaned], pa.string())


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, datetime):
        return "date" if value.time() == time() else "timestamp"
    return "date" if isinstance(value, date) else "text"


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else date(value.year, value.month, value.day)


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
