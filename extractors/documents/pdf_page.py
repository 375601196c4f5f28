"""One PDF page: whether its text layer can be trusted, and what it gives."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from extractors.documents.legibility import agrees, is_doubtful
from extractors.documents.page_objects import PageObjects, objects_of
from extractors.documents.page_pictures import PagePictures
from extractors.documents.ruled_tables import RuledTables
from extractors.documents.text_layer import TextLayer
from extractors.forms.receipts.page import with_receipt
from extractors.pages.borderless import with_borderless_tables
from extractors.pages.content import PageContent
from extractors.pages.parts import PageParts, parts_of
from extractors.pages.reading_order import in_reading_order
from extractors.pages.recognition import Recognition

_DOTS_PER_INCH = 200
_MOST_PIXELS = 40_000_000
_FEW_CHARACTERS = 50
_SCANNED_SHARE = 0.4
"""An image over so much of a page with little text makes it a scanned page."""
_NO_RECOGNITION = "it has no text layer, and recognition is switched off (extraction.ocr)"
_UNREADABLE = "its text layer cannot be read, and recognition is switched off (extraction.ocr)"


class PageReader:
    """Reads the pages of one file."""

    def __init__(self, file: Path, recognition: Recognition | None) -> None:
        self._recognition = recognition
        self._ruled = RuledTables(file)
        self._pictures = PagePictures(recognition)

    def close(self) -> None:
        """Close what was opened."""
        self._ruled.close()

    def read(self, page: Any, number: int) -> PageParts:
        """Read the text layer, or recognise the page, or look whether recognition bears out a doubtful text layer.

        Raises:
            RecognitionFailed: a recogniser is missing, or refused the page.
        """
        layer = TextLayer(page)
        try:
            objects = objects_of(page)
            if _has_text(layer, objects):
                doubtful = self._recognition is not None and is_doubtful(layer.characters)
                recognised = self._recognised(page, layer) if doubtful else None
                if recognised is None or agrees(layer.characters, [line.text for line in recognised.lines]):
                    return self._layer_parts(page, layer, objects, number)
                return parts_of(with_borderless_tables(recognised))
            recognised = self._recognised(page, layer)
            if recognised is None:
                return PageParts(rejects=(_UNREADABLE if layer.count >= _FEW_CHARACTERS else _NO_RECOGNITION,))
            return parts_of(with_borderless_tables(recognised))
        finally:
            layer.close()

    def _layer_parts(self, page: Any, layer: TextLayer, objects: PageObjects, number: int) -> PageParts:
        content = PageContent(layer.width, layer.height, layer.lines)
        content = self._ruled.taken_out(content, objects, number)
        content = with_borderless_tables(with_receipt(content))
        parts = parts_of(replace(content, lines=in_reading_order(content.lines)))
        return self._pictures.added(parts, page, layer, objects) if objects.images else parts

    def _recognised(self, page: Any, layer: TextLayer) -> PageContent | None:
        from extractors.pages.scanned import read_scan

        if self._recognition is None:
            return None
        scale = min(_DOTS_PER_INCH / 72, (_MOST_PIXELS / max(layer.width * layer.height, 1.0)) ** 0.5)
        picture = page.render(scale=scale, grayscale=True).to_pil()
        return read_scan(picture, self._recognition, dots_per_inch=round(scale * 72))


def _has_text(layer: TextLayer, objects: PageObjects) -> bool:
    if objects.blank:
        return True
    page = max(layer.width * layer.height, 1.0)
    largest = max(((right - left) * (top - bottom) for left, bottom, right, top in objects.images), default=0.0)
    if layer.count < _FEW_CHARACTERS and largest > _SCANNED_SHARE * page:
        return False
    return layer.usable()
