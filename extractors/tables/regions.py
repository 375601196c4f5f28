"""Where the tables of a sheet lie: rectangles between blank rows and blank columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of cells; `top` is the sheet's number of its first row."""

    rows: list[tuple[Any, ...]]
    top: int


def regions(rows: Sequence[Sequence[Any]], *, fewest_rows: int = 2) -> Iterator[Region]:
    """Cut a sheet into rectangles that may be tables, from the top and from the left."""
    width = max((len(row) for row in rows), default=0)
    for top, stop in _runs([not _blank(row) for row in rows]):
        if stop - top < fewest_rows:
            continue
        band = [tuple(row) + (None,) * (width - len(row)) for row in rows[top:stop]]
        filled = [any(not _empty(row[column]) for row in band) for column in range(width)]
        for left, right in _runs(filled):
            region = _trimmed([row[left:right] for row in band], top + 1)
            if len(region.rows) >= fewest_rows:
                yield region


def _trimmed(band: list[tuple[Any, ...]], top: int) -> Region:
    """Drop the blank rows that a neighbour's longer table leaves at the ends."""
    kept = [at for at, row in enumerate(band) if not _blank(row)]
    return Region(band[kept[0] : kept[-1] + 1], top + kept[0]) if kept else Region([], top)


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
