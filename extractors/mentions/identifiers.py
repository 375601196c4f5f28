"""Identifiers in texts: those with check digits are checked, codes are found by their shape, terms by their list."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from bifrost.config import Extraction
from bifrost.model import Mention
from extractors.mentions.taken import Taken
from extractors.packs.gazetteers import Gazetteer, read_terms
from extractors.packs.pack import Pack, load_packs
from extractors.packs.shapes import Shape

_CONFIDENCE_OF_TERM = 0.8
"""That a word stands in a list does not say that it is meant."""


class IdentifierAnnotator:
    """Finds the identifiers and the terms of the packs that the settings name; values are in their normal form."""

    name: ClassVar[str] = "identifiers"
    version: ClassVar[int] = 2

    def __init__(self, settings: Extraction) -> None:
        packs = load_packs(settings.packs)
        self._shapes = _by_trust(packs)
        files = dict.fromkeys(file for pack in packs for file in pack.gazetteers)
        self._gazetteer = Gazetteer(term for file in files for term in read_terms(file))

    def annotate(self, texts: Iterable[str]) -> Iterator[list[Mention]]:
        """Give the identifiers of each text in their order; they do not overlap."""
        for text in texts:
            yield sorted(self._found(text), key=lambda mention: mention.start)

    def _found(self, text: str) -> list[Mention]:
        found: list[Mention] = []
        taken = Taken(len(text))
        lowered = text.lower()
        for shape in self._shapes:
            if shape.may_occur(lowered):
                for start, end, value in _matches(shape, text, lowered, taken):
                    taken.take(start, end)
                    found.append(Mention(text[start:end], shape.label, value, start, end, shape.confidence))
        for start, end, term in self._gazetteer.find(text):
            if taken.is_free(start, end):
                found.append(Mention(text[start:end], term.label, term.identifier, start, end, _CONFIDENCE_OF_TERM))
        return found


def _by_trust(packs: Sequence[Pack]) -> list[Shape]:
    """Put the surest shapes first, since where two overlap the first one stands."""
    shapes = dict.fromkeys(shape for pack in packs for shape in pack.identifiers)
    return sorted(shapes, key=lambda shape: -shape.confidence)


def _matches(shape: Shape, text: str, lowered: str, taken: Taken) -> Iterator[tuple[int, int, str]]:
    for match in shape.pattern.finditer(text):
        start, end = shape.span(match)
        if taken.is_free(start, end) and (value := shape.value_of(match, lowered)):
            yield start, end, value
