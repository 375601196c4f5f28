"""Pictures: recognised text, ruled tables and forms, barcodes and 2D codes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.file_types import signature
from extractors.pages.borderless import with_borderless_tables
from extractors.pages.content import Box
from extractors.pages.tesseract_reader import RecognitionFailed, TesseractReader

_MOST_PIXELS = 40_000_000
_SMALL_PIXELS, _ENLARGED_TIMES = 700, 2
"""Pictures narrower than this are enlarged: their letters are too small for recognition."""


class ImageExtractor:
    """Reads a picture, or every frame of one with several pages."""

    name: ClassVar[str] = "image"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._ocr = settings.ocr
        self._reader = TesseractReader(settings.ocr_languages, cache)

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take files that begin as a picture does."""
        return signature(head).endswith("image") or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")

    def extract(self, item: Item, file: Path) -> Extract:
        """Read codes and text of every frame."""
        composition = Composition(item)
        media_type, pages = "", 0
        try:
            for frame_type, picture in _frames(file):
                media_type, pages = frame_type, pages + 1
                self._add_frame(composition, picture, pages)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            reason = f"it is no intact picture: {error}"
            if not pages:
                raise ItemUnreadable(item.source, item.key, reason) from error
            composition.reject(f"page {pages + 1}", reason)
        return composition.extract(media_type, pages=pages)

    def _add_frame(self, composition: Composition, picture: Any, page: int) -> None:
        from extractors.pages.scanned import read_scan

        codes = _codes(picture)
        for text, box in codes:
            share = tuple(min(max(edge / size, 0.0), 1.0) for edge, size in zip(box, picture.size * 2, strict=True))
            composition.add(text, page=page, kind="code", box=share, method="barcode")
        if not self._ocr:
            composition.reject(
                f"page {page}", "text in pictures is not read: recognition is switched off (extraction.ocr)"
            )
            return
        try:
            content = read_scan(_prepared(picture, [box for _text, box in codes]), self._reader)
        except RecognitionFailed as error:
            composition.reject(f"page {page}", str(error))
            return
        composition.add_page(page, with_borderless_tables(content))


def _frames(file: Path) -> Iterator[tuple[str, Any]]:
    """Give media type and picture of each frame, upright and not larger than recognition can use."""
    from PIL import Image, ImageOps, ImageSequence

    with Image.open(file) as image:
        media_type = Image.MIME.get(image.format or "", "image/unknown")
        if media_type == "image/gif":
            frames: Any = [image]  # the frames of an animation show the same
        else:
            frames = ImageSequence.Iterator(image)
        for frame in frames:
            frame.load()
            picture = _on_white(ImageOps.exif_transpose(frame))
            excess = (picture.width * picture.height / _MOST_PIXELS) ** 0.5
            yield media_type, picture if excess <= 1 else picture.reduce(int(excess) + 1)


def _on_white(picture: Any) -> Any:
    """Give red, green and blue, with white where the picture is transparent."""
    from PIL import Image

    if picture.mode in ("I;16", "I;16B", "I", "F"):
        picture = picture.point(lambda value: value / 256).convert("L")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def _codes(picture: Any) -> list[tuple[str, Box]]:
    """Read all codes, from the top."""
    import zxingcpp

    found = []
    for code in zxingcpp.read_barcodes(picture):
        corners = [getattr(code.position, name) for name in ("top_left", "top_right", "bottom_left", "bottom_right")]
        across, down = [corner.x for corner in corners], [corner.y for corner in corners]
        if code.text.strip():
            found.append((code.text, (min(across), min(down), max(across), max(down))))
    return sorted(found, key=lambda entry: (entry[1][1], entry[1][0], entry[0]))


def _prepared(picture: Any, codes: list[Box]) -> Any:
    """Make grey, cover the codes, which recognition takes for letters, and enlarge what is small."""
    from PIL import ImageDraw

    grey = picture.convert("L")
    for box in codes:
        margin = 0.06 * (box[2] - box[0])
        edges = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
        ImageDraw.Draw(grey).rectangle(edges, fill=_paper(grey, box))
    if min(grey.size) < _SMALL_PIXELS and max(grey.size) < 3 * _SMALL_PIXELS:
        return grey.resize((grey.width * _ENLARGED_TIMES, grey.height * _ENLARGED_TIMES), resample=3)
    return grey


def _paper(grey: Any, box: Box) -> int:
    """Take the brightest common grey around a code."""
    import numpy as np

    left, top, right, bottom = (max(0, int(edge)) for edge in box)
    pixels = np.asarray(grey)[top : bottom + 1, left : right + 1]
    return int(np.percentile(pixels, 75)) if pixels.size else 255
