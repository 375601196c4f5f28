"""Tables without lines: rows whose words stand in columns. Only what is convincing is taken."""

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from extractors.pages.content import Box, CellTable, Line, PageContent, Word, around
from extractors.pages.visual_rows import visual_rows
from extractors.tables.header import has_typed_column, header_position

_FEWEST_ROWS, _FEWEST_COLUMNS = 3, 3
_LONGEST_CELL = 25
_LEAST_FILLED = 0.75
_FEWEST_ROWS_UNNAMED, _LEAST_FILLED_UNNAMED = 5, 0.9
"""A table whose columns have no names must be longer and fuller to be told from text."""
_WIDEST_SPACING_HEIGHTS = 2.5
_FULL_ROW = 0.8
"""Rows with so large a share of the most pieces show where the columns are; names may span several of them."""

_SPANNING_ROWS = 0.1
_NUMBERS_APART_HEIGHTS = 0.5
_NUMBER = re.compile(r"[-+$€£(]*\d[\d.,%)]*")
_MOST_NAME_ROWS = 2

Columns = list[tuple[float, float]]


def with_borderless_tables(content: PageContent) -> PageContent:
    """Take columns of short texts out of the lines, as tables."""
    words = [word for line in content.lines for word in line.words]
    if len(words) < len(content.lines) + _FEWEST_ROWS:
        return content  # lines that were set at once, each a word here, stand in no columns
    found = [table for run in _runs(visual_rows(words)) if (table := _convincing(run))]
    if not found:
        return content
    inside = {id(word) for _table, taken in found for word in taken}
    left = [Line(tuple(word for word in line.words if id(word) not in inside)) for line in content.lines]
    tables = sorted([*content.tables, *(table for table, _taken in found)], key=lambda table: table.box[1])
    return replace(content, lines=tuple(line for line in left if line.words), tables=tuple(tables))


def columns_of(rows: Sequence[Line]) -> Columns:
    """Find the stretches across that the pieces of the fullest rows cover, but for a few rows of names."""
    pieces = [_pieces(row) for row in rows]
    most = max(map(len, pieces))
    full = [row for row in pieces if len(row) >= _FULL_ROW * most]
    edges = sorted((edge, step) for row in full for box in row for edge, step in ((box[0], 1), (box[2], -1)))
    least = int(_SPANNING_ROWS * len(full)) + 1
    columns: Columns = []
    over, start = 0, 0.0
    for edge, step in edges:
        over += step
        if step > 0 and over == least:
            start = edge
        elif step < 0 and over == least - 1:
            columns.append((start, edge))
    return columns


def cells_of(row: Line, columns: Columns) -> tuple[str, ...]:
    """Put the words of a row into the columns that they overlap most, or stand next to."""
    cells: list[list[str]] = [[] for _ in columns]
    for word in row.words:
        left, _top, right, _bottom = word.box
        reach = [min(right, end) - max(left, start) for start, end in columns]
        cells[reach.index(max(reach))].append(word.text)
    return tuple(" ".join(cell) for cell in cells)


def _pieces(row: Line) -> list[Box]:
    """Give the places of a row's texts, and of numbers that stand close beside each other."""
    groups: list[list[Word]] = []
    for segment in row.segments:
        for at, word in enumerate(segment.words):
            before = segment.words[at - 1]
            apart = word.box[0] - before.box[2] > _NUMBERS_APART_HEIGHTS * row.height
            if at and not (apart and (_NUMBER.fullmatch(word.text) or _NUMBER.fullmatch(before.text))):
                groups[-1].append(word)
            else:
                groups.append([word])
    return [around([word.box for word in group]) for group in groups]


def _joined(cells: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Join columns that never both say something with their neighbours, where one holds but names set off."""
    columns = [list(column) for column in zip(*cells, strict=True)]
    joined = columns[:1]
    for column in columns[1:]:
        last = joined[-1]
        few = min(sum(map(bool, last)), sum(map(bool, column))) <= _MOST_NAME_ROWS
        if few and not any(left and right for left, right in zip(last, column, strict=True)):
            joined[-1] = [left or right for left, right in zip(last, column, strict=True)]
        else:
            joined.append(column)
    return tuple(zip(*joined, strict=True))


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
    if fmean(len(segment.text) for segment in segments) > _LONGEST_CELL:
        return None
    columns = columns_of(run)
    cells = _joined([cells_of(row, columns) for row in run])
    filled = sum(bool(cell) for row in cells for cell in row) / (len(cells[0]) * len(run))
    named = header_position(cells) is not None
    fewest_rows, least_filled = (
        (_FEWEST_ROWS, _LEAST_FILLED) if named else (_FEWEST_ROWS_UNNAMED, _LEAST_FILLED_UNNAMED)
    )
    if len(cells[0]) < _FEWEST_COLUMNS or len(run) < fewest_rows or filled < least_filled:
        return None
    if not has_typed_column(cells[1:]):
        return None
    words = [word for row in run for word in row.words]
    return CellTable(cells, around([row.box for row in run]), fmean(word.confidence for word in words)), words
