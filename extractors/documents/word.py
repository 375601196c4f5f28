"""Word documents (DOCX): paragraphs, headings, lists, tables and text boxes in their order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.file_types import office_kind
from extractors.office_file import opened

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BOXES, _PARAGRAPHS, _TEXT_PIECES = f"{_WORD}txbxContent", f"{_WORD}p", f"{_WORD}t"
_FORMULA_PIECES = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"


class WordExtractor:
    """Reads a document from its first to its last paragraph."""

    name: ClassVar[str] = "word"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        pass

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take Office archives that hold a word document."""
        return office_kind(item.key, head) == "word"

    def extract(self, item: Item, file: Path) -> Extract:
        """Read body, headers and text boxes."""
        import docx
        from docx.table import Table

        document = opened(item, file, docx.Document, "document")
        composition = Composition(item)
        tables = 0
        for part in _parts(document):
            if isinstance(part, Table):
                tables += 1
                composition.add_table(_cells(part), place=f"table {tables}")
            else:
                _add_paragraph(composition, part)
        for text in _box_texts(document):
            composition.add(text)
        return composition.extract(_MEDIA_TYPE, title=composition.title or document.core_properties.title)


def _parts(document: Any) -> Iterator[Any]:
    """Give paragraphs and tables: the first section's header, the body, the first section's footer."""
    section = document.sections[0] if len(document.sections) else None
    if section is not None:
        yield from section.header.iter_inner_content()
    yield from document.iter_inner_content()
    if section is not None:
        yield from section.footer.iter_inner_content()


def _add_paragraph(composition: Composition, paragraph: Any) -> None:
    style = (paragraph.style.name if paragraph.style is not None else "") or ""
    kind = "text"
    if style.startswith(("Heading", "Title")):
        kind = "heading"
    elif style.startswith("List") or (paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None):
        kind = "list"
    composition.add(_paragraph_text(paragraph), kind=kind)


def _paragraph_text(paragraph: Any) -> str:
    """Give the text with its formulas, which the library leaves out."""
    if not any(True for _ in paragraph._p.iter(_FORMULA_PIECES)):
        return str(paragraph.text)
    return "".join(piece.text or "" for piece in paragraph._p.iter(_TEXT_PIECES, _FORMULA_PIECES))


def _cells(table: Any) -> list[list[str]]:
    """Give cell texts; a cell that spans several columns counts once."""
    rows = []
    for row in table.rows:
        cells: list[str] = []
        last = None
        for cell in row.cells:
            cells.append("" if cell._tc is last else cell.text)
            last = cell._tc
        rows.append(cells)
    return rows


def _box_texts(document: Any) -> Iterator[str]:
    seen: set[str] = set()
    for box in document.element.body.iter(_BOXES):
        for paragraph in box.iter(_PARAGRAPHS):
            text = "".join(piece.text or "" for piece in paragraph.iter(_TEXT_PIECES))
            # Word writes every box twice: for new and for old readers.
            if text not in seen:
                seen.add(text)
                yield text
