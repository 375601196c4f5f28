"""Pictures inside of documents: codes and text that is recognised on them, each picture once."""

import hashlib
import io
from dataclasses import replace
from typing import Any

from extractors.pages.borderless import with_borderless_tables
from extractors.pages.content import Box
from extractors.pages.parts import Cells, PageParts, Piece, parts_of
from extractors.pages.recognition import Recognition
from extractors.pages.tesseract_reader import RecognitionFailed

_LEAST_PIXELS = 48
"""What is smaller is an icon."""
_LEAST_CONFIDENCE = 0.6
"""Below, strokes of a drawing were taken for letters."""
_LEAST_FILLED = 0.6
_OFF = "text in its pictures is not read: recognition is switched off (extraction.ocr)"


class DocumentPictures:
    """The pictures of one document."""

    def __init__(self, recognition: Recognition | None) -> None:
        self._recognition = recognition
        self._seen: set[bytes] = set()
        self._said_off = False

    def read(self, content: bytes, box: Box | None = None) -> PageParts:
        """Give what a picture says, at the place of the picture; one that came before says nothing more."""
        digest = hashlib.blake2b(content, digest_size=20).digest()
        if digest in self._seen:
            return PageParts()
        self._seen.add(digest)
        opened = self._opened(content)
        if isinstance(opened, str):
            return PageParts(rejects=(f"picture {len(self._seen)} cannot be read: {opened}",))
        if min(opened.size) < _LEAST_PIXELS:
            return PageParts()
        if self._recognition is None:
            said, self._said_off = self._said_off, True
            return PageParts(rejects=() if said else (_OFF,))
        try:
            parts = picture_parts(opened, self._recognition)
        except RecognitionFailed as error:
            return PageParts(rejects=(str(error),))
        return replace(parts, pieces=tuple(_placed(piece, box) for piece in parts.pieces))

    def _opened(self, content: bytes) -> Any:
        """Give the picture, or why there is none."""
        from PIL import UnidentifiedImageError

        from extractors.images.frames import FAULTS, Frames

        try:
            with Frames(io.BytesIO(content)) as frames:
                return frames.picture(1)
        except UnidentifiedImageError:
            return "its format is not known"
        except FAULTS as error:
            return str(error)


def picture_parts(picture: Any, recognition: Recognition) -> PageParts:
    """Read codes and text of a picture; boxes are shares of the picture.

    Raises:
        RecognitionFailed: a recogniser is missing, or refused the picture.
    """
    from extractors.images.codes import read_codes
    from extractors.images.preparation import prepared
    from extractors.pages.scanned import read_scan

    codes = read_codes(picture)
    grey = prepared(picture, [code.box for code in codes])
    content = read_scan(grey, replace(recognition, second=None))
    if recognition.second is not None and not content.lines and not content.tables:
        # Single words are passed over by the first; a second opinion on all that is no text would cost the most.
        content = read_scan(grey, replace(recognition, first=recognition.second, second=None))
    parts = parts_of(with_borderless_tables(content))
    pieces = [piece for piece in parts.pieces if piece.confidence >= _LEAST_CONFIDENCE]
    tables = tuple(cells for cells in parts.tables if _is_filled(cells))
    width, height = picture.size
    found = [Piece(code.text, "code", _clipped(code.box, width, height), method="barcode") for code in codes]
    return replace(parts, pieces=(*found, *pieces), tables=tables)


def _is_filled(cells: Cells) -> bool:
    """Tell tables from the frames of windows and drawings."""
    texts = [cell for row in cells for cell in row]
    return sum(bool(text.strip()) for text in texts) >= _LEAST_FILLED * len(texts)


def _placed(piece: Piece, box: Box | None) -> Piece:
    """Move a piece from the picture to the page; where the picture is not known, neither is the piece."""
    if box is None or piece.box is None:
        return replace(piece, box=None)
    (left, top, right, bottom), inner = box, piece.box
    width, height = right - left, bottom - top
    return replace(
        piece,
        box=(left + inner[0] * width, top + inner[1] * height, left + inner[2] * width, top + inner[3] * height),
    )


def _clipped(box: Box, width: float, height: float) -> Box:
    left, top, right, bottom = (
        min(max(edge / size, 0.0), 1.0) for edge, size in zip(box, (width, height) * 2, strict=True)
    )
    return left, top, right, bottom
