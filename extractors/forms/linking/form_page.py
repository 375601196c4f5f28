"""A form as pieces of text on a plane, with what the features of every piece need."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from extractors.pages.content import Box

LABELS = ("other", "header", "question", "answer")
OTHER, HEADER, QUESTION, ANSWER = range(len(LABELS))


@dataclass(frozen=True)
class FormPage:
    """Pieces of text (a label, a value, a heading) with their boxes, and the size of the page."""

    texts: tuple[str, ...]
    boxes: tuple[Box, ...]
    width: float
    height: float

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def edges(self) -> Any:
        """Give left, top, right and bottom as columns, in heights of a usual line."""
        return np.array(self.boxes, np.float64).reshape(-1, 4) / self.line_height

    @cached_property
    def line_height(self) -> float:
        """Give the height of a usual line in pixels."""
        heights = [bottom - top for _left, top, _right, bottom in self.boxes]
        return max(1.0, float(np.median(heights))) if heights else 1.0

    @cached_property
    def gaps(self) -> Any:
        """Give, for pieces i and j: how far j begins right of i, and below i; negative where they overlap."""
        left, top, right, bottom = self.edges.T
        return left[None, :] - right[:, None], top[None, :] - bottom[:, None]

    @cached_property
    def common(self) -> Any:
        """Give, for pieces i and j, which share of the narrower one lies over the other: across, and down."""
        left, top, right, bottom = self.edges.T
        across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
        down = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
        width, height = np.maximum(right - left, 0.1), np.maximum(bottom - top, 0.1)
        shares = across / np.minimum(width[:, None], width), down / np.minimum(height[:, None], height)
        return np.clip(shares[0], 0, 1), np.clip(shares[1], 0, 1)


@dataclass(frozen=True, slots=True)
class KnownForm:
    """A form whose labels and links are known; links go from the place of a label to that of a value."""

    page: FormPage
    labels: tuple[int, ...]
    links: frozenset[tuple[int, int]]
    name: str = ""


def neighbours(page: FormPage) -> Any:
    """Give for every piece the nearest one to the left, to the right, above and below; -1 for none."""
    count = len(page)
    found = np.full((count, 4), -1)
    if count < 2:
        return found
    across, down = page.gaps
    share_across, share_down = page.common
    far = 1e6
    itself = np.eye(count, dtype=bool)
    right = np.where((share_down > 0.3) & (across > -0.5) & ~itself, across, far)
    below = np.where((share_across > 0.1) & (down > -0.5) & ~itself, down, far)
    for side, distance in enumerate((right.T, right, below.T, below)):
        nearest = distance.argmin(axis=1)
        known = distance[np.arange(count), nearest] < far
        found[known, side] = nearest[known]
    return found
