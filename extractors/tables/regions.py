"""Where the tables of a sheet lie: rectangles between blank rows and blank columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_FEWEST_ROWS = 2


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of cells; `top` is the sheet's number of its first row."""

    rows: list[tuple[Any, ...]]
    top: int


def regions(rows: Sequence[Sequence[Any]]) -> Iterator[Region]:
    """Cut a sheet into rectangles that may be tables, from the top and from the left."""
    width = max((len(row) for row in rows), default=0)
    for top, stop in _runs([not _blank(row) for row in rows]):
        if stop - top < _FEWEST_ROWS:
            continue
        band = [tuple(row) + (None,) * (width - len(row)) for row in rows[top:stop]]
        filled = [any(not _empty(row[column]) for row in band) for column in range(width)]
        for left, right in _runs(filled):
            yield from _trimmed([row[left:right] for row in band], top + 1)


def _trimmed(band: list[tuple[Any, ...]], top: int) -> Iterator[Region]:
    """Drop the blank rows that a neighbour's longer table leaves at the ends."""
    kept = [at for at, row in enumerate(band) if not _blank(row)]
    if kept and kept[-1] - kept[0] + 1 >= _FEWEST_ROWS:
        yield Region(band[kept[0] : kept[-1] + 1], top + kept[0])


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for at, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = at
        elif not flag and start is not None:
            yield start, at
            start = None


def _blank(row: Sequence[Any]) -> bool:
    return all(_empty(cell) for cell in row)


def _empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
