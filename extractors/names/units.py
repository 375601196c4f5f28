"""Texts cut into the units that the token classifier labels: runs of letters and digits, single signs, addresses."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import IntEnum

from extractors.names.conll import Span

_ADDRESS = re.compile(r"[@#].|https?://|www\.")
_UNIT = re.compile(r"https?://\S+|www\.\S+|@\w+|#\w+|\w+|[^\w\s]")


class Shape(IntEnum):
    """How a unit is written; the encoder's vocabulary is in lower case, so it does not know."""

    SPECIAL = 0
    LOWER = 1
    CAPITALISED = 2
    CAPITAL = 3
    CAPITALS = 4
    MIXED = 5
    DIGITS = 6
    LOWER_AND_DIGITS = 7
    CAPITALS_AND_DIGITS = 8
    SIGN = 9
    ADDRESS = 10


def units_of(text: str) -> list[tuple[int, int]]:
    """Give start and end of each unit."""
    return [match.span() for match in _UNIT.finditer(text)]


def units_of_words(words: Sequence[str]) -> tuple[list[str], list[int]]:
    """Cut words into units, and say of which word each is a part; a word gives at least one."""
    units: list[str] = []
    owners: list[int] = []
    for number, word in enumerate(words):
        parts = _UNIT.findall(word) or [word]
        units += parts
        owners += [number] * len(parts)
    return units, owners


def in_units(spans: Iterable[Span], owners: Sequence[int]) -> list[Span]:
    """Move spans of words to the units of these words; `owners` says of which word each unit is a part."""
    return [(bisect_left(owners, start), bisect_left(owners, end), label) for start, end, label in spans]


def shape_of(unit: str) -> Shape:
    """Tell how a unit is written."""
    if _ADDRESS.match(unit):
        return Shape.ADDRESS
    if not unit[0].isalnum():
        return Shape.SIGN
    if unit.isdigit():
        return Shape.DIGITS
    lower = unit == unit.lower()
    if any(character.isdigit() for character in unit):
        return Shape.LOWER_AND_DIGITS if lower else Shape.CAPITALS_AND_DIGITS
    return Shape.LOWER if lower else _capitals(unit)


def _capitals(unit: str) -> Shape:
    if unit == unit.upper():
        return Shape.CAPITALS if len(unit) > 1 else Shape.CAPITAL
    return Shape.CAPITALISED if unit[1:] == unit[1:].lower() else Shape.MIXED
