"""PDF files: the text layer where there is one, recognition where there is not, and the tables of both."""

from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.documents.pdf_page import PageReader
from extractors.file_types import signature
from extractors.pages.paging import Paging
from extractors.pages.parts import PageParts
from extractors.pages.recognition import Recognition, recognition_of
from extractors.pages.tesseract_reader import RecognitionFailed


class PdfExtractor:
    """Reads a PDF page by page; a page that fails is a reject and the others go on."""

    name: ClassVar[str] = "pdf"
    version: ClassVar[int] = 2

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._reader = recognition_of(settings, cache) if settings.ocr else None

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take files that begin as PDF does."""
        return signature(head) == "PDF"

    def extract(self, item: Item, file: Path) -> Extract:
        """Read all pages."""
        return self.extract_pages(item, file, Paging())

    def extract_pages(self, item: Item, file: Path, pages: Paging) -> Extract:
        """Read all pages that are not remembered."""
        composition = Composition(item)
        with PdfFile(item, file, self._reader) as document:
            for number, parts in pages.read(document):
                composition.add_parts(number, parts)
            title = composition.title or document.title
            count = document.pages
        if not _has_end(file):
            composition.reject("", "the file seems to be cut off: its end mark is missing")
        return composition.extract("application/pdf", pages=count, title=title)


class PdfFile:
    """An opened PDF."""

    def __init__(self, item: Item, file: Path, reader: Recognition | None) -> None:
        self._document = _opened(item, file)
        self._reading = PageReader(file, reader)

    def __enter__(self) -> "PdfFile":
        return self

    def __exit__(self, *_failure: object) -> None:
        self._reading.close()
        self._document.close()

    @property
    def pages(self) -> int:
        """Count the pages."""
        return len(self._document)

    @property
    def title(self) -> str:
        """Give the title among the properties of the file."""
        return str(self._document.get_metadata_value("Title"))

    def page(self, number: int) -> PageParts:
        """Read a page."""
        from pypdfium2 import PdfiumError

        try:
            page = self._document[number - 1]
            try:
                return self._reading.read(page, number)
            finally:
                page.close()
        except (PdfiumError, RecognitionFailed) as error:
            return PageParts(rejects=(str(error),))


def _opened(item: Item, file: Path) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        reason = (
            "it is protected by a password" if "password" in str(error).lower() else f"it is no intact PDF: {error}"
        )
        raise ItemUnreadable(item.source, item.key, reason) from error
    if not len(document):
        raise ItemUnreadable(item.source, item.key, "the PDF has no pages")
    return document


def _has_end(file: Path) -> bool:
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 2048))
        return b"%%EOF" in stream.read()
