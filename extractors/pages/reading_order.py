"""Lines in the order in which people read them, where the file has them in another one."""

from collections.abc import Callable
from itertools import pairwise

from extractors.pages.content import Line

_MOST_BACKWARD = 0.12
"""More steps upwards within a column are no reading order; headers and captions that are drawn last are."""
_LEAST_STEPS = 3
_NARROWEST_GAP_HEIGHTS = 0.8
_FEWEST_LINES = 3


def in_reading_order(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Keep the order of the file if it goes down its columns, else order by cuts between columns and rows.

    The order of the file knows more than the page shows, so that it is changed only where it is plainly none. The cuts
    are those of the recursive X-Y cut (Nagy and Seth 1984).
    """
    backward = sum(_goes_back(above, line) for above, line in pairwise(lines))
    if backward < _LEAST_STEPS or backward <= _MOST_BACKWARD * len(lines):
        return lines
    return tuple(_ordered(list(lines)))


def _goes_back(before: Line, line: Line) -> bool:
    """Tell whether a line stands above the one before it, and in the same column."""
    box, last = line.box, before.box
    return box[3] <= last[1] and box[0] < last[2] and last[0] < box[2]


def _ordered(lines: list[Line]) -> list[Line]:
    if len(lines) < 2:
        return lines
    heights = sorted(line.height for line in lines)
    gap = _NARROWEST_GAP_HEIGHTS * heights[len(heights) // 2]
    columns = _cut(lines, gap, lambda line: (line.box[0], line.box[2]))
    if len(columns) > 1 and sum(len(column) >= _FEWEST_LINES for column in columns) > 1:
        return [line for column in columns for line in _ordered(column)]
    rows = _cut(lines, 0.0, lambda line: (line.box[1], line.box[3]))
    runs = _with_columns(rows)
    if len(runs) > 1:
        return [line for run in runs for line in _ordered(run)]
    return [line for row in rows for line in sorted(row, key=lambda line: line.box[0])]


def _with_columns(rows: list[list[Line]]) -> list[list[Line]]:
    """Keep rows together that lie beside each other in columns: what spans them all is a row of its own."""
    runs: list[list[Line]] = []
    wide = True
    for row in rows:
        if len(row) > 1 and not wide:
            runs[-1].extend(row)
        else:
            runs.append(list(row))
        wide = len(row) == 1
    return runs


def _cut(lines: list[Line], gap: float, span: Callable[[Line], tuple[float, float]]) -> list[list[Line]]:
    """Cut where no line lies over a gap at least so wide."""
    groups: list[list[Line]] = []
    end = 0.0
    for line in sorted(lines, key=lambda line: span(line)[0]):
        start, stop = span(line)
        if groups and start < end + gap:
            groups[-1].append(line)
            end = max(end, stop)
        else:
            groups.append([line])
            end = stop
    return groups
