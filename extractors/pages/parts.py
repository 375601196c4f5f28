"""What one page gives to its document: pieces of text in reading order, tables, forms, and what could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extractors.pages.content import Box, CellTable, PageContent
from extractors.pages.forms import read_forms
from extractors.pages.paragraphs import Paragraph, paragraphs

CELL_BORDER = " | "

Cells = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A block before it has a number; the box is given in shares of the page."""

    text: str
    kind: str = "text"
    box: Box | None = None
    confidence: float = 1.0
    method: str = "markup"


@dataclass(frozen=True, slots=True)
class PageParts:
    """One page, read; a value that can be written down and read back."""

    pieces: tuple[Piece, ...] = ()
    tables: tuple[Cells, ...] = ()
    forms: tuple[Mapping[str, str], ...] = ()
    """Records of label and value."""
    rejects: tuple[str, ...] = ()
    """Reasons why something on the page could not be read."""
    codes: tuple[str, ...] = ()
    """Barcodes and 2D codes as FORMAT TEXT; their texts are pieces, too."""

    def described(self) -> dict[str, Any]:
        """Give plain values, as JSON has them."""
        pieces = [[piece.text, piece.kind, piece.box, piece.confidence, piece.method] for piece in self.pieces]
        rest = {"tables": self.tables, "forms": self.forms, "rejects": self.rejects, "codes": self.codes}
        return {"pieces": pieces, **rest}

    @classmethod
    def from_described(cls, value: Mapping[str, Any]) -> "PageParts":
        """Read plain values back."""
        pieces = tuple(
            Piece(text, kind, tuple(box) if box else None, confidence, method)
            for text, kind, box, confidence, method in value["pieces"]
        )
        return cls(pieces, *(tuple(value[name]) for name in ("tables", "forms", "rejects", "codes")))


def row_text(cells: Sequence[str]) -> str:
    """Give a row of a table as one text."""
    return CELL_BORDER.join(text for cell in cells if (text := " ".join(cell.split())))


def parts_of(content: PageContent) -> PageParts:
    """Gather lines to paragraphs, set the rows of tables among them, and read label-value lines."""
    runs: list[list[Piece]] = []
    boxes: list[Box] = []
    for paragraph in paragraphs(content.lines):
        runs.append([_piece(paragraph, content)])
        boxes.append(paragraph.box)
    for table in sorted(content.tables, key=lambda table: table.box[1]):
        place = _place(table.box, boxes)
        runs.insert(place, _rows(table, content))
        boxes.insert(place, table.box)
    return PageParts(
        pieces=tuple(piece for run in runs for piece in run),
        tables=tuple(table.cells for table in content.tables),
        forms=content.forms or _label_values(content),
    )


def _label_values(content: PageContent) -> tuple[Mapping[str, str], ...]:
    return tuple(read_forms(content.lines)) if any(":" in line.text for line in content.lines) else ()


def _place(box: Box, boxes: Sequence[Box]) -> int:
    """Find where a table comes: after what stands above it in its column, else before what stands below it."""
    above = [
        at for at, other in enumerate(boxes) if _same_column(box, other) and (other[1] + other[3]) / 2 <= box[1] + 1
    ]
    if above:
        return above[-1] + 1
    below = [at for at, other in enumerate(boxes) if _same_column(box, other) and other[1] >= box[1]]
    if below:
        return below[0]
    return sum(other[1] <= box[1] for other in boxes)


def _same_column(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2]


def _piece(paragraph: Paragraph, content: PageContent) -> Piece:
    return Piece(paragraph.text, paragraph.kind, _shares(paragraph.box, content), paragraph.confidence, content.method)


def _rows(table: CellTable, content: PageContent) -> list[Piece]:
    """Give a piece for each row; the rows share the table's box evenly."""
    left, top, right, bottom = table.box
    height = (bottom - top) / max(1, len(table.cells))
    return [
        Piece(
            row_text(row),
            "table",
            _shares((left, top + number * height, right, top + (number + 1) * height), content),
            table.confidence,
            content.method,
        )
        for number, row in enumerate(table.cells)
    ]


def _shares(box: Box, content: PageContent) -> Box:
    left, top, right, bottom = box
    width, height = content.width, content.height
    return _share(left / width), _share(top / height), _share(right / width), _share(bottom / height)


def _share(value: float) -> float:
    return 0.0 if value <= 0 else 1.0 if value >= 1 else round(value, 5)
