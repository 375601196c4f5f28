"""Amounts of money at the ends of rows, with the marks that recognition loses put back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractors.pages.content import Line

CURRENCY = re.compile(r"^(?:RM|MYR|USD|US\$|EUR|GBP|CHF|SGD|S\$|AUD|CAD|\$|€|£|¥|Rs\.?|INR)\W?", re.IGNORECASE)
_AMOUNT = re.compile(r"-?\d{1,3}(?:[,' ]\d{3})*[.,]\d{2}|-?\d+[.,]\d{2}")
_DIGITS = re.compile(r"-?\d{3,7}")
_LETTERS = str.maketrans("OoQIl|SsB", "000111558")
_LOST_MARK_HEIGHTS = 1.0
"""A mark that was taken for a space leaves a gap no wider than this part of the height of the letters."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as it stands on the page; `repaired` when its decimal mark was put in."""

    value: Decimal
    text: str
    row: Line
    left: float
    height: float
    repaired: bool = False


def amounts_of(row: Line) -> list[Amount]:
    """Give the amounts of a row, from the left."""
    found: list[Amount] = []
    place = 0
    while place < len(row.words):
        word = row.words[place]
        bare = _bare(word.text)
        following = row.words[place + 1] if place + 1 < len(row.words) else None
        height = word.box[3] - word.box[1]
        value = amount(bare)
        if value is not None:
            found.append(Amount(value, bare, row, word.box[0], height))
        elif (
            following is not None
            and re.fullmatch(r"-?\d{1,5}[.,]?", bare)
            and re.fullmatch(r"[.,]?\d{2}", following.text)
            and following.box[0] - word.box[2] < _LOST_MARK_HEIGHTS * height
        ):
            text = f"{bare.rstrip('.,')}.{following.text.lstrip('.,')}"
            found.append(Amount(Decimal(text), text, row, word.box[0], height, repaired=True))
            place += 1
        elif _DIGITS.fullmatch(bare) and place == len(row.words) - 1 and place:
            text = f"{bare[:-2]}.{bare[-2:]}"
            found.append(Amount(Decimal(text), text, row, word.box[0], height, repaired=True))
        place += 1
    return found


def amount(text: str) -> Decimal | None:
    """Read an amount with two decimals, whichever marks it uses."""
    if not _AMOUNT.fullmatch(text):
        return None
    return Decimal(re.sub(r"[,.' ]", "", text[:-3]) + "." + text[-2:])


def printed(value: Decimal) -> str:
    """Write an amount with a point and two decimals."""
    return f"{value:.2f}"


def _bare(text: str) -> str:
    """Leave away the currency and signs around; letters among digits are digits that were misread."""
    text = CURRENCY.sub("", text.strip("()*=:[]"))
    text = text.rstrip("*").strip("()*=:[]'\"").replace("..", ".")
    digits = sum(character.isdigit() for character in text)
    if digits and digits >= len(text) / 2 and re.fullmatch(r"-?[\dOoQIl|SsB.,' ]+", text):
        text = text.translate(_LETTERS)
    return text


def all_amounts(rows: Sequence[Line]) -> list[Amount]:
    """Give the amounts of all rows, in reading order."""
    return [found for row in rows for found in amounts_of(row)]
