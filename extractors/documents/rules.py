"""Tables of PDF pages that are ruled across only, or whose outer borders are not drawn."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from extractors.pages.borderless import cells_of, columns_of
from extractors.pages.content import Box, CellTable, Line, Word, around
from extractors.pages.visual_rows import visual_rows
from extractors.tables.header import has_typed_column, header_position

_SAME_POINTS = 3.0
_SHORTEST_POINTS = 40.0
_BEYOND_POINTS = 8.0
_FEWEST_RULES = 3
_LONGEST_CELL = 40
_LEAST_FILLED = 0.6
_MOST_BESIDE = 0.15
_MOST_COLUMNS = 30


def outer_borders(table: Any, page: Any) -> list[float]:
    """Give the left and the right end of rules that go on beyond a table: columns without a border stand there."""
    left, top, right, bottom = table.bbox
    rules = [
        edge
        for edge in page.horizontal_edges
        if top - _SAME_POINTS <= edge["top"] <= bottom + _SAME_POINTS and edge["x0"] < right and edge["x1"] > left
    ]
    if len(rules) < _FEWEST_RULES:
        return []
    # The second longest reach: one rule that goes further belongs to something else.
    starts, ends = sorted(edge["x0"] for edge in rules), sorted((edge["x1"] for edge in rules), reverse=True)
    borders = []
    if starts[1] < left - _BEYOND_POINTS:
        borders.append(starts[1])
    if ends[1] > right + _BEYOND_POINTS:
        borders.append(ends[1])
    return borders


def tables_between_rules(page: Any, words: Sequence[Word], known: Sequence[Box]) -> Iterator[CellTable]:
    """Find three and more rules of the same length above each other, with words in columns between them."""
    taken = list(known)
    for box in _ruled_areas(page):
        if any(_overlap(box, other) for other in taken):
            continue
        inside = [word for word in words if _within(word, box)]
        if _goes_on(box, words, inside):
            continue
        rows = visual_rows(inside)
        if len(rows) < 2 or max(len(row.segments) for row in rows) < 2:
            continue
        table = _table(rows)
        if table is not None:
            taken.append(box)
            yield CellTable(table, around([row.box for row in rows]))


def _ruled_areas(page: Any) -> Iterator[Box]:
    edges = [edge for edge in page.horizontal_edges if edge["x1"] - edge["x0"] >= _SHORTEST_POINTS]

    def place(edge: Any) -> tuple[int, int]:
        return round(edge["x0"] / _SAME_POINTS), round(edge["x1"] / _SAME_POINTS)

    for _place, group in groupby(sorted(edges, key=lambda edge: (place(edge), edge["top"])), key=place):
        rules = list(group)
        heights = sorted({round(edge["top"]) for edge in rules})
        if len(heights) >= _FEWEST_RULES:
            yield rules[0]["x0"], rules[0]["top"], rules[0]["x1"], rules[-1]["bottom"]


def _table(rows: Sequence[Line]) -> tuple[tuple[str, ...], ...] | None:
    columns = columns_of(rows)
    cells = tuple(cells_of(row, columns) for row in rows)
    texts = [cell for row in cells for cell in row if cell]
    if not 2 <= len(columns) <= _MOST_COLUMNS or sum(map(len, texts)) > _LONGEST_CELL * len(texts):
        return None
    if len(texts) < _LEAST_FILLED * len(columns) * len(rows):
        return None
    return cells if header_position(cells) is not None and has_typed_column(cells[1:]) else None


def _goes_on(box: Box, words: Sequence[Word], inside: Sequence[Word]) -> bool:
    """Tell whether rows go on beside the rules, which then belong to a group of columns only."""
    level = sum(box[1] <= word.middle[1] <= box[3] for word in words)
    return level - len(inside) > _MOST_BESIDE * len(inside)


def _within(word: Word, box: Box) -> bool:
    x, y = word.middle
    return box[0] - _SAME_POINTS <= x <= box[2] + _SAME_POINTS and box[1] <= y <= box[3]


def _overlap(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
