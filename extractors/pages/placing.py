"""Where boxes on a page that was turned for reading lie on the page as it came."""

from collections.abc import Callable
from dataclasses import replace
from math import cos, radians, sin

from extractors.pages.content import Box, PageContent

Move = Callable[[Box], Box]


def moved(content: PageContent, move: Move, size: tuple[int, int]) -> PageContent:
    """Move everything on a page; `size` is that of the page as it came."""
    lines = tuple(
        replace(line, words=tuple(replace(word, box=move(word.box)) for word in line.words)) for line in content.lines
    )
    tables = tuple(replace(table, box=move(table.box)) for table in content.tables)
    return replace(content, width=size[0], height=size[1], lines=lines, tables=tables)


def turn_back(degrees: float, size: tuple[int, int]) -> Move:
    """Give the move of boxes from the straightened to the original page: their centres turn."""
    middle_x, middle_y = size[0] / 2, size[1] / 2
    cosine, sine = cos(radians(degrees)), sin(radians(degrees))

    def move(box: Box) -> Box:
        x, y = (box[0] + box[2]) / 2 - middle_x, (box[1] + box[3]) / 2 - middle_y
        shift_x = x * cosine - y * sine - x
        shift_y = x * sine + y * cosine - y
        return (box[0] + shift_x, box[1] + shift_y, box[2] + shift_x, box[3] + shift_y)

    return move


def quarter_back(turns: int, size: tuple[int, int]) -> Move:
    """Give the move of boxes from a page turned clockwise by quarters to the original page of this size."""
    width, height = size

    def move(box: Box) -> Box:
        left, top, right, bottom = box
        if turns == 1:
            return (top, height - right, bottom, height - left)
        if turns == 2:
            return (width - right, height - bottom, width - left, height - top)
        if turns == 3:
            return (width - bottom, left, width - top, right)
        return box

    return move
