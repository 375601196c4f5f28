"""Cells of a ruled row moved together: recognition reads a number in a line of words far better than one alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from extractors.pages.content import Word
from extractors.pages.ruling import Grid
from extractors.pages.skew import paper_of

_GAP_HEIGHTS = 0.6
_BORDER_PIXELS = 5
_DARKER = 45
_MOST_LINE_SHARE = 0.62
"""Text taller than this share of its row stands in several lines; such rows stay as they are."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of the changed page that came from further right."""

    left: float
    top: float
    right: float
    bottom: float
    pixels: int


def closed_up(page: Any, grids: Sequence[Grid]) -> tuple[Any, list[Shift]]:
    """Give the page with the cells of single-line rows set one after the other, and where they came from."""
    changed = page.copy() if grids else page
    paper = paper_of(page)
    shifts: list[Shift] = []
    for grid in grids:
        for top, bottom in pairwise(grid.across):
            shifts += _close_row(page, changed, grid, (top, bottom), paper)
    return changed, shifts


def moved_back(words: Sequence[Word], shifts: Sequence[Shift]) -> list[Word]:
    """Put the words where their cells are."""
    return [_moved(word, shifts) for word in words]


def _close_row(page: Any, changed: Any, grid: Grid, row: tuple[int, int], paper: float) -> list[Shift]:
    top, bottom = row[0] + _BORDER_PIXELS, row[1] - _BORDER_PIXELS + 1
    cells = [
        extent
        for left, right in pairwise(grid.down)
        if (extent := _text_extent(page[top:bottom], left + _BORDER_PIXELS, right - _BORDER_PIXELS + 1, paper))
    ]
    height = max((cell[3] - cell[2] for cell in cells), default=0)
    if len(cells) < 2 or height > _MOST_LINE_SHARE * (bottom - top):
        return []
    gap = round(_GAP_HEIGHTS * height)
    changed[top:bottom, grid.down[0] + _BORDER_PIXELS : grid.down[-1] - _BORDER_PIXELS] = paper
    shifts = []
    place = cells[0][0]
    for left, right, _first, _last in cells:
        width = right - left
        changed[top:bottom, place : place + width] = page[top:bottom, left:right]
        shifts.append(Shift(place - gap / 2, row[0], place + width + gap / 2, row[1], left - place))
        place += width + gap
    return shifts


def _text_extent(band: Any, left: int, right: int, paper: float) -> tuple[int, int, int, int] | None:
    """Give left and right on the page, and top and bottom within the band, of a cell's ink."""
    dark = band[:, left:right] < paper - _DARKER
    columns, rows = np.flatnonzero(dark.sum(axis=0) >= 2), np.flatnonzero(dark.sum(axis=1) >= 2)
    if not len(columns) or not len(rows):
        return None
    margin = 2
    start, stop = max(0, int(columns[0]) - margin), min(right - left, int(columns[-1]) + 1 + margin)
    return left + start, left + stop, int(rows[0]), int(rows[-1]) + 1


def _moved(word: Word, shifts: Sequence[Shift]) -> Word:
    x, y = word.middle
    for shift in shifts:
        if shift.left <= x <= shift.right and shift.top <= y <= shift.bottom:
            left, top, right, bottom = word.box
            return replace(word, box=(left + shift.pixels, top, right + shift.pixels, bottom))
    return word
