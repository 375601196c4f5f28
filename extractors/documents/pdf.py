"""PDF files: the text layer where there is one, recognition where there is not, and the tables of both."""

from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.file_types import signature
from extractors.pages.borderless import with_borderless_tables
from extractors.pages.content import PageContent
from extractors.pages.tesseract_reader import RecognitionFailed, TesseractReader

_DOTS_PER_INCH = 200
_MOST_PIXELS = 40_000_000
_FEW_CHARACTERS = 50
_SCANNED_SHARE = 0.4
"""An image over so much of a page with little text makes it a scanned page."""


class PdfExtractor:
    """Reads a PDF page by page; a page that fails is a reject and the others go on."""

    name: ClassVar[str] = "pdf"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._ocr = settings.ocr
        self._reader = TesseractReader(settings.ocr_languages, cache)

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take files that begin as PDF does."""
        return signature(head) == "PDF"

    def extract(self, item: Item, file: Path) -> Extract:
        """Read all pages."""
        from extractors.documents.ruled_tables import RuledTables

        document = _opened(item, file)
        composition = Composition(item)
        ruled = RuledTables(file)
        try:
            for number in range(len(document)):
                self._add_page(composition, document, number, ruled)
            title = composition.title or document.get_metadata_value("Title")
            pages = len(document)
        finally:
            ruled.close()
            document.close()
        if not _has_end(file):
            composition.reject("", "the file seems to be cut off: its end mark is missing")
        return composition.extract("application/pdf", pages=pages, title=title)

    def _add_page(self, composition: Composition, document: Any, number: int, ruled: Any) -> None:
        from pypdfium2 import PdfiumError

        place = f"page {number + 1}"
        try:
            page = document[number]
            content = self._content(page, number, ruled)
            page.close()
        except (PdfiumError, RecognitionFailed) as error:
            composition.reject(place, str(error))
            return
        if content is None:
            composition.reject(place, "it has no text layer, and recognition is switched off (extraction.ocr)")
        else:
            composition.add_page(number + 1, with_borderless_tables(content))

    def _content(self, page: Any, number: int, ruled: Any) -> PageContent | None:
        from extractors.documents.text_layer import TextLayer
        from extractors.pages.scanned import read_scan

        layer = TextLayer(page)
        scanned = layer.count < _FEW_CHARACTERS and _image_share(page) > _SCANNED_SHARE
        if not scanned and (layer.usable() or _is_blank(page)):
            content: PageContent = ruled.taken_out(PageContent(layer.width, layer.height, layer.lines()), page, number)
            return content
        if not self._ocr:
            return None
        scale = min(_DOTS_PER_INCH / 72, (_MOST_PIXELS / (layer.width * layer.height)) ** 0.5)
        picture = page.render(scale=scale, grayscale=True).to_pil()
        return read_scan(picture, self._reader, dots_per_inch=round(scale * 72))


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


def _image_share(page: Any) -> float:
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    largest = 0.0
    for image in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        largest = max(largest, (right - left) * (top - bottom))
    return float(largest / max(width * height, 1.0))


def _is_blank(page: Any) -> bool:
    return next(iter(page.get_objects(max_depth=2)), None) is None


def _has_end(file: Path) -> bool:
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 2048))
        return b"%%EOF" in stream.read()
