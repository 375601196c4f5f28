"""Spreadsheets (XLSX) to tables: every sheet, cut where rows or columns are blank."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from bifrost.config import Extraction
from bifrost.model import Item
from bifrost.ports import Extract, FoundTable
from bifrost.schemas import PLACE
from extractors.file_types import office_kind
from extractors.office_file import opened
from extractors.tables.header import field_names, header_position
from extractors.tables.regions import Region, regions

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkbookExtractor:
    """Reads the values of every sheet; formulas count with the values that were saved."""

    name: ClassVar[str] = "workbook"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        pass

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take Office archives that hold a workbook."""
        return office_kind(item.key, head) == "workbook"

    def extract(self, item: Item, file: Path) -> Extract:
        """Find the tables of every sheet."""
        tables: list[FoundTable] = []
        rejects: list[tuple[str, str]] = []
        sheets = opened(item, file, _sheets, "workbook")
        for title, rows in sheets:
            found = [table for region in regions(rows) if (table := _table(title, region))]
            tables += found
            if not found and any(any(cell is not None for cell in row) for row in rows):
                rejects.append((f"sheet {title}", "no table was found"))
        return Extract(_MEDIA_TYPE, pages=len(sheets), tables=_named(tables), rejects=tuple(rejects))


def _sheets(stream: Any) -> list[tuple[str, list[tuple[Any, ...]]]]:
    import openpyxl

    book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    sheets = []
    for sheet in book.worksheets:
        # The size that a file states is often wrong, and what lies outside would be lost.
        sheet.reset_dimensions()
        sheets.append((sheet.title, list(sheet.iter_rows(values_only=True))))
    return sheets


def _table(title: str, region: Region) -> FoundTable | None:
    texts = [[_text(cell) for cell in row] for row in region.rows[:200]]
    position = header_position(texts)
    body = region.rows if position is None else region.rows[position + 1 :]
    names = field_names(texts[position] if position is not None else [""] * len(region.rows[0]))
    if not body or (position is None and len(names) < 2):
        return None
    first = region.top + len(region.rows) - len(body)
    places = [f"sheet {title}, row {number}" for number in range(first, first + len(body))]
    columns = {name: _column([row[at] for row in body]) for at, name in enumerate(names)}
    return FoundTable(title, pa.table({PLACE: pa.array(places, pa.string()), **columns}))


def _named(tables: Sequence[FoundTable]) -> tuple[FoundTable, ...]:
    """Number the tables of a sheet that holds several."""
    named = []
    for at, table in enumerate(tables):
        number = sum(other.name == table.name for other in tables[: at + 1])
        named.append(table if number == 1 else FoundTable(f"{table.name} {number}", table.rows))
    return tuple(named)


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
    return pa.array([None if value is None else _text(value) for value in cleaned], pa.string())


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


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return str(value).strip() if not isinstance(value, (date, time)) else value.isoformat()
