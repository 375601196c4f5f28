"""Pictures: recognised text, ruled tables and forms, codes, what the camera wrote, and what they look like."""

from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.file_types import signature
from extractors.images.codes import Code, read_codes
from extractors.images.exif import Exif
from extractors.images.frames import frames
from extractors.images.perceptual_hash import perceptual_hash
from extractors.images.preparation import prepared
from extractors.images.record import picture_record
from extractors.pages.borderless import with_borderless_tables
from extractors.pages.content import Box
from extractors.pages.recognition import recognition_of
from extractors.pages.tesseract_reader import RecognitionFailed
from extractors.vision.looking import VisionModels

_VERSION = 2
_FAULTS = (OSError, ValueError, SyntaxError, EOFError)


class ImageExtractor:
    """Reads a picture, or every frame of one with several pages."""

    name: ClassVar[str] = "image"
    version: int
    """Differs with the models that look at pictures."""

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._ocr = settings.ocr
        self._reader = recognition_of(settings, cache)
        self._vision = VisionModels(settings.vision)
        self.version = _VERSION + self._vision.version

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take files that begin as a picture does."""
        return signature(head).endswith("image") or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")

    def extract(self, item: Item, file: Path) -> Extract:
        """Read codes and text of every frame; the record is that of the first."""
        from PIL import Image

        composition = Composition(item)
        media_type, pages, looks, exif = "", 0, None, Exif()
        codes: list[Code] = []
        try:
            for media_type, exif, picture in frames(file):  # noqa: B007 -- those of the last frame are those of the file
                pages += 1
                looks = looks or (perceptual_hash(picture) if pages == 1 else None)
                codes += self._add_frame(composition, picture, pages)
        except (*_FAULTS, Image.DecompressionBombError) as error:
            what = "it is too large" if isinstance(error, Image.DecompressionBombError) else "it is no intact picture"
            if not pages:
                raise ItemUnreadable(item.source, item.key, f"{what}: {error}") from error
            composition.reject(f"page {pages + 1}", f"{what}: {error}")
        for line in exif.lines():
            composition.add(line, kind="label")
        composition.tables.append(picture_record(exif, looks, codes))
        return composition.extract(media_type, pages=pages)

    def _add_frame(self, composition: Composition, picture: Any, page: int) -> list[Code]:
        codes = read_codes(picture)
        for code in codes:
            box = _shares(code.box, picture.size)
            composition.add(code.text, page=page, kind="code", box=box, method="barcode")
        self._add_text(composition, picture, page, [code.box for code in codes])
        for seen in self._vision.look(picture):
            if seen.failure:
                composition.reject(f"page {page}", seen.failure)
            else:
                place = _shares(seen.box, picture.size) if seen.box else None
                composition.add(seen.text, page=page, kind=seen.kind, box=place, confidence=seen.score, method="vision")
        return codes

    def _add_text(self, composition: Composition, picture: Any, page: int, codes: list[Box]) -> None:
        from extractors.pages.scanned import read_scan

        if not self._ocr:
            composition.reject(
                f"page {page}", "text in pictures is not read: recognition is switched off (extraction.ocr)"
            )
            return
        try:
            content = read_scan(prepared(picture, codes), self._reader)
        except RecognitionFailed as error:
            composition.reject(f"page {page}", str(error))
            return
        composition.add_page(page, with_borderless_tables(content))


def _shares(box: Box, size: tuple[int, int]) -> Box:
    left, top, right, bottom = (min(max(edge / length, 0.0), 1.0) for edge, length in zip(box, size * 2, strict=True))
    return left, top, right, bottom
