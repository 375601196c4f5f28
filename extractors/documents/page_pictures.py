"""Pictures on PDF pages with a text layer: what they say is recognised where they stand, each picture once."""

import hashlib
from dataclasses import replace
from typing import Any

from extractors.documents.page_objects import PageObjects
from extractors.documents.pictures import picture_parts
from extractors.documents.text_layer import TextLayer
from extractors.pages.content import Box
from extractors.pages.parts import PageParts, Piece
from extractors.pages.recognition import Recognition

_DOTS_PER_INCH = 200
_LEAST_WIDTH_POINTS, _LEAST_HEIGHT_POINTS = 60.0, 20.0
_MOST_PIXELS = 40_000_000
_MOST_ON_PAGE = 12
_FEW_CHARACTERS = 20
"""With more characters of the text layer on it, a picture lies behind the text, or was recognised before."""


class PagePictures:
    """Knows which pictures of a file came before: logos stand on every page."""

    def __init__(self, recognition: Recognition | None) -> None:
        self._recognition = recognition
        self._seen: set[bytes] = set()

    def added(self, parts: PageParts, page: Any, layer: TextLayer, objects: PageObjects) -> PageParts:
        """Give the parts with those of the pictures behind them.

        Raises:
            RecognitionFailed: a recogniser is missing, or refused a picture.
        """
        if self._recognition is None:
            return parts
        for box in _merged(objects.images, layer)[:_MOST_ON_PAGE]:
            picture = _rendered(page, layer, box)
            digest = hashlib.blake2b(picture.tobytes(), digest_size=20).digest()
            if digest in self._seen or len(set(picture.resize((32, 32)).getdata())) < 4:
                continue
            self._seen.add(digest)
            parts = _with(parts, picture_parts(picture, self._recognition), box, layer)
        return parts


def _merged(images: tuple[Box, ...], layer: TextLayer) -> list[Box]:
    """Give the places of pictures that are large enough to say something and have no text upon them, from the top."""
    boxes: list[Box] = []
    for left, bottom, right, top in images:
        box = layer.on_page(left, top, right, bottom)
        shown = max(box[0], 0.0), max(box[1], 0.0), min(box[2], layer.width), min(box[3], layer.height)
        wide, high = shown[2] - shown[0], shown[3] - shown[1]
        if wide >= _LEAST_WIDTH_POINTS and high >= _LEAST_HEIGHT_POINTS and shown not in boxes:
            boxes.append(shown)
    return sorted((box for box in boxes if layer.count_within(box) < _FEW_CHARACTERS), key=lambda box: (box[1], box[0]))


def _rendered(page: Any, layer: TextLayer, box: Box) -> Any:
    scale = _DOTS_PER_INCH / 72
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(scale, (_MOST_PIXELS / (width * height)) ** 0.5)
    edges = (box[0], layer.height - box[3], layer.width - box[2], box[1])
    return page.render(scale=scale, crop=edges).to_pil().convert("RGB")


def _with(parts: PageParts, found: PageParts, box: Box, layer: TextLayer) -> PageParts:
    pieces = tuple(_placed(piece, box, layer) for piece in found.pieces)
    return replace(
        parts,
        pieces=(*parts.pieces, *pieces),
        tables=(*parts.tables, *found.tables),
        forms=(*parts.forms, *found.forms),
    )


def _placed(piece: Piece, box: Box, layer: TextLayer) -> Piece:
    if piece.box is None:
        return piece
    width, height = box[2] - box[0], box[3] - box[1]
    left, top, right, bottom = piece.box
    return replace(
        piece,
        box=(
            (box[0] + left * width) / layer.width,
            (box[1] + top * height) / layer.height,
            (box[0] + right * width) / layer.width,
            (box[1] + bottom * height) / layer.height,
        ),
    )
