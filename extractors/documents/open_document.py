"""OpenDocument texts and presentations (ODT, ODP): headings, paragraphs, lists, tables and notes in their order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from zipfile import ZipFile

from bifrost.config import Extraction
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.office_file import opened
from extractors.tables.spans import TableCells

_KINDS = (
    b"application/vnd.oasis.opendocument.text",
    b"application/vnd.oasis.opendocument.presentation",
)
_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _TABLE, _OFFICE, _DRAW = (_NAMES % name for name in ("text", "table", "office", "drawing"))
_HIDDEN = {f"{_OFFICE}annotation", f"{_TEXT}note", f"{_TEXT}tracked-changes", f"{_TABLE}table"}
_MOST_TIMES = 1000


class OpenDocumentExtractor:
    """Reads the content of a text, or the slides of a presentation."""

    name: ClassVar[str] = "open_document"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        pass

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take archives whose first part says that they are such a document."""
        return head.startswith(b"PK\x03\x04") and any(kind in head[:200] for kind in _KINDS)

    def extract(self, item: Item, file: Path) -> Extract:
        """Read the whole content."""
        root, media_type = opened(item, file, _content, "document")
        composition = Composition(item)
        pages = root.findall(f".//{_DRAW}page") or [root]
        for number, page in enumerate(pages, start=1):
            tables = 0
            for kind, content in _parts(page, "text"):
                if isinstance(content, str):
                    composition.add(content, page=number, kind=kind)
                else:
                    tables += 1
                    place = f"page {number}, table {tables}" if len(pages) > 1 else f"table {tables}"
                    composition.add_table(content, place=place, page=number)
        return composition.extract(media_type, pages=len(pages))


def _content(stream: Any) -> tuple[Any, str]:
    from docx.oxml import parse_xml

    with ZipFile(stream) as archive:
        media_type = archive.read("mimetype").decode("ascii").strip()
        return parse_xml(archive.read("content.xml")), media_type  # it resolves no entities


def _parts(element: Any, kind: str) -> Iterator[tuple[str, str | list[list[str]]]]:
    for each in element:
        if each.tag in (f"{_TEXT}h", f"{_TEXT}p"):
            yield "heading" if each.tag == f"{_TEXT}h" else kind, _said(each)
            for inner in each.iter(f"{_TEXT}note-body", f"{_OFFICE}annotation"):
                yield "note", "\n".join(_said(paragraph) for paragraph in inner.iter(f"{_TEXT}p"))
        elif each.tag == f"{_TABLE}table":
            yield "table", _cells(each)
        elif each.tag == f"{_TEXT}list":
            yield from _parts(each, "list")
        elif isinstance(each.tag, str) and each.tag not in _HIDDEN:
            yield from _parts(each, kind)


def _said(paragraph: Any) -> str:
    pieces = [paragraph.text or ""]
    for each in paragraph:
        if each.tag == f"{_TEXT}s":
            pieces.append(" ")
        elif each.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            pieces.append("\t" if each.tag == f"{_TEXT}tab" else "\n")
        elif isinstance(each.tag, str) and each.tag not in _HIDDEN:
            pieces.append(_said(each))
        pieces.append(each.tail or "")
    return "".join(pieces)


def _cells(table: Any) -> list[list[str]]:
    cells = TableCells()
    for row in table.iter(f"{_TABLE}table-row"):
        cells.open_row()
        for cell in row.iter(f"{_TABLE}table-cell"):
            cells.open(*(_times(cell, f"number-{what}-spanned") for what in ("rows", "columns")))
            cells.say(" ".join(_said(paragraph) for paragraph in cell.iter(f"{_TEXT}p")))
    return cells.grid()


def _times(cell: Any, name: str) -> int:
    value = cell.get(f"{_TABLE}{name}") or "1"
    return min(max(int(value), 1), _MOST_TIMES) if value.isdecimal() else 1
