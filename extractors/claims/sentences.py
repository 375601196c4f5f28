"""Sentences of a text: where they end, by marks alone, and what stands between the ends of claims in one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.claims.ends import Group

_ENDING = re.compile(
    r"[.!?…]+[\"')\]]*(?=\s+[\"'(\[„“]?[A-ZÄÖÜ0-9])|\n\s*\n|\n(?=\s*[-•*\u2013]\s)|[;\t]|(?<=[.!?:])\n"
)
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|Ing|St|No|Nos|Nr|Co|Corp|Inc|Ltd|Fig|Figs|Tab|Sec|Art|Abs|vs|ca|approx|resp|"
    r"e\.g|i\.e|z\. ?B|d\. ?h|u\. ?a|bzw|usw|inkl|etc|Str|Tel|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|\d{1,2})$"
)
_LONGEST_ABBREVIATION = 12
_LONGEST_PHRASE = 120
_LONGEST_SCOPE = 300
_VALUE = "\0"
_DROPPED_VALUE = re.compile(
    rf"[,(]?\s*(?:\b(?:on|in|at|of|for|by|since|from|until|with|am|im|um|vom|seit|bis|zu|mit|dated)\s+(?:the\s+)?)?{_VALUE}\s*[,)]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text, with the groups of ends in it."""

    text: str
    start: int
    end: int
    groups: Sequence[Group]

    def before(self, group: Group) -> str:
        """Give the text up to a group."""
        return self.text[max(self.start, group[0].start - _LONGEST_SCOPE) : group[0].start]

    def after(self, group: Group) -> str:
        """Give the text behind a group."""
        return self.text[group[-1].end : self.end]

    def between(self, left: Group, right: Group) -> str:
        """Give what stands between two groups, without the values in between, in lower case."""
        first, last = left[-1].end, right[0].start
        if last - first > _LONGEST_PHRASE:
            return "."  # No phrase has a full stop.
        pieces, at = [], first
        for group in self.groups:
            for end in group:
                if end.is_value and first <= end.start and end.end <= last:
                    pieces += [self.text[at : end.start], _VALUE]
                    at = end.end
        text = " ".join("".join([*pieces, self.text[at:last]]).split())
        return " ".join(_DROPPED_VALUE.sub(" ", text).split()).lower() if pieces else text.lower()


def sentences(text: str, kept: bytearray) -> Iterator[tuple[int, int]]:
    """Give (start, end) of each sentence; `kept` marks characters at which none ends, such as those of names."""
    start = 0
    for match in _ENDING.finditer(text):
        at = match.start()
        abbreviated = text[at] == "." and _ABBREVIATED.search(text, max(0, at - _LONGEST_ABBREVIATION), at)
        if kept[at] or abbreviated or text[start:at].isspace() or start == at:
            continue
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)
