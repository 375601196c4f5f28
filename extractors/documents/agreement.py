"""How far a reading agrees with what was expected: words of texts, cells of tables."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_MOST_ROWS_APART = 3

Grid = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts that can be added up over files."""

    common: int = 0
    expected: int = 0
    found: int = 0

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(self.common + other.common, self.expected + other.expected, self.found + other.found)

    @property
    def recall(self) -> float:
        """Give the share of what was expected that was found; 1 when nothing was expected."""
        return self.common / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """Give the share of what was found that was expected; 1 when nothing was found."""
        return self.common / self.found if self.found else 1.0

    @property
    def f1(self) -> float:
        """Give the harmonic mean of both; 1 when nothing was expected and nothing found."""
        return 2 * self.common / (self.expected + self.found) if self.expected + self.found else 1.0


def word_agreement(expected: str, found: str) -> Agreement:
    """Compare words as multisets, whatever their case and order."""
    wanted, got = (Counter(_WORD.findall(text.casefold())) for text in (expected, found))
    return Agreement((wanted & got).total(), wanted.total(), got.total())


def table_agreement(expected: Sequence[Grid], found: Sequence[Grid]) -> Agreement:
    """Compare filled cells of the pairs of tables that share most, best pair first, one table with one."""
    wanted = [_cells(grid) for grid in expected]
    got = [_cells(grid) for grid in found]
    pairs = sorted(
        ((_shared(left, right), at, place) for at, left in enumerate(wanted) for place, right in enumerate(got)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    common, used, taken = 0, set(), set()
    for shared, at, place in pairs:
        if shared and at not in used and place not in taken:
            used.add(at)
            taken.add(place)
            common += shared
    return Agreement(common, sum(map(len, wanted)), sum(map(len, got)))


def _cells(grid: Grid) -> dict[tuple[int, int], str]:
    return {
        (row, column): said
        for row, cells in enumerate(grid)
        for column, text in enumerate(cells)
        if (said := _normal(text))
    }


def _shared(expected: dict[tuple[int, int], str], found: dict[tuple[int, int], str]) -> int:
    """Count equal cells, at the best of a few shifts: what stands above a table may be taken for its first row."""
    return max(
        sum(found.get((row + shift, column)) == text for (row, column), text in expected.items())
        for shift in range(-_MOST_ROWS_APART, _MOST_ROWS_APART + 1)
    )


def _normal(text: str) -> str:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return f"{float(text):g}"
    return " ".join(_WORD.findall(text.casefold())) or text
