"""Ruled tables on page images: long lines, the grids they form, and the page without them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from extractors.pages.skew import ink, paper_of

_LINE_SHARE = 0.92
"""So much of a window must be ink to belong to a line: scans break lines up a little."""

_WORKING_PIXELS = 1200
"""The longer side of the image in which lines are searched."""

_ACROSS_PARTS, _DOWN_PARTS = 14, 34
"""A line across is as long as this part of the width at least, a line down as this part of the height."""

_LEAST_CELL_PIXELS = 14


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: the positions of its lines in pixels."""

    across: tuple[int, ...]
    """Vertical positions of horizontal lines, from the top."""
    down: tuple[int, ...]
    """Horizontal positions of vertical lines, from the left."""

    def contains(self, x: float, y: float) -> bool:
        """Tell whether a point lies within the outer lines."""
        return self.down[0] <= x <= self.down[-1] and self.across[0] <= y <= self.across[-1]

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Give row and column of a point within the grid."""
        row = int(np.searchsorted(self.across, y)) - 1
        column = int(np.searchsorted(self.down, x)) - 1
        return min(max(row, 0), len(self.across) - 2), min(max(column, 0), len(self.down) - 2)

    @property
    def size(self) -> tuple[int, int]:
        """Give the numbers of rows and columns."""
        return len(self.across) - 1, len(self.down) - 1


@dataclass(frozen=True, slots=True)
class Ruling:
    """The lines of a page."""

    mask: Any
    """Boolean array: pixels that belong to lines."""
    grids: tuple[Grid, ...]


def find_ruling(grey: Any) -> Ruling:
    """Find lines that are long or joined to long ones, and the grids of two and more rows and columns."""
    step = max(1, round(max(grey.shape) / _WORKING_PIXELS))
    dark = ink(_reduced(grey, step))
    height, width = dark.shape
    across = _runs(dark, max(24, width // _ACROSS_PARTS), axis=1)
    down = _runs(dark, max(24, height // _DOWN_PARTS), axis=0)
    joined, regions = _frames(across | down)
    return Ruling(_enlarged((across | down) & joined, step, grey.shape), _grids(across, down, regions, step))


def without_lines(grey: Any, ruling: Ruling) -> Any:
    """Paint the lines over with the colour of the paper, so that they do not disturb recognition."""
    if not ruling.mask.any():
        return grey
    cleaned = grey.copy()
    cleaned[ruling.mask] = paper_of(grey)
    return cleaned


def _runs(dark: Any, length: int, *, axis: int) -> Any:
    """Mark windows along an axis that are almost all ink; a pixel of play across the axis is allowed."""
    along = dark if axis == 1 else np.ascontiguousarray(dark.T)
    thick = along.copy()
    thick[1:] |= along[:-1]
    thick[:-1] |= along[1:]
    found = np.zeros_like(thick)
    if thick.shape[1] > length:
        sums = np.cumsum(thick, axis=1, dtype=np.int32)
        full = sums[:, length:] - sums[:, :-length] >= _LINE_SHARE * length
        rows = np.flatnonzero(full.any(axis=1))
        found[rows] = _covered(full[rows], length) & thick[rows]
    return found if axis == 1 else np.ascontiguousarray(found.T)


def _covered(full: Any, length: int) -> Any:
    """Mark everything that lies in a window that is full; a window is named by the pixel before it."""
    edges = np.zeros((full.shape[0], full.shape[1] + length), dtype=np.int32)
    edges[:, 1 : full.shape[1] + 1] += full
    edges[:, length + 1 :] -= full[:, :-1]
    return np.cumsum(edges, axis=1) > 0


def _reduced(grey: Any, step: int) -> Any:
    """Average squares of `step` pixels: thin lines stay visible, and the work shrinks with the square."""
    return grey if step == 1 else np.asarray(Image.fromarray(grey).reduce(step))


def _enlarged(mask: Any, step: int, shape: tuple[int, int]) -> Any:
    """Bring a mask to the size of the page, with a margin of two pixels around every line."""
    from scipy.ndimage import binary_dilation

    full = np.zeros(shape, dtype=bool)
    if mask.any():
        large = binary_dilation(mask, iterations=max(1, 2 // step)).repeat(step, axis=0).repeat(step, axis=1)
        full[: large.shape[0], : large.shape[1]] = large[: shape[0], : shape[1]]
    return full


def _frames(lines: Any) -> tuple[Any, list[Any]]:
    """Keep what hangs together and is large: thick strokes of letters are short lines, too."""
    from scipy.ndimage import binary_dilation, find_objects, label

    if not lines.any():
        return lines, []
    parts, _count = label(binary_dilation(lines, iterations=2))
    height, width = lines.shape
    large = np.zeros(_count + 1, dtype=bool)
    regions = []
    for number, (rows, columns) in enumerate(find_objects(parts), start=1):
        if columns.stop - columns.start >= width // 8 or rows.stop - rows.start >= height // 10:
            large[number] = True
            regions.append((rows, columns))
    return large[parts], regions


def _grids(across: Any, down: Any, regions: list[Any], step: int) -> tuple[Grid, ...]:
    found = []
    for region in regions:
        top, left = region[0].start, region[1].start
        rows = _positions(across[region], top, step, axis=1)
        columns = _positions(down[region], left, step, axis=0)
        if len(rows) >= 3 and len(columns) >= 3:
            found.append(Grid(rows, columns))
    return tuple(sorted(found, key=lambda grid: (grid.across[0], grid.down[0])))


def _positions(mask: Any, offset: int, step: int, *, axis: int) -> tuple[int, ...]:
    """Give the middles, on the page, of bands that are ruled over half of the region; double lines count once."""
    ruled = mask.any(axis=axis) & (_longest(mask, axis) >= 0.5 * mask.shape[axis])
    edges = np.flatnonzero(np.diff(np.concatenate(([0], ruled.astype(np.int8), [0]))))
    middles = [(offset + int(start + stop - 1) // 2) * step for start, stop in edges.reshape(-1, 2)]
    return tuple(
        middle for index, middle in enumerate(middles) if not index or middle - middles[index - 1] > _LEAST_CELL_PIXELS
    )


def _longest(mask: Any, axis: int) -> Any:
    from scipy.ndimage import maximum_filter1d

    # A line that is a little bent lies in neighbouring rows: count them together.
    return maximum_filter1d(mask, 7, axis=1 - axis).sum(axis=axis)
