"""Tables without lines: rows whose words stand in columns. Only what is convincing is taken."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from extractors.pages.content import CellTable, Line, PageContent, Word, around
from extractors.tables.header import has_typed_column, header_position

_FEWEST_ROWS, _FEWEST_COLUMNS = 3, 3
_LONGEST_CELL = 25
_LEAST_FILLED = 0.75
_WIDEST_SPACING_HEIGHTS = 2.5


def with_borderless_tables(content: PageContent) -> PageContent:
    """Take columns of short texts out of the lines, as tables."""
    words = [word for line in content.lines for word in line.words]
    found = [table for run in _runs(_visual_rows(words)) if (table := _convincing(run))]
    if not found:
        return content
    inside = {id(word) for _table, taken in found for word in taken}
    left = [Line(tuple(word for word in line.words if id(word) not in inside)) for line in content.lines]
    tables = sorted([*content.tables, *(table for table, _taken in found)], key=lambda table: table.box[1])
    return replace(content, lines=tuple(line for line in left if line.words), tables=tuple(tables))


def _visual_rows(words: Sequence[Word]) -> list[Line]:
    """Gather words on the same height, whatever order they were read in."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.middle[1]):
        last = rows[-1][-1].box if rows else None
        if last and last[1] < word.middle[1] < last[3]:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [Line(tuple(sorted(row, key=lambda word: word.box[0]))) for row in rows]


def _runs(rows: Sequence[Line]) -> list[list[Line]]:
    """Give stretches of neighbouring rows that all have several columns."""
    runs: list[list[Line]] = [[]]
    for row in rows:
        close = not runs[-1] or row.box[1] - runs[-1][-1].box[3] < _WIDEST_SPACING_HEIGHTS * row.height
        if len(row.segments) >= _FEWEST_COLUMNS and close:
            runs[-1].append(row)
        else:
            runs.append([row] if len(row.segments) >= _FEWEST_COLUMNS else [])
    return [run for run in runs if len(run) >= _FEWEST_ROWS]


def _convincing(run: Sequence[Line]) -> tuple[CellTable, list[Word]] | None:
    segments = [segment for row in run for segment in row.segments]
    columns = _columns(segments)
    filled = len(segments) / (len(columns) * len(run))
    if len(columns) < _FEWEST_COLUMNS or not _LEAST_FILLED <= filled <= 1:
        return None
    if fmean(len(segment.text) for segment in segments) > _LONGEST_CELL:
        return None
    cells = tuple(tuple(_cell(row, left, right) for left, right in columns) for row in run)
    if header_position(cells) is None or not has_typed_column(cells[1:]):
        return None
    words = [word for row in run for word in row.words]
    return CellTable(cells, around([row.box for row in run]), fmean(word.confidence for word in words)), words


def _columns(segments: Sequence[Line]) -> list[tuple[float, float]]:
    """Join segments that overlap sideways into columns."""
    columns: list[tuple[float, float]] = []
    for left, right in sorted((segment.box[0], segment.box[2]) for segment in segments):
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _cell(row: Line, left: float, right: float) -> str:
    return " ".join(segment.text for segment in row.segments if left <= segment.box[0] < right)
