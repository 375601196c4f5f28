"""Pictures: recognised text, ruled tables and forms, codes, what the camera wrote, and what they look like."""

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.file_types import signature
from extractors.images.codes import read_codes
from extractors.images.frames import FAULTS, Frames
from extractors.images.perceptual_hash import perceptual_hash
from extractors.images.preparation import prepared
from extractors.images.record import picture_record
from extractors.pages.borderless import with_borderless_tables
from extractors.pages.content import Box
from extractors.pages.paging import Paging
from extractors.pages.parts import PageParts, Piece, parts_of
from extractors.pages.recognition import Recognition, recognition_of
from extractors.pages.tesseract_reader import RecognitionFailed
from extractors.vision.looking import VisionModels

_VERSION = 3
_NOT_INTACT = "it is no intact picture"
_OFF = "text in pictures is not read: recognition is switched off (extraction.ocr)"


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
        """Read every frame."""
        return self.extract_pages(item, file, Paging())

    def extract_pages(self, item: Item, file: Path, pages: Paging) -> Extract:
        """Read codes and text of every frame that is not remembered; how the picture looks is told of the first."""
        composition = Composition(item)
        try:
            frames = Frames(file)
        except FAULTS as error:
            raise ItemUnreadable(item.source, item.key, _fault(error)) from error
        with frames:
            reading = _Reading(item, frames, self._reader if self._ocr else None, self._vision)
            for number, parts in pages.read(reading):
                composition.add_parts(number, parts)
            looks = reading.looks()
        if frames.damage:
            composition.reject(f"page {frames.count + 1}", f"{_NOT_INTACT}: {frames.damage}")
        for line in frames.exif.lines():
            composition.add(line, kind="label")
        composition.tables.append(picture_record(frames.exif, looks, composition.codes))
        return composition.extract(frames.media_type, pages=frames.count)


class _Reading:
    """The frames as pages."""

    def __init__(self, item: Item, frames: Frames, recognition: Recognition | None, vision: VisionModels) -> None:
        self._item, self._frames, self._recognition, self._vision = item, frames, recognition, vision
        self._looks: list[str | None] = []

    @property
    def pages(self) -> int:
        return self._frames.count

    def looks(self) -> str | None:
        """Give the perceptual hash of the first frame, which is read again if its page was remembered."""
        if not self._looks:
            self._picture(1)
        return self._looks[0] if self._looks else None

    def _picture(self, number: int) -> Any:
        """Give a frame, or why it cannot be read; the file is unreadable if it has no other."""
        try:
            picture = self._frames.picture(number)
        except FAULTS as error:
            if self.pages == 1:
                raise ItemUnreadable(self._item.source, self._item.key, _fault(error)) from error
            return _fault(error)
        if number == 1:
            self._looks = [perceptual_hash(picture)]
        return picture

    def page(self, number: int) -> PageParts:
        picture = self._picture(number)
        if isinstance(picture, str):
            return PageParts(rejects=(picture,))
        codes = read_codes(picture)
        parts = self._text(picture, [code.box for code in codes])
        written = [Piece(code.text, "code", _shares(code.box, picture.size), method="barcode") for code in codes]
        seen = list(self._vision.look(picture))
        shown = [
            Piece(each.text, each.kind, _shares(each.box, picture.size) if each.box else None, each.score, "vision")
            for each in seen
            if not each.failure
        ]
        return replace(
            parts,
            pieces=(*written, *parts.pieces, *shown),
            rejects=(*parts.rejects, *(each.failure for each in seen if each.failure)),
            codes=tuple(f"{code.format} {code.text}" for code in codes),
        )

    def _text(self, picture: Any, codes: list[Box]) -> PageParts:
        from extractors.pages.scanned import read_scan

        if self._recognition is None:
            return PageParts(rejects=(_OFF,))
        try:
            return parts_of(with_borderless_tables(read_scan(prepared(picture, codes), self._recognition)))
        except RecognitionFailed as error:
            return PageParts(rejects=(str(error),))


def _fault(error: BaseException) -> str:
    from PIL import Image

    what = "it is too large" if isinstance(error, Image.DecompressionBombError) else _NOT_INTACT
    return f"{what}: {error}"


def _shares(box: Box, size: tuple[int, int]) -> Box:
    left, top, right, bottom = (min(max(edge / length, 0.0), 1.0) for edge, length in zip(box, size * 2, strict=True))
    return left, top, right, bottom
