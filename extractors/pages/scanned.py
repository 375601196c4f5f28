"""A page image to content: straighten, find ruled tables, recognise, put words into cells."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import cos, radians, sin
from statistics import fmean

import numpy as np
from PIL import Image

from extractors.pages.closing_up import closed_up, moved_back
from extractors.pages.content import Box, CellTable, PageContent, Word, lines_of
from extractors.pages.ruling import Grid, find_ruling, without_lines
from extractors.pages.skew import skew_degrees, straightened
from extractors.pages.tesseract_reader import TesseractReader

_DOUBTFUL_CONFIDENCE = 0.75
_DOUBTFUL_WORDS = 6
_LONG_LETTERS = 4
_SIDEWAYS = -1.0
_LEAST_PIXELS = 20
"""Smaller pictures hold no text, and Tesseract refuses some of them."""


def read_scan(picture: Image.Image, reader: TesseractReader, *, dots_per_inch: int = 200) -> PageContent:
    """Read a page image; boxes are given in its own pixels, however it was turned for reading."""
    grey = picture.convert("L")
    if min(grey.size) < _LEAST_PIXELS:
        return PageContent(picture.width, picture.height, method="ocr")
    content, sureness = _read_upright(grey, reader, dots_per_inch)
    if sureness >= _DOUBTFUL_CONFIDENCE or not (content.lines or content.tables):
        return content
    for turns in _likely_turns(grey, reader, sideways=sureness == _SIDEWAYS):
        turned = grey.rotate(-90 * turns, expand=True)
        again, better = _read_upright(turned, reader, dots_per_inch)
        if better > sureness:
            content, sureness = _moved(again, _quarter_back(turns, grey.size), grey.size), better
    return content


def _likely_turns(grey: Image.Image, reader: TesseractReader, *, sideways: bool) -> list[int]:
    """Give the quarters by which a page that was badly read should be turned, clockwise."""
    turns = reader.quarter_turns(np.asarray(grey))
    if turns:
        return [turns]
    return [1, 3] if sideways else []


def _read_upright(grey: Image.Image, reader: TesseractReader, dots_per_inch: int) -> tuple[PageContent, float]:
    degrees = skew_degrees(grey)
    pixels = np.asarray(straightened(grey, degrees))
    ruling = find_ruling(pixels)
    page, shifts = closed_up(without_lines(pixels, ruling), ruling.grids)
    words = moved_back(reader.words(page, dots_per_inch=dots_per_inch), shifts)
    tables = tuple(_table(grid, words) for grid in ruling.grids)
    kept = [table for table in tables if sum(bool(cell) for row in table.cells for cell in row) > 1]
    outside = [word for word in words if not any(_within(word, table.box) for table in kept)]
    content = PageContent(grey.width, grey.height, lines_of(outside), tuple(kept), "ocr")
    return _moved(content, _turn_back(degrees, grey.size), grey.size), _sureness(words)


def _sureness(words: Sequence[Word]) -> float:
    """Say how good the reading is; one of words that stand on their side is none, however sure each is."""
    long = [word.box for word in words if len(word.text) >= _LONG_LETTERS]
    upended = sum(bottom - top > right - left for left, top, right, bottom in long)
    if upended > len(long) / 2:
        return _SIDEWAYS
    return fmean(word.confidence for word in words) if len(words) >= _DOUBTFUL_WORDS else 0.0


def _table(grid: Grid, words: Sequence[Word]) -> CellTable:
    rows, columns = grid.size
    cells: list[list[list[Word]]] = [[[] for _ in range(columns)] for _ in range(rows)]
    for word in words:
        if grid.contains(*word.middle):
            row, column = grid.cell(*word.middle)
            cells[row][column].append(word)
    texts = tuple(tuple(_cell_text(cell) for cell in row) for row in cells)
    sureness = [word.confidence for row in cells for cell in row for word in cell]
    box = (grid.down[0], grid.across[0], grid.down[-1], grid.across[-1])
    return CellTable(texts, box, fmean(sureness) if sureness else 0.0)


def _cell_text(words: Sequence[Word]) -> str:
    """Join the words of a cell line by line, whatever order recognition took them in."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.middle[1]):
        if lines and word.middle[1] < lines[-1][0].box[3]:
            lines[-1].append(word)
        else:
            lines.append([word])
    return " ".join(word.text for line in lines for word in sorted(line, key=lambda word: word.box[0]))


def _within(word: Word, box: Box) -> bool:
    x, y = word.middle
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _moved(content: PageContent, move: Callable[[Box], Box], size: tuple[int, int]) -> PageContent:
    lines = tuple(
        replace(line, words=tuple(replace(word, box=move(word.box)) for word in line.words)) for line in content.lines
    )
    tables = tuple(replace(table, box=move(table.box)) for table in content.tables)
    return replace(content, width=size[0], height=size[1], lines=lines, tables=tables)


def _turn_back(degrees: float, size: tuple[int, int]) -> Callable[[Box], Box]:
    """Give the move of boxes from the straightened to the original page: their centres turn."""
    middle_x, middle_y = size[0] / 2, size[1] / 2
    cosine, sine = cos(radians(degrees)), sin(radians(degrees))

    def move(box: Box) -> Box:
        x, y = (box[0] + box[2]) / 2 - middle_x, (box[1] + box[3]) / 2 - middle_y
        shift_x = x * cosine - y * sine - x
        shift_y = x * sine + y * cosine - y
        return (box[0] + shift_x, box[1] + shift_y, box[2] + shift_x, box[3] + shift_y)

    return move


def _quarter_back(turns: int, size: tuple[int, int]) -> Callable[[Box], Box]:
    """Give the move of boxes from a page turned clockwise by quarters to the original page."""
    width, height = size

    def move(box: Box) -> Box:
        left, top, right, bottom = box
        if turns == 1:
            return (top, height - right, bottom, height - left)
        if turns == 2:
            return (width - right, height - bottom, width - left, height - top)
        return (width - bottom, left, width - top, right)

    return move
