"""Recognition of text on page images with Tesseract; a page that was read once is never read again."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bifrost.errors import BifrostError
from extractors.pages.content import Word
from extractors.pages.remembered_words import RememberedWords

VERSION = 1
"""Part of the name of every remembered result: raise it when recognition changes."""

_LEAST_CONFIDENCE = 0.25
_INSTALL = "install Tesseract, or set extraction.ocr to false"


class RecognitionFailed(BifrostError):
    """Tesseract is missing or could not read the image."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the text could not be recognised: {reason}")
        self.reason = reason


class TesseractReader:
    """Reads grey pictures of prints and scans, in all languages that are installed."""

    disturbed_by_lines: ClassVar[bool] = True

    def __init__(self, languages: str, cache: Path) -> None:
        self.languages = languages
        self._remembered = RememberedWords(cache / "ocr", f"{VERSION} {languages}")

    def words(self, grey: Any, *, dots_per_inch: int = 200, page_mode: int = 3) -> list[Word]:
        """Give the words of a page in reading order.

        Raises:
            RecognitionFailed: Tesseract is missing, or refused the image.
        """
        place = self._remembered.place(grey, f"{dots_per_inch} {page_mode}")
        words = self._remembered.load(place)
        if words is None:
            import pytesseract

            config = f"--psm {page_mode} --dpi {dots_per_inch}"
            table = _recognised(pytesseract.image_to_data, grey, lang=self.languages, config=config)
            words = list(_words(table.splitlines()[1:]))
            self._remembered.save(place, words)
        return words

    def quarter_turns(self, grey: Any) -> int:
        """Ask how many quarters to turn the page clockwise so that it stands upright."""
        import pytesseract

        try:
            answer = _recognised(pytesseract.image_to_osd, grey)
        except RecognitionFailed:  # too little text to tell, or the data for it is not installed
            return 0
        turn = re.search(r"Rotate: (\d+)", answer)
        return int(turn[1]) // 90 if turn else 0


def _recognised(ask: Callable[..., str], grey: Any, **options: str) -> str:
    """Ask Tesseract about an image and give its answer as text."""
    from PIL import Image
    from pytesseract import TesseractError, TesseractNotFoundError

    # With more threads than one, Tesseract is ten times slower.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    picture = Image.fromarray(np.ascontiguousarray(grey, dtype=np.uint8))
    picture.format = "PPM"  # handed over without compressing it
    try:
        return ask(picture, **options)
    except TesseractNotFoundError as error:
        raise RecognitionFailed(f"the program 'tesseract' was not found; {_INSTALL}") from error
    except TesseractError as error:
        message = str(error.message).strip().splitlines()
        raise RecognitionFailed(message[-1] if message else f"Tesseract ended with status {error.status}") from error


def _words(rows: Sequence[str]) -> Iterator[Word]:
    """Read Tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence, text."""
    lines: dict[tuple[str, ...], int] = {}
    for row in rows:
        cells = row.split("\t")
        if len(cells) < 12 or not cells[11].strip():
            continue
        left, top, width, height = (int(cell) for cell in cells[6:10])
        confidence = max(0.0, float(cells[10]) / 100)
        if confidence >= _LEAST_CONFIDENCE:
            line = lines.setdefault(tuple(cells[2:5]), len(lines))
            yield Word(cells[11].strip(), (left, top, left + width, top + height), round(confidence, 4), line)
