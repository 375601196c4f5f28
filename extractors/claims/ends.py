"""The ends of claims: mentions of a text that do not overlap, and names that nobody labelled."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.mentions.names import LEADS
from extractors.mentions.quantities import LABELS as VALUE_LABELS
from extractors.mentions.taken import Taken

_NO_ENDS = frozenset(("BARCODE", "URL", "EMAIL", "PHONE", "DOI"))
"""Labels of what texts point to, not of what they speak about."""
_WORD = r"[A-ZÄÖÜ][\w&'\u2019-]{0,40}\w"
_NAME = re.compile(rf"(?<![\w.-]){_WORD}(?:[ ](?:(?:of|de|von|van|der|und|&)[ ])?{_WORD})+")
_UNLABELLED = 0.5
_TOGETHER = re.compile(
    r"\s*(?:,|,?\s?(?:and|or|und|oder|sowie|&|as well as))(?:\s(?:the|der|die|das))?\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class End:
    """A thing or a value that a sentence speaks about."""

    start: int
    end: int
    text: str
    label: str
    value: str
    confidence: float

    @property
    def is_value(self) -> bool:
        """Tell a date or quantity from a thing."""
        return self.label in VALUE_LABELS

    @property
    def datatype(self) -> str:
        """Give date, quantity, money or percent; empty for a thing."""
        return self.label.lower() if self.is_value else ""


Group = tuple[End, ...]
"""Ends that stand in one place of the sentence: `A, B and C`."""


def choose_ends(text: str, mentions: Sequence[End]) -> list[End]:
    """Keep of overlapping mentions the longest, and add capitalised names that no mention covers."""
    taken = Taken(len(text))
    chosen = []
    for each in sorted(mentions, key=lambda end: (end.start - end.end, -end.confidence, end.start)):
        if each.label not in _NO_ENDS and taken.is_free(each.start, each.end):
            taken.take(each.start, each.end)
            chosen.append(each)
    for start, end in _names(text):
        if taken.is_free(start, end):
            chosen.append(End(start, end, text[start:end], "", text[start:end], _UNLABELLED))
    return sorted(chosen, key=lambda end: end.start)


def grouped(text: str, ends: Sequence[End]) -> list[Group]:
    """Put things together that only commas and conjunctions part; a value stands alone."""
    groups: list[list[End]] = []
    for each in ends:
        last = groups[-1][-1] if groups else None
        if last and not last.is_value and not each.is_value and _TOGETHER.fullmatch(text, last.end, each.start):
            groups[-1].append(each)
        else:
            groups.append([each])
    return [tuple(group) for group in groups]


def _names(text: str) -> Iterator[tuple[int, int]]:
    for match in _NAME.finditer(text):
        start, end = match.span()
        word, _blank, rest = match[0].partition(" ")
        if word.casefold() in LEADS:
            start += len(word) + 1
        if " " in (rest if word.casefold() in LEADS else match[0]):
            yield start, end
