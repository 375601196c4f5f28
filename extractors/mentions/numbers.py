"""Numbers in texts: what the point and the comma mean is learned from the whole document."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = (
    r"\d{1,3}(?:[.,'\u2019\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d{1,3}(?:[ ]\d{3})+(?:,\d+|\.\d+)?(?![\d.])|\d+(?:[.,]\d+)?"
)
NUMBER = re.compile(rf"(?<![\w.,/:])(?<![\w)]-)(?P<sign>[-+\u2212]?)(?P<digits>{_DIGITS})(?!\d)")
FURTHER = re.compile(
    r"\s?(?P<joint>-|\u2013|\u2014|\.\.\.?|to|bis|\u00b1|\+/-|/|x|\u00d7)\s?" + rf"(?P<digits>{_DIGITS})(?![\d.,]\d)"
)
"""A second number that belongs to the first: a range, a tolerance, a further dimension."""
POWER = re.compile(r"\s?[x\u00d7\u00b7]\s?10\s?(?:\^\s?(?P<plain>[-\u2212]?\d{1,2})|(?P<raised>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))")

_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹\u2212", "-0123456789-")
_GROUPING = str.maketrans("", "", "'\u2019\u00a0\u202f")
_COMMA_DECIMAL = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3})+,\d+|\d+,(?:\d{1,2}|\d{4,}))(?![\d.,]\d|\d)")
_POINT_DECIMAL = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+\.\d+|\d+\.(?:\d{1,2}|\d{4,}))(?![\d.,]\d|\d)")
_JOINTS = {"-": "..", "\u2013": "..", "\u2014": "..", "...": "..", "to": "..", "bis": "..", "+/-": "\u00b1"}

DOUBTFUL = 0.6
"""Share of confidence that is left where a document does not show what the mark before three digits means."""


@dataclass(frozen=True, slots=True)
class Marks:
    """How a document writes decimals: with a comma, with a point, or unknown."""

    decimal: str = ""

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Marks":
        """Learn from the numbers that can be read in one way only."""
        commas = points = 0
        for text in texts:
            commas += len(_COMMA_DECIMAL.findall(text))
            points += len(_POINT_DECIMAL.findall(text))
        return cls("," if commas > points else "." if points > commas else "")

    def read(self, written: str) -> tuple[Decimal, bool]:
        """Give a number, and whether it can be read in this way only."""
        digits = written.translate(_GROUPING)
        marks = [mark for mark in digits if mark in ".,"]
        if " " in digits:  # One number written in groups, or two numbers side by side.
            return _decimal(digits.replace(" ", ""), marks[0] if marks else ""), False
        if not marks:
            return Decimal(digits), True
        if len(set(marks)) == 2:
            return _decimal(digits, marks[-1]), True
        if len(marks) > 1:
            return _decimal(digits, ""), True
        whole, _mark, rest = digits.partition(marks[0])
        if len(rest) != 3 or whole == "0" or len(whole) > 3:
            return _decimal(digits, marks[0]), True
        known = bool(self.decimal)
        decimal = self.decimal or "."
        return _decimal(digits, marks[0] if marks[0] == decimal else ""), known


def joint_of(match: re.Match[str]) -> str:
    """Give the mark between two numbers as values write it."""
    joint = match["joint"]
    return _JOINTS.get(joint, "x" if joint == "\u00d7" else joint)


def power_of(match: re.Match[str]) -> int:
    """Give the power of ten that follows a number."""
    return int((match["plain"] or match["raised"]).translate(_RAISED))


def plain(number: Decimal) -> str:
    """Write a number with a point, without exponent and without needless marks."""
    return f"{number:f}"


def _decimal(digits: str, mark: str) -> Decimal:
    other = {",": ".", ".": ","}.get(mark)
    if other is None:
        return Decimal(digits.replace(",", "").replace(".", ""))
    return Decimal(digits.replace(other, "").replace(mark, "."))
