"""What is on a page: words on a plane, lines of words, tables of cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median

WIDE_GAP_HEIGHTS = 1.8
"""A gap between words wider than this many line heights separates columns, not words."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a run of words that was set at once, in pixels or points from the top left."""

    text: str
    box: Box
    confidence: float = 1.0
    line: int = 0
    """Words with the same number stand in one line."""

    @property
    def middle(self) -> tuple[float, float]:
        """Give the centre."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2


@dataclass(frozen=True)
class Line:
    """Words that are read one after the other."""

    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """Join the words."""
        return self.words[0].text if len(self.words) == 1 else " ".join(word.text for word in self.words)

    @cached_property
    def box(self) -> Box:
        """Enclose the words."""
        return around([word.box for word in self.words])

    @cached_property
    def height(self) -> float:
        """Give the typical height of the words."""
        if len(self.words) == 1:
            return self.words[0].box[3] - self.words[0].box[1]
        return median(word.box[3] - word.box[1] for word in self.words)

    @property
    def confidence(self) -> float:
        """Average over the words."""
        if len(self.words) == 1:
            return self.words[0].confidence
        return sum(word.confidence for word in self.words) / len(self.words)

    @cached_property
    def segments(self) -> tuple["Line", ...]:
        """Cut the line where a gap is too wide for a space."""
        if len(self.words) == 1:
            return (self,)
        cuts = [
            position
            for position in range(1, len(self.words))
            if self.words[position].box[0] - self.words[position - 1].box[2] > WIDE_GAP_HEIGHTS * self.height
        ]
        edges = [0, *cuts, len(self.words)]
        return tuple(Line(self.words[start:stop]) for start, stop in pairwise(edges))


@dataclass(frozen=True, slots=True)
class CellTable:
    """A table as rows of cell texts."""

    cells: tuple[tuple[str, ...], ...]
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class PageContent:
    """Lines outside of tables, and the tables, both in reading order."""

    width: float
    height: float
    lines: tuple[Line, ...] = ()
    tables: tuple[CellTable, ...] = ()
    method: str = "text-layer"
    forms: tuple[Mapping[str, str], ...] = ()
    """Records that were read with all words in their places, before tables were taken out of the lines."""


def lines_of(words: Sequence[Word]) -> tuple[Line, ...]:
    """Gather neighbouring words with the same line number."""
    lines: list[list[Word]] = []
    for word in words:
        if lines and lines[-1][-1].line == word.line:
            lines[-1].append(word)
        else:
            lines.append([word])
    return tuple(Line(tuple(line)) for line in lines)


def around(boxes: Sequence[Box]) -> Box:
    """Enclose boxes in one."""
    if len(boxes) == 1:
        return boxes[0]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
