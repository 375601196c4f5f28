"""One slide: its texts, tables, charts, drawings, pictures, notes and comments."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from extractors.documents.charts import chart_cells, chart_title
from extractors.documents.pictures import DocumentPictures
from extractors.documents.slide_comments import comments_of
from extractors.pages.content import Box
from extractors.pages.parts import Cells, PageParts, Piece, row_text
from extractors.tables.spans import SpanCell, grid_of

_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_DIAGRAM_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"


class SlideReader:
    """Collects what one slide says."""

    def __init__(self, slide: Any, size: tuple[int, int], pictures: DocumentPictures) -> None:
        self._slide, self._size, self._pictures = slide, size, pictures
        self._parts = PageParts()

    def read(self) -> PageParts:
        """Read shapes in their order, then notes and comments."""
        for shape in _shapes(self._slide.shapes):
            self._add(shape)
        if self._slide.has_notes_slide and self._slide.notes_slide.notes_text_frame is not None:
            self._append(Piece(self._slide.notes_slide.notes_text_frame.text, "note"))
        for comment in comments_of(self._slide):
            self._append(Piece(comment, "note"))
        return self._parts

    def _add(self, shape: Any) -> None:
        box = _box(shape, self._size)
        if shape.has_text_frame:
            self._append(*_texts(shape, self._slide, box))
        elif shape.has_table:
            self._append_table(_cells(shape.table), box)
        elif shape.has_chart:
            self._append_chart(shape.chart, box)
        else:
            self._append(*(Piece(text, "text", box) for text in _diagram_texts(shape)))
        for content in _picture_contents(shape):
            found = self._pictures.read(content, box)
            self._parts = PageParts(
                (*self._parts.pieces, *found.pieces),
                (*self._parts.tables, *found.tables),
                (*self._parts.forms, *found.forms),
                (*self._parts.rejects, *found.rejects),
            )

    def _append(self, *pieces: Piece) -> None:
        self._parts = replace(self._parts, pieces=(*self._parts.pieces, *pieces))

    def _append_table(self, cells: Cells, box: Box | None) -> None:
        self._append(*(Piece(row_text(row), "table", box) for row in cells))
        self._parts = replace(self._parts, tables=(*self._parts.tables, cells))

    def _append_chart(self, chart: Any, box: Box | None) -> None:
        self._append(Piece(chart_title(chart), "text", box))
        cells = chart_cells(chart)
        if cells:
            self._append_table(cells, box)
        else:
            reason = "the numbers of a chart cannot be read: they are not kept in the file"
            self._parts = replace(self._parts, rejects=(*self._parts.rejects, reason))


def _shapes(shapes: Iterable[Any]) -> Iterator[Any]:
    """Give shapes in their order, those inside of groups included."""
    from pptx.shapes.group import GroupShape

    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _texts(shape: Any, slide: Any, box: Box | None) -> Iterator[Piece]:
    title = slide.shapes.title
    if title is not None and shape.shape_id == title.shape_id:
        yield Piece(" ".join(shape.text_frame.text.split()), "heading", box)
        return
    for paragraph in shape.text_frame.paragraphs:
        yield Piece(paragraph.text.replace("\v", " "), "text", box)


def _diagram_texts(shape: Any) -> Iterator[str]:
    """Give the texts of a drawing that is made of boxes and arrows (SmartArt), which lie in a part of their own."""
    from pptx.oxml import parse_xml

    for relations in shape.element.iter(_DIAGRAM):
        found = shape.part.rels.get(relations.get(_DIAGRAM_DATA) or "")
        if found is not None and not found.is_external:
            for piece in parse_xml(found.target_part.blob).iter(_TEXT):
                yield piece.text or ""


def _picture_contents(shape: Any) -> Iterator[bytes]:
    from pptx.shapes.picture import Picture
    from pptx.shapes.placeholder import PlaceholderPicture

    if isinstance(shape, (Picture, PlaceholderPicture)):
        found = shape.part.rels.get(shape._element.blip_rId or "")
        if found is not None and not found.is_external:
            yield found.target_part.blob


def _box(shape: Any, size: tuple[int, int]) -> Box | None:
    if None in (shape.left, shape.top, shape.width, shape.height):
        return None
    edges = (shape.left, shape.top, shape.left + shape.width, shape.top + shape.height)
    left, top, right, bottom = (
        min(max(round(edge / length, 5), 0.0), 1.0) for edge, length in zip(edges, size * 2, strict=True)
    )
    return left, top, right, bottom


def _cells(table: Any) -> list[list[str]]:
    return grid_of(
        SpanCell(row, column, cell.text.replace("\v", " "), cell.span_height, cell.span_width)
        for row, cells in enumerate(table.rows)
        for column, cell in enumerate(cells.cells)
        if not cell.is_spanned
    )
