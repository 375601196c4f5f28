"""Cells that span rows and columns, as office files and web pages have them, to a plain grid."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

_MOST_COLUMNS = 1024
_MOST_ROWS_BEYOND = 256
_MOST_PLACES = 1_000_000
"""Files may claim any number: no table that people make spans more."""


@dataclass(frozen=True, slots=True)
class SpanCell:
    """A cell and the place of its upper left corner, counted from 0."""

    row: int
    column: int
    text: str
    rows: int = 1
    columns: int = 1


def grid_of(cells: Iterable[SpanCell]) -> list[list[str]]:
    """Give rows of equal length.

    A text that spans rows is said in each of them, as it holds for all. One that spans columns is said once, or it
    would count twice; only in the first row it names all its columns.
    """
    placed = list(cells)
    height = min(
        max((cell.row + cell.rows for cell in placed), default=0),
        max((cell.row for cell in placed), default=0) + _MOST_ROWS_BEYOND,
    )
    width = min(max((cell.column + cell.columns for cell in placed), default=0), _MOST_COLUMNS)
    placed = [cell for cell in placed if cell.column < width]
    grid = [[""] * width for _ in range(height)]
    for cell in placed:
        for row in range(cell.row, min(cell.row + cell.rows, height)):
            for column in range(cell.column, min(cell.column + (cell.columns if cell.row == 0 else 1), width)):
                grid[row][column] = cell.text
    return grid


class TableCells:
    """A table that is told cell by cell, where each takes the next free place of its row, as in HTML."""

    def __init__(self) -> None:
        self._cells: list[SpanCell] = []
        self._taken: set[tuple[int, int]] = set()
        self._first_free: dict[int, int] = {}
        self._row = -1
        self._left = _MOST_PLACES
        self._open = False

    def open_row(self) -> None:
        """Begin the next row."""
        self._row += 1
        self._open = False

    def open(self, rows: int = 1, columns: int = 1) -> None:
        """Begin a cell that spans so many rows and columns."""
        self._row = max(self._row, 0)
        if rows * columns > self._left:
            rows = columns = 1
        self._left -= rows * columns
        column = self._first_free.get(self._row, 0)
        while (self._row, column) in self._taken:
            column += 1
        self._first_free[self._row] = column + columns
        self._taken.update(
            (row, place) for row in range(self._row, self._row + rows) for place in range(column, column + columns)
        )
        self._cells.append(SpanCell(self._row, column, "", rows, columns))
        self._open = True

    def say(self, text: str) -> None:
        """Add text to the cell that was begun last, if it is still open, and end it."""
        if self._open and text:
            last = self._cells[-1]
            self._cells[-1] = replace(last, text=f"{last.text} {text}".strip())

    def grid(self) -> list[list[str]]:
        """Give the rows; what would span rows beyond the last one does not."""
        height = self._row + 1
        return grid_of(replace(cell, rows=min(cell.rows, height - cell.row)) for cell in self._cells)
