"""Names in the texts of documents: what rules are sure of, then what the trained heads of the packs find."""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from bifrost.config import Extraction
from bifrost.model import Mention
from extractors.mentions.names import RuleNames
from extractors.mentions.taken import Taken
from extractors.names.engine import Name
from extractors.names.pack_engine import ENGINES, PackNames
from extractors.names.units import units_of
from extractors.packs.pack import load_packs

_FEWEST_LETTERS = 2
_NO_END = re.compile(r"(?:[\s,;:|(-]+|\s(?:of|the|and|in|for|at|to|by|from|with|on|or))+$")
"""Signs and words between names that a name does not end with."""
_TOGETHER = 512
"""Texts that are looked at together: enough to fill windows, and bounded for a long document."""


class NameAnnotator:
    """Finds names by their form first; where the form says nothing, by the engine that the settings choose."""

    name: ClassVar[str] = "names"
    version: ClassVar[int] = 3

    def __init__(self, settings: Extraction) -> None:
        self._rules = RuleNames()
        self._trained = (
            PackNames(load_packs(settings.packs), settings.name_engine) if settings.name_engine in ENGINES else None
        )

    def annotate(self, texts: Sequence[str]) -> Iterator[list[Mention]]:
        """Give the names of each text in their order; they do not overlap."""
        listed = list(texts)
        for start in range(0, len(listed), _TOGETHER):
            yield from self._annotated(listed[start : start + _TOGETHER])

    def _annotated(self, texts: Sequence[str]) -> Iterator[list[Mention]]:
        for text, further in zip(texts, self._further(texts), strict=True):
            found = self._rules.find(text)
            taken = Taken(len(text))
            for mention in found:
                taken.take(mention.start, mention.end)
            found += [mention for mention in further if taken.is_free(mention.start, mention.end)]
            yield sorted(found, key=lambda mention: mention.start)

    def _further(self, texts: Sequence[str]) -> list[list[Mention]]:
        """Give what the trained heads find, whether or not a rule knows better."""
        if self._trained is None:
            return [[] for _ in texts]
        places = [units_of(text) for text in texts]
        words = [[text[start:end] for start, end in units] for text, units in zip(texts, places, strict=True)]
        mentions = (
            [_mention(text, units, name) for name in names]
            for text, units, names in zip(texts, places, self._trained.find(words), strict=True)
        )
        return [[mention for mention in found if _is_name(mention.text)] for found in mentions]


def _mention(text: str, units: Sequence[tuple[int, int]], name: Name) -> Mention:
    start = units[name.start][0]
    named = _NO_END.sub("", text[start : units[name.end - 1][1]])
    return Mention(named, name.label, " ".join(named.split()), start, start + len(named), round(name.confidence, 4))


def _is_name(text: str) -> bool:
    return sum(character.isalpha() for character in text) >= _FEWEST_LETTERS
