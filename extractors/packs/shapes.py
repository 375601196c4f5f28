"""Shapes of identifiers: how one looks, what proves it, and how it is written in normal form."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from extractors.packs.checks import Check

_NEAR_CHARACTERS_BEFORE = 60
_NEAR_CHARACTERS_AFTER = 30
_OWN_PART = "id"


@dataclass(frozen=True, slots=True)
class Shape:
    """How an identifier looks, and what proves it."""

    label: str
    pattern: re.Pattern[str]
    """Where it has a group `id`, that is the identifier and the rest its surroundings."""
    confidence: float
    check: Check | None = None
    near: tuple[str, ...] = ()
    """Words in lower case of which one must stand near; empty when the shape alone is enough."""
    value: str = "spaces"
    """The name of the normal form, a key of `NORMAL_FORMS`."""

    def may_occur(self, lowered: str) -> bool:
        """Tell from a text in lower case whether it is worth looking."""
        return not self.near or any(word in lowered for word in self.near)

    def span(self, match: re.Match[str]) -> tuple[int, int]:
        """Give where the identifier itself starts and ends."""
        return match.span(_OWN_PART) if _OWN_PART in self.pattern.groupindex else match.span()

    def value_of(self, match: re.Match[str], lowered: str) -> str:
        """Give the normal form, or an empty text when it is no such identifier."""
        start, end = self.span(match)
        if self.near and not self._is_near(lowered, start, end):
            return ""
        written = match.string[start:end]
        return self.check(written) if self.check else NORMAL_FORMS[self.value](match, written)

    def _is_near(self, lowered: str, start: int, end: int) -> bool:
        around = lowered[max(0, start - _NEAR_CHARACTERS_BEFORE) : end + _NEAR_CHARACTERS_AFTER]
        return any(_has_word(around, word) for word in self.near)


def _has_word(text: str, word: str) -> bool:
    """Tell whether a word begins with it: `icd` is near in "ICD-10-CM", not in "acicd"."""
    at = text.find(word)
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum():
            return True
        at = text.find(word, at + 1)
    return False


def _numbered(match: re.Match[str], written: str) -> str:
    """Write `Lot no. 5` as `lot 5`, from the groups `thing` and `number` of the pattern."""
    return f"{match['thing'].lower()} {match['number']}"


NORMAL_FORMS: Mapping[str, Callable[[re.Match[str], str], str]] = {
    "spaces": lambda _match, written: " ".join(written.split()),
    "compact": lambda _match, written: re.sub(r"[\s-]", "", written),
    "lower": lambda _match, written: written.lower(),
    "upper": lambda _match, written: " ".join(written.upper().split()),
    "numbered": _numbered,
}
