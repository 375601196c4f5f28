"""Spreadsheets (XLSX): the tables of every sheet, and what is written beside them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.model import Item
from bifrost.ports import Extract, FoundTable
from extractors.documents.composition import Composition
from extractors.file_types import office_kind
from extractors.office_file import DAMAGE, opened
from extractors.tables.sheet_tables import Rows, sheet_content
from extractors.tables.workbook_parts import SheetParts, sheet_parts

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_ROWS = 1_048_576
"""What the format allows on a sheet."""


class WorkbookExtractor:
    """Reads the values of every sheet; formulas count with the values that were saved."""

    name: ClassVar[str] = "workbook"
    version: ClassVar[int] = 2

    def __init__(self, settings: Extraction, cache: Path) -> None:
        pass

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take Office archives that hold a workbook."""
        return office_kind(item.key, head) == "workbook"

    def extract(self, item: Item, file: Path) -> Extract:
        """Find the tables of every sheet; a sheet counts as a page."""
        composition = Composition(item)
        book = opened(item, file, _Book, "workbook")
        parts = _parts(file, composition)
        for number, (title, rows, hidden) in enumerate(book.sheets, start=1):
            beside = parts.get(title, SheetParts())
            content = sheet_content(title, rows, beside.merged)
            composition.tables += content.tables
            if hidden:
                composition.add(f"The sheet {title} is hidden.", page=number, kind="note")
            for _row, text in content.texts:
                composition.add(text, page=number)
            for comment in beside.comments:
                composition.add(comment, page=number, kind="note")
        for number, (title, texts) in enumerate(book.charts, start=len(book.sheets) + 1):
            composition.add(f"Chart sheet {title}: {', '.join(texts)}".removesuffix(": "), page=number, kind="note")
        composition.tables = list(_named(composition.tables))
        return composition.extract(_MEDIA_TYPE, pages=len(book.sheets) + len(book.charts))


class _Book:
    """The sheets of a workbook: title, rows, and whether people see it; and the texts of sheets that are a chart."""

    def __init__(self, stream: Any) -> None:
        import openpyxl

        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        self.sheets: list[tuple[str, Rows, bool]] = []
        for sheet in book.worksheets:
            # The size that a file states is often wrong, and what lies outside would be lost.
            sheet.reset_dimensions()
            rows = _bounded(sheet.title, sheet.iter_rows(values_only=True))
            self.sheets.append((sheet.title, rows, sheet.sheet_state != "visible"))
        self.charts = [
            (sheet.title, [text for chart in sheet._charts for text in _texts(chart)]) for sheet in book.chartsheets
        ]


def _bounded(title: str, rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Read the rows, with blank ones in gaps; a cell far outside the format would never end them."""
    read = list(islice(rows, _MOST_ROWS))
    if next(rows, None) is not None:
        raise ValueError(f"sheet {title} has more than {_MOST_ROWS:,} rows, which is the most")
    return read


def _texts(chart: Any) -> list[str]:
    """Give the title of a chart."""
    rich = chart.title.tx.rich if chart.title is not None and chart.title.tx is not None else None
    paragraphs = rich.p if rich is not None else []
    return ["".join(run.t or "" for paragraph in paragraphs for run in paragraph.r or [])]


def _parts(file: Path, composition: Composition) -> dict[str, SheetParts]:
    try:
        return sheet_parts(file)
    except DAMAGE as error:
        composition.reject("", f"merged cells and comments cannot be read: {error}")
        return {}


def _named(tables: Sequence[FoundTable]) -> tuple[FoundTable, ...]:
    """Number the tables of a sheet that holds several."""
    named = []
    for at, table in enumerate(tables):
        number = sum(other.name == table.name for other in tables[: at + 1])
        named.append(table if number == 1 else FoundTable(f"{table.name} {number}", table.rows, table.kind))
    return tuple(named)
