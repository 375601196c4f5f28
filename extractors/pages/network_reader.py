"""Recognition with two small networks: one finds lines of text, one reads them. Good on photographs and receipts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from PIL import Image

from extractors.pages.confusions import settled
from extractors.pages.content import Word
from extractors.pages.line_recognition import LineRecogniser, ReadWord
from extractors.pages.remembered_words import RememberedWords
from extractors.pages.text_detection import FoundLine, TextDetector
from extractors.pages.visual_rows import visual_rows

VERSION = 1
"""Part of the name of every remembered result: raise it when recognition changes."""

_LEAST_CONFIDENCE = 0.4


class NetworkReader:
    """Reads languages with Latin letters; the networks are opened at the first picture."""

    disturbed_by_lines: ClassVar[bool] = False

    def __init__(self, characters: str, cache: Path) -> None:
        self._detector, self._recogniser = TextDetector(), LineRecogniser(characters)
        self._remembered = RememberedWords(cache / "ocr", f"networks {VERSION} {characters}")

    def words(self, grey: Any, *, dots_per_inch: int = 200) -> list[Word]:
        """Give the words row by row; the resolution does not matter."""
        place = self._remembered.place(grey)
        words = self._remembered.load(place)
        if words is None:
            words = self._read(Image.fromarray(grey))
            self._remembered.save(place, words)
        return words

    def quarter_turns(self, grey: Any) -> int:
        """Know nothing of upright and upside down."""
        return 0

    def _read(self, picture: Image.Image) -> list[Word]:
        lines = self._detector.lines(picture)
        read = self._recogniser.read([_cut_out(picture, line) for line in lines])
        words = [word for line, texts in zip(lines, read, strict=True) for word in _placed(line, texts)]
        return [
            Word(word.text, word.box, word.confidence, number)
            for number, row in enumerate(visual_rows(words))
            for word in row.words
        ]


def _cut_out(picture: Image.Image, line: FoundLine) -> Image.Image:
    """Cut a line out of the picture, made level."""
    left, top, right, bottom = line.box
    size = max(1, round(right - left)), max(1, round(bottom - top))
    if not line.slope:
        return picture.crop((round(left), round(top), round(left) + size[0], round(top) + size[1]))
    across = (1.0, 0.0, left)
    down = (line.slope, 1.0, top - line.slope * size[0] / 2)
    return picture.transform(size, Image.Transform.AFFINE, (*across, *down), Image.Resampling.BILINEAR)


def _placed(line: FoundLine, texts: Sequence[ReadWord]) -> Iterator[Word]:
    left, top, right, bottom = line.box
    width = right - left
    for word in texts:
        if word.confidence >= _LEAST_CONFIDENCE:
            fall = line.slope * width * ((word.start + word.stop) / 2 - 0.5)
            edges = (left + word.start * width, top + fall, left + word.stop * width, bottom + fall)
            box = tuple(round(edge, 1) for edge in edges)
            yield Word(settled(word.text), box, round(word.confidence, 4))  # type: ignore[arg-type]  # four edges
