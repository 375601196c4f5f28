"""Ruled tables of PDF pages with a text layer, through pdfplumber; asked only where lines are drawn."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from extractors.documents.page_objects import PageObjects
from extractors.documents.rules import outer_borders, tables_between_rules
from extractors.pages.content import Box, CellTable, Line, PageContent, Word

_FEWEST_PATHS = 3
_MOST_PATHS = 5000
"""Pages with more are drawings."""
_LEAST_FILLED = 0.4
_MOST_LINES = 3
"""Cells with more lines on average are whole columns: the rows between them are not ruled."""
_MARGIN_POINTS = 1.0
_CROSSING_POINTS = 2.0
_UNKNOWN = re.compile(r"\(cid:\d+\)")


class RuledTables:
    """Opens the file with pdfplumber at the first page that needs it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._document: Any = None

    def taken_out(self, content: PageContent, objects: PageObjects, number: int) -> PageContent:
        """Give the content with the page's ruled tables as tables, and without their words among the lines."""
        if not _FEWEST_PATHS <= objects.paths <= _MOST_PATHS:
            return content
        words = [word for line in content.lines for word in line.words]
        tables = tuple(self._tables(number, words))
        if not tables:
            return content
        lines = [_outside(line, tables) for line in content.lines]
        return replace(content, lines=tuple(line for line in lines if line.words), tables=tables)

    def close(self) -> None:
        """Close what was opened."""
        if self._document is not None:
            self._document.close()

    def _tables(self, number: int, words: Sequence[Word]) -> list[CellTable]:
        import pdfplumber

        if self._document is None:
            self._document = pdfplumber.open(self._file)
        page = self._document.pages[number - 1]
        found = [each for table in page.find_tables() if (each := _read(_completed(table, page), words))]
        found += tables_between_rules(page, words, [table.box for table in found])
        page.close()
        return sorted(found, key=lambda table: (table.box[1], table.box[0]))


def _completed(table: Any, page: Any) -> Any:
    """Find a table again with the outer borders that are not drawn."""
    borders = outer_borders(table, page)
    if not borders:
        return table
    left, top, right, bottom = table.bbox
    area = (
        max(page.bbox[0], min([left, *borders]) - 1),
        max(page.bbox[1], top - 1),
        min(page.bbox[2], max([right, *borders]) + 1),
        min(page.bbox[3], bottom + 1),
    )
    again = page.crop(area).find_tables({"explicit_vertical_lines": borders})
    return max([table, *again], key=lambda each: len(each.cells))


def _read(table: Any, words: Sequence[Word]) -> CellTable | None:
    cells = tuple(tuple(_UNKNOWN.sub("", cell or "") for cell in row) for row in table.extract())
    if not _is_table(cells):
        return None
    left, top, right, bottom = (float(edge) for edge in table.bbox)
    grid = [[None if cell is None else tuple(cell) for cell in row.cells] for row in table.rows]
    return CellTable(_filled(grid, words, cells), (left, top, right, bottom))


def _is_table(cells: Sequence[Sequence[str]]) -> bool:
    if len(cells) < 2 or len(cells[0]) < 2:
        return False
    filled = [cell.strip() for row in cells for cell in row if cell.strip()]
    lines = sum(cell.count("\n") + 1 for cell in filled)
    return len(filled) >= max(3, _LEAST_FILLED * len(cells) * len(cells[0])) and lines <= _MOST_LINES * len(filled)


def _filled(
    grid: Sequence[Sequence[Box | None]], words: Sequence[Word], cells: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], ...]:
    """Put PDFium's words into the cells: they are spaced better. Rows in which one crosses a border stay."""
    texts: list[list[list[str]]] = [[[] for _ in row] for row in grid]
    crossed: set[int] = set()
    for word in words:
        for at, row in enumerate(grid):
            for place, cell in enumerate(row):
                if cell is not None and _inside(word, cell):
                    if word.box[0] < cell[0] - _CROSSING_POINTS or word.box[2] > cell[2] + _CROSSING_POINTS:
                        crossed.add(at)
                    texts[at][place].append(word.text)
    return tuple(
        tuple(cells[at]) if at in crossed else tuple(" ".join(cell) for cell in row) for at, row in enumerate(texts)
    )


def _outside(line: Line, tables: Sequence[CellTable]) -> Line:
    return Line(
        tuple(word for word in line.words if not any(_inside(word, table.box, _MARGIN_POINTS) for table in tables))
    )


def _inside(word: Word, box: Box, margin: float = 0.0) -> bool:
    (x, y), (left, top, right, bottom) = word.middle, box
    return left - margin <= x <= right + margin and top - margin <= y <= bottom + margin
