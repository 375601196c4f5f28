"""A document put together piece by piece: blocks in reading order, found tables, rejects."""

import pyarrow as pa

from bifrost.model import Item
from bifrost.ports import Extract, FoundTable
from bifrost.schemas import BLOCKS
from extractors.documents.running_lines import running_lines
from extractors.pages.content import Box
from extractors.pages.parts import Cells, PageParts, Piece, row_text
from extractors.tables.cells import form_of_records, table_of_cells


class Composition:
    """What is known of one document so far."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.tables: list[FoundTable] = []
        self.rejects: list[tuple[str, str]] = []
        self.codes: list[str] = []
        self.title = ""
        self._last_table: tuple[int, tuple[str, ...]] = (0, ())
        self._pages: list[int] = []
        self._pieces: list[Piece] = []

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
        self.add_piece(Piece(text, kind, box, confidence, method), page)

    def add_piece(self, piece: Piece, page: int = 1) -> None:
        """Append a block, unless it is blank."""
        text = piece.text.replace("\x00", "").strip()
        if not text or (piece.method == "ocr" and not any(map(str.isalnum, text))):
            return  # lines and stains are read as strokes and dots
        if piece.kind == "heading" and not self.title:
            self.title = text
        if text is not piece.text:
            piece = Piece(text, piece.kind, piece.box, piece.confidence, piece.method)
        self._pages.append(page)
        self._pieces.append(piece)

    def add_parts(self, page: int, parts: PageParts, place: str = "") -> None:
        """Append a page that was read, perhaps in an earlier run, or a picture in it; `place` says what if no page."""
        place = place or f"page {page}"
        for piece in parts.pieces:
            self.add_piece(piece, page)
        for number, cells in enumerate(parts.tables, start=1):
            self._keep_table(cells, f"{place}, table {number}", page)
        if parts.forms:
            self.tables.append(form_of_records(list(map(dict, parts.forms)), place=f"{place}, form"))
        for reason in parts.rejects:
            self.reject(place, reason)
        self.codes += parts.codes

    def add_table(self, cells: Cells, *, place: str, page: int = 1) -> None:
        """Append a table as one block per row, and as a found table."""
        for row in cells:
            self.add(row_text(row), page=page, kind="table")
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

    def _keep_table(self, cells: Cells, place: str, page: int) -> None:
        last_page, inherited = self._last_table
        inherited = inherited if last_page == page - 1 else ()
        found = table_of_cells(cells, name="table", place=place, inherited=inherited)
        if found is not None:
            self.tables.append(found)
            self._last_table = page, tuple(found.rows.schema.names[1:])

    def _table(self) -> pa.Table:
        pieces, pages = self._pieces, self._pages
        running = running_lines(pages, pieces)
        boxes = [piece.box or (None,) * 4 for piece in pieces]
        columns = {
            "item": [self.item.key] * len(pieces),
            "block": range(1, len(pieces) + 1),
            "page": pages,
            "kind": ["note" if at in running else piece.kind for at, piece in enumerate(pieces)],
            "text": [piece.text for piece in pieces],
            **{name: [box[edge] for box in boxes] for edge, name in enumerate(("x0", "y0", "x1", "y1"))},
            "confidence": [piece.confidence for piece in pieces],
            "method": [piece.method for piece in pieces],
        }
        return pa.table([pa.array(columns[each.name], each.type) for each in BLOCKS], schema=BLOCKS)
