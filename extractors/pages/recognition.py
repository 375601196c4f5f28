"""Who recognises text on pictures, and whose word counts when two were asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol

from bifrost.config import Extraction
from extractors.forms.reader import FormReader, form_reader
from extractors.pages.content import Word
from extractors.pages.latin_letters import letters_of
from extractors.pages.network_reader import NetworkReader
from extractors.pages.networks import networks_installed
from extractors.pages.tesseract_reader import TesseractReader
from extractors.pages.visual_rows import visual_rows

_NARROW = 1.65
"""Pictures that are so much higher than wide are no pages of a usual format: till rolls, labels, columns."""
_SURE = 0.85
_SAME_PLACE = 0.5


class Recogniser(Protocol):
    """Reads grey pictures, as arrays of bytes; what was read once is not read again."""

    disturbed_by_lines: ClassVar[bool]
    """True for one that reads better where the lines of tables are painted over, and cells are moved together."""

    def words(self, grey: Any, *, dots_per_inch: int = 200) -> list[Word]:
        """Give words with box and confidence, in reading order.

        Raises:
            RecognitionFailed: the recogniser is missing, or refused the picture.
        """
        ...

    def quarter_turns(self, grey: Any) -> int:
        """Say how many quarters to turn the page clockwise so that it stands upright; 0 when that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Recognition:
    """The recogniser that is asked first, and the one that is asked where the first is doubtful, if there is one."""

    first: Recogniser
    second: Recogniser | None = None
    forms: FormReader | None = None
    """Links labels and values on what was read."""

    def order(self, size: tuple[int, int]) -> tuple[Recogniser, ...]:
        """Give the recognisers for a picture of this width and height, the first to ask first."""
        if self.second is None:
            return (self.first,)
        narrow = size[1] > _NARROW * size[0]
        return (self.second,) if narrow else (self.first, self.second)


def recognition_of(settings: Extraction, cache: Path) -> Recognition:
    """Set up what the settings ask for; languages that the networks do not know are left to Tesseract."""
    forms = form_reader(settings, cache)
    tesseract = TesseractReader(settings.ocr_languages, cache)
    letters = letters_of(settings.ocr_languages)
    if settings.recogniser == "tesseract" or letters is None or not networks_installed():
        return Recognition(tesseract, forms=forms)
    networks = NetworkReader(letters, cache)
    first, second = (networks, None) if settings.recogniser == "rapid" else (tesseract, networks)
    return Recognition(first, second, forms)


def combined(better: Sequence[Word], other: Sequence[Word]) -> list[Word]:
    """Give the better reading, with sure words of the other one where the better one is blank or doubts."""
    answers = {place: _beside(word, other) for place, word in enumerate(better)}
    words = [
        replace(word, text=found.text, confidence=found.confidence)
        if (found := answers[place]) and word.confidence < found.confidence >= _SURE and word.confidence < _SURE
        else word
        for place, word in enumerate(better)
    ]
    missed = [
        word for word in other if word.confidence >= _SURE and not any(_overlap(word, known) > 0 for known in better)
    ]
    if not missed:
        return words
    rows = visual_rows([*words, *missed])
    return [replace(word, line=number) for number, row in enumerate(rows) for word in row.words]


def _beside(word: Word, others: Sequence[Word]) -> Word | None:
    """Find the one word of the other reading at the same place."""
    found = [other for other in others if _overlap(word, other) > 0]
    return found[0] if len(found) == 1 and _overlap(word, found[0]) > _SAME_PLACE else None


def _overlap(word: Word, other: Word) -> float:
    """Give the common area as a share of both areas together."""
    across = min(word.box[2], other.box[2]) - max(word.box[0], other.box[0])
    down = min(word.box[3], other.box[3]) - max(word.box[1], other.box[1])
    if across <= 0 or down <= 0:
        return 0.0
    areas = sum((each.box[2] - each.box[0]) * (each.box[3] - each.box[1]) for each in (word, other))
    return across * down / max(areas - across * down, 1e-9)
