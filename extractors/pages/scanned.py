"""A page image to content: straighten, find ruled tables, recognise, put words into cells."""

from collections.abc import Sequence
from statistics import fmean

import numpy as np
from PIL import Image

from extractors.forms.reader import FormReader
from extractors.forms.receipts.page import with_receipt
from extractors.pages.closing_up import closed_up, moved_back
from extractors.pages.content import CellTable, PageContent, Word, lines_of
from extractors.pages.placing import moved, quarter_back, turn_back
from extractors.pages.recognition import Recogniser, Recognition, combined
from extractors.pages.ruling import Grid, find_ruling, without_lines
from extractors.pages.skew import skew_degrees, straightened

_DOUBTFUL_CONFIDENCE = 0.75
"""A page that was read with less may stand on its side or its head."""
_SURE_CONFIDENCE = 0.85
"""A page that was read with less is read a second time, by another recogniser."""
_DOUBTFUL_WORDS = 6
_LONG_LETTERS = 4
_SIDEWAYS = -1.0
_LEAST_PIXELS = 20
"""Smaller pictures hold no text, and Tesseract refuses some of them."""


def read_scan(picture: Image.Image, recognition: Recognition, *, dots_per_inch: int = 200) -> PageContent:
    """Read a page image; boxes are given in its own pixels, however it was turned for reading.

    Raises:
        RecognitionFailed: a recogniser is missing, or refused the picture.
    """
    grey = picture.convert("L")
    if min(grey.size) < _LEAST_PIXELS:
        return PageContent(picture.width, picture.height, method="ocr")
    first, *others = recognition.order(grey.size)
    scan, turns = _upright(grey, first, dots_per_inch)
    for other in others:
        if scan.sureness < _SURE_CONFIDENCE:
            scan.read_again(other)
    return moved(scan.content(recognition.forms), quarter_back(turns, grey.size), grey.size)


def _upright(grey: Image.Image, reader: Recogniser, dots_per_inch: int) -> "tuple[_Scan, int]":
    """Read the page as it is, and turned if that may be better; give also the quarters that it was turned."""
    best, best_turns = _Scan(grey, reader, dots_per_inch), 0
    if best.sureness >= _DOUBTFUL_CONFIDENCE or not best.words:
        return best, 0
    turns = reader.quarter_turns(np.asarray(grey))
    for quarters in [turns] if turns else [1, 3] if best.sureness == _SIDEWAYS else []:
        scan = _Scan(grey.rotate(-90 * quarters, expand=True), reader, dots_per_inch)
        if scan.sureness > best.sureness:
            best, best_turns = scan, quarters
    return best, best_turns


class _Scan:
    """A page in one position: made level, its lines taken out, and what was read on it."""

    def __init__(self, grey: Image.Image, reader: Recogniser, dots_per_inch: int) -> None:
        self._size, self._dots_per_inch = grey.size, dots_per_inch
        self._degrees = skew_degrees(grey)
        self._page = np.asarray(straightened(grey, self._degrees))
        self._ruling = find_ruling(self._page)
        self.words = self._read(reader)

    @property
    def sureness(self) -> float:
        """Say how good the reading is; one of words that stand on their side is none, however sure each is."""
        long = [word.box for word in self.words if len(word.text) >= _LONG_LETTERS]
        upended = sum(bottom - top > right - left for left, top, right, bottom in long)
        if upended > len(long) / 2:
            return _SIDEWAYS
        return fmean(word.confidence for word in self.words) if len(self.words) >= _DOUBTFUL_WORDS else 0.0

    def read_again(self, reader: Recogniser) -> None:
        """Let another recogniser read, and take the best of both."""
        words = self._read(reader)
        other, better = sorted((self.words, words), key=_weight)
        self.words = combined(better, other)

    def _read(self, reader: Recogniser) -> list[Word]:
        """Show the page as the reader likes it, and say where the words stand on the straightened page."""
        if not reader.disturbed_by_lines:
            return reader.words(self._page, dots_per_inch=self._dots_per_inch)
        page, shifts = closed_up(without_lines(self._page, self._ruling), self._ruling.grids)
        return moved_back(reader.words(page, dots_per_inch=self._dots_per_inch), shifts)

    def content(self, forms: FormReader | None) -> PageContent:
        """Put the words into the cells of ruled tables, and into lines."""
        words = self.words
        tables = tuple(_table(grid, words) for grid in self._ruling.grids)
        kept = [table for table in tables if sum(bool(cell) for row in table.cells for cell in row) > 1]
        outside = [word for word in words if not any(_within(word, table) for table in kept)]
        content = PageContent(*self._size, lines_of(outside), tuple(kept), "ocr")
        content = with_receipt(content, words)
        if forms is not None and not content.forms:
            content = forms.with_form(content, words)
        return moved(content, turn_back(self._degrees, self._size), self._size)


def _weight(words: Sequence[Word]) -> float:
    """Weigh a reading: letters, each as far as it is sure."""
    return sum(len(word.text) * word.confidence**2 for word in words)


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


def _within(word: Word, table: CellTable) -> bool:
    x, y = word.middle
    return table.box[0] <= x <= table.box[2] and table.box[1] <= y <= table.box[3]
