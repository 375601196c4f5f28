"""A document put together piece by piece: blocks in reading order, found tables, rejects."""

from collections.abc import Sequence

import pyarrow as pa

from bifrost.model import Item
from bifrost.ports import Extract, FoundTable
from bifrost.schemas import BLOCKS
from extractors.pages.content import Box, CellTable, PageContent
from extractors.pages.forms import read_forms
from extractors.pages.paragraphs import paragraphs
from extractors.tables.cells import form_of_records, table_of_cells

_CELL_BORDER = " | "


class Composition:
    """What is known of one document so far."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.tables: list[FoundTable] = []
        self.rejects: list[tuple[str, str]] = []
        self.title = ""
        self._last_table: tuple[int, tuple[str, ...]] = (0, ())
        self._blocks: dict[str, list[object]] = {name: [] for name in BLOCKS.names[2:]}

    def add(
        self,
        text: str,
        *,
        page: int = 1,
        kind: str = "text",
        box: Box | None = None,
        confidence: float = 1.0,
        method: str = "markup",
    ) -> None:
        """Append a block, unless it is blank; `box` is given in shares of the page. The first heading is the title."""
        text = text.replace("\x00", "").strip()
        if not text or (method == "ocr" and not any(map(str.isalnum, text))):
            return  # lines and stains are read as strokes and dots
        if kind == "heading" and not self.title:
            self.title = text
        values = (page, kind, text, *(box or (None,) * 4), confidence, method)
        for column, value in zip(self._blocks.values(), values, strict=True):
            column.append(value)

    def add_page(self, page: int, content: PageContent) -> None:
        """Append a page: its paragraphs and tables from top to bottom, and its forms."""
        parts: list[tuple[float, list[tuple[str, str, Box, float]]]] = []
        top = 0.0
        for paragraph in paragraphs(content.lines):
            # Columns are read one after the other: what comes later never sorts above what came before.
            top = max(top, paragraph.box[1])
            parts.append((top, [(paragraph.text, paragraph.kind, paragraph.box, paragraph.confidence)]))
        for table in content.tables:
            parts.append((table.box[1], _rows(table)))
        for _top, blocks in sorted(parts, key=lambda part: part[0]):
            for text, kind, box, confidence in blocks:
                share = _shares(box, content)
                self.add(text, page=page, kind=kind, box=share, confidence=confidence, method=content.method)
        for number, table in enumerate(content.tables, start=1):
            self._keep_table(table.cells, f"page {page}, table {number}", page)
        records = read_forms(content.lines)
        if records:
            self.tables.append(form_of_records(records, place=f"page {page}, form"))

    def add_table(self, cells: Sequence[Sequence[str]], *, place: str, page: int = 1) -> None:
        """Append a table as one block per row, and as a found table."""
        for row in cells:
            self.add(_CELL_BORDER.join(cell.strip() for cell in row if cell.strip()), page=page, kind="table")
        self._keep_table(cells, place, page)

    def reject(self, place: str, reason: str) -> None:
        """Note what could not be read."""
        self.rejects.append((place, reason))

    def extract(self, media_type: str, *, pages: int = 1, title: str = "") -> Extract:
        """Give the whole document."""
        return Extract(
            media_type=media_type,
            title=" ".join((title.strip() or self.title).split())[:300],
            pages=pages,
            tables=tuple(self.tables),
            blocks=self._table(),
            rejects=tuple(self.rejects),
        )

    def _keep_table(self, cells: Sequence[Sequence[str]], place: str, page: int) -> None:
        last_page, inherited = self._last_table
        inherited = inherited if last_page == page - 1 else ()
        found = table_of_cells(cells, name="table", place=place, inherited=inherited)
        if found is not None:
            self.tables.append(found)
            self._last_table = page, tuple(found.rows.schema.names[1:])

    def _table(self) -> pa.Table:
        count = len(self._blocks["text"])
        columns = {"item": [self.item.key] * count, "block": range(1, count + 1), **self._blocks}
        return pa.table([pa.array(columns[each.name], each.type) for each in BLOCKS], schema=BLOCKS)


def _rows(table: CellTable) -> list[tuple[str, str, Box, float]]:
    """Give a block for each row; the rows share the table's box evenly."""
    left, top, right, bottom = table.box
    height = (bottom - top) / max(1, len(table.cells))
    return [
        (
            _CELL_BORDER.join(cell for cell in row if cell),
            "table",
            (left, top + number * height, right, top + (number + 1) * height),
            table.confidence,
        )
        for number, row in enumerate(table.cells)
    ]


def _shares(box: Box, content: PageContent) -> Box:
    left, top, right, bottom = (
        min(max(round(value / size, 5), 0.0), 1.0)
        for value, size in zip(box, (content.width, content.height) * 2, strict=True)
    )
    return left, top, right, bottom
