"""What a Word document is made of: paragraphs, tables and pictures in their order, wherever they are wrapped up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from extractors.documents.word_numbering import WORD, Numbering
from extractors.tables.spans import SpanCell, grid_of

_OFFICE_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PARAGRAPH, _TABLE, _ROW, _CELL, _BOX = (f"{WORD}{name}" for name in ("p", "tbl", "tr", "tc", "txbxContent"))
_DELETED = {f"{WORD}del", f"{WORD}moveFrom"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_TEXTS = {f"{WORD}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"}
_SPACES = {f"{WORD}{name}": text for name, text in (("tab", "\t"), ("br", "\n"), ("cr", "\n"), ("noBreakHyphen", "-"))}
_MOST_COLUMNS = 64
"""Word has no more."""
_PROPERTIES = {f"{WORD}pPr", f"{WORD}rPr"}


@dataclass(frozen=True, slots=True)
class WordPart:
    """A paragraph, a table, or a picture (the identifier of its relation)."""

    kind: str
    text: str = ""
    cells: tuple[tuple[str, ...], ...] = ()


class WordReader:
    """Walks through the elements of one document."""

    def __init__(self, document: Any, numbering: Any) -> None:
        self._numbering = Numbering(numbering)
        self._styles = {style.style_id: style for style in document.styles}

    def parts(self, container: Any) -> Iterator[WordPart]:
        """Give the parts of a body, a header, a note or a cell; what wraps them up does not matter."""
        for each in container:
            if each.tag == _PARAGRAPH:
                yield from self._paragraph(each)
            elif each.tag == _TABLE:
                yield from self._table(each)
            elif each.tag not in _DELETED and each.tag != _FALLBACK and not _is_plain(each):
                yield from self.parts(each)

    def _paragraph(self, paragraph: Any) -> Iterator[WordPart]:
        kind, label = self._kind(paragraph)
        text = _text(paragraph)
        if text.strip():
            yield WordPart(kind, f"{label} {text.strip()}" if label else text)
        for each in _drawn(paragraph):
            if each.tag == _BOX:
                yield from self.parts(each)
            else:
                yield WordPart("picture", each.get(f"{_OFFICE_RELATIONS}embed") or "")

    def _kind(self, paragraph: Any) -> tuple[str, str]:
        """Give the kind and the number of a paragraph."""
        properties = paragraph.find(f"{WORD}pPr")
        styled = None if properties is None else properties.find(f"{WORD}pStyle")
        style = self._styles.get(styled.get(f"{WORD}val")) if styled is not None else None
        name = (style.name if style is not None else "") or ""
        number, level = _number(properties)
        while style is not None and not number:
            number, styled_level = _number(style.element.find(f"{WORD}pPr"))
            level, style = max(level, styled_level), style.base_style
        label = self._numbering.label(number, level) if number and number != "0" else ""
        if name.startswith(("Heading", "Title")):
            return "heading", label
        return "list" if number or name.startswith("List") else "text", label

    def _table(self, table: Any) -> Iterator[WordPart]:
        rows = [list(_inside(row, _CELL)) for row in _inside(table, _ROW)]
        if sum(map(len, rows)) == 1:  # a frame around its content
            yield from self.parts(rows[0][0])
            return
        cells = list(self._cells(rows))
        yield WordPart("table", cells=tuple(map(tuple, grid_of(cells))))
        for row in rows:
            for cell in row:
                for part in (
                    self.parts(cell) if next(_inside(cell, _TABLE), None) is not None or _has_picture(cell) else ()
                ):
                    if part.kind in ("table", "picture"):
                        yield part

    def _cells(self, rows: list[list[Any]]) -> Iterator[SpanCell]:
        open_cells: dict[int, SpanCell] = {}
        for number, row in enumerate(rows):
            column = _skipped(row)
            for cell in row:
                properties = cell.find(f"{WORD}tcPr")
                wide, merge = _span(properties), None if properties is None else properties.find(f"{WORD}vMerge")
                continues = merge is not None and merge.get(f"{WORD}val") != "restart"
                if continues and column in open_cells:
                    text = open_cells[column].text
                else:
                    text = "\n".join(_said(self.parts(cell)))
                found = SpanCell(number, column, text, 1, wide)
                open_cells[column] = found
                yield found
                column += wide


def _said(parts: Iterator[WordPart]) -> Iterator[str]:
    for part in parts:
        if part.kind not in ("table", "picture"):  # they stand for themselves
            yield part.text


def _text(paragraph: Any) -> str:
    """Give the text with its formulas, without what was deleted and without text boxes."""
    pieces: list[str] = []
    waiting = [paragraph]
    while waiting:
        each = waiting.pop()
        if each.tag in _TEXTS:
            pieces.append(each.text or "")
        elif each.tag in _SPACES:
            pieces.append(_SPACES[each.tag])
        elif each.tag not in _DELETED and each.tag not in _PROPERTIES and each.tag not in (_BOX, _FALLBACK):
            waiting.extend(reversed(each))
    return "".join(pieces)


def _drawn(element: Any) -> Iterator[Any]:
    """Give text boxes and pictures; Word writes every box twice, for new readers and, as fallback, for old ones."""
    for each in element:
        if each.tag in (_BOX, _PICTURE):
            yield each
        elif each.tag != _FALLBACK and not _is_plain(each):
            yield from _drawn(each)


def _inside(element: Any, tag: str) -> Iterator[Any]:
    """Give the next elements of a kind below one, whatever wraps them up, but not those inside of each other."""
    for each in element:
        if each.tag == tag:
            yield each
        elif each.tag not in (_PARAGRAPH, _TABLE, *_DELETED) and not _is_plain(each):
            yield from _inside(each, tag)


def _has_picture(element: Any) -> bool:
    return next(element.iter(_PICTURE), None) is not None


def _is_plain(element: Any) -> bool:
    return not isinstance(element.tag, str) or element.tag in _PROPERTIES or len(element) == 0


def _number(properties: Any) -> tuple[str, int]:
    found = None if properties is None else properties.find(f"{WORD}numPr")
    if found is None:
        return "", 0
    number, level = (found.find(f"{WORD}{name}") for name in ("numId", "ilvl"))
    value = "0" if level is None else level.get(f"{WORD}val") or "0"
    return "" if number is None else number.get(f"{WORD}val") or "", int(value)


def _span(properties: Any) -> int:
    found = None if properties is None else properties.find(f"{WORD}gridSpan")
    return 1 if found is None else min(max(1, int(found.get(f"{WORD}val") or 1)), _MOST_COLUMNS)


def _skipped(row: list[Any]) -> int:
    """Give how many columns a row leaves out at its start."""
    properties = row[0].getparent().find(f"{WORD}trPr") if row else None
    found = None if properties is None else properties.find(f"{WORD}gridBefore")
    return 0 if found is None else min(int(found.get(f"{WORD}val") or 0), _MOST_COLUMNS)
