"""Presentations (PPTX): what every slide says, with its notes and comments."""

from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.documents.pictures import DocumentPictures
from extractors.documents.slides import SlideReader
from extractors.file_types import office_kind
from extractors.office_file import DAMAGE, opened
from extractors.pages.paging import Paging
from extractors.pages.parts import PageParts
from extractors.pages.recognition import Recognition, recognition_of

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


class PresentationExtractor:
    """Reads slides in their order; a slide counts as a page."""

    name: ClassVar[str] = "presentation"
    version: ClassVar[int] = 2

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._recognition = recognition_of(settings, cache) if settings.ocr else None

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take Office archives that hold a presentation."""
        return office_kind(item.key, head) == "presentation"

    def extract(self, item: Item, file: Path) -> Extract:
        """Read every slide."""
        return self.extract_pages(item, file, Paging())

    def extract_pages(self, item: Item, file: Path, pages: Paging) -> Extract:
        """Read every slide that is not remembered."""
        import pptx

        deck = opened(item, file, pptx.Presentation, "presentation")
        composition = Composition(item)
        slides = _Slides(deck, self._recognition)
        for number, parts in pages.read(slides):
            composition.add_parts(number, parts)
        title = composition.title or deck.core_properties.title
        return composition.extract(_MEDIA_TYPE, pages=slides.pages, title=title)


class _Slides:
    def __init__(self, deck: Any, recognition: Recognition | None) -> None:
        self._slides = list(deck.slides)
        self._size = (deck.slide_width or 1, deck.slide_height or 1)
        self._pictures = DocumentPictures(recognition)

    @property
    def pages(self) -> int:
        return len(self._slides)

    def page(self, number: int) -> PageParts:
        try:
            return SlideReader(self._slides[number - 1], self._size, self._pictures).read()
        except DAMAGE as error:
            return PageParts(rejects=(f"the slide cannot be read: {error}",))
