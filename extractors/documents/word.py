"""Word documents (DOCX): everything that is written in them, in its order, and what stands around it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.documents.pictures import DocumentPictures
from extractors.documents.word_numbering import WORD
from extractors.documents.word_parts import WordReader
from extractors.file_types import office_kind
from extractors.office_file import opened
from extractors.pages.recognition import recognition_of

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NOTE_RELATIONS = ("/footnotes", "/endnotes", "/comments")
_SEPARATORS = ("separator", "continuationSeparator", "continuationNotice")


class WordExtractor:
    """Reads a document from its first to its last paragraph, then its notes and comments."""

    name: ClassVar[str] = "word"
    version: ClassVar[int] = 2

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._recognition = recognition_of(settings, cache) if settings.ocr else None

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take Office archives that hold a word document."""
        return office_kind(item.key, head) == "word"

    def extract(self, item: Item, file: Path) -> Extract:
        """Read headers, body, footers, notes and comments."""
        import docx

        document = opened(item, file, docx.Document, "document")
        composition = Composition(item)
        pictures = DocumentPictures(self._recognition)
        reader = WordReader(document, _numbering(document))
        tables = shown = 0
        for part, kind in _parts(document):
            for each in reader.parts(part.element.body if part is document.part else part.element):
                if each.kind == "table":
                    tables += 1
                    composition.add_table(each.cells, place=f"table {tables}")
                elif each.kind == "picture":
                    for content in _blobs(part, each.text):
                        shown += 1
                        composition.add_parts(1, pictures.read(content), f"picture {shown}")
                else:
                    composition.add(each.text, kind=kind or each.kind)
        for note in _notes(document):
            composition.add("\n".join(part.text for part in reader.parts(note) if part.text), kind="note")
        for comment in _comments(document):
            said = "\n".join(part.text for part in reader.parts(comment) if part.text)
            composition.add(f"{comment.get(f'{WORD}author') or ''}: {said}".removeprefix(": "), kind="note")
        return composition.extract(_MEDIA_TYPE, title=composition.title or document.core_properties.title)


def _parts(document: Any) -> Iterator[tuple[Any, str]]:
    """Give the parts of the package that hold text, and the kind that stands for the kinds of their paragraphs."""
    yield from ((part, "note") for part in _around(document, "header"))
    yield document.part, ""
    yield from ((part, "note") for part in _around(document, "footer"))


def _blobs(part: Any, relation: str) -> list[bytes]:
    """Give the content of a picture, unless it lies outside of the file."""
    found = part.rels.get(relation)
    return [] if found is None or found.is_external else [found.target_part.blob]


def _around(document: Any, name: str) -> Iterator[Any]:
    """Give the parts of all headers or footers that are not those of the section before."""
    for section in document.sections:
        for which in (name, f"first_page_{name}", f"even_page_{name}"):
            found = getattr(section, which)
            if not found.is_linked_to_previous:
                yield found.part


def _numbering(document: Any) -> Any:
    return next((part.element for part in _related(document, ("/numbering",))), None)


def _notes(document: Any) -> Iterator[Any]:
    for root in _roots(document, _NOTE_RELATIONS[:2]):
        yield from (each for each in root if each.get(f"{WORD}type") not in _SEPARATORS)


def _comments(document: Any) -> Iterator[Any]:
    for root in _roots(document, _NOTE_RELATIONS[2:]):
        yield from root


def _roots(document: Any, relations: tuple[str, ...]) -> Iterator[Any]:
    from docx.oxml import parse_xml

    for part in _related(document, relations):
        yield part.element if hasattr(part, "element") else parse_xml(part.blob)


def _related(document: Any, relations: tuple[str, ...]) -> Iterator[Any]:
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(relations):
            yield relation.target_part
