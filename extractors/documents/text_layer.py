"""The text layer of a PDF page as words and lines, through PDFium, in as few calls as it allows."""

import ctypes
import re
from functools import cached_property
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from extractors.documents.text_runs import clean_text, joined_runs
from extractors.pages.content import Box, Line, Word

_PROBE_UNITS = 1 << 20
"""PDFium gives whole device units: with so many to the page's width, rounding does not matter."""
_PROBE_POINTS = 1000.0
_SIDEWAYS_PLAY, _UPRIGHT_PLAY = 0.2, 0.5
_LINE = re.compile(r"[^\r\n]+")
_NUMBERS = re.compile(r"[-+$€£(]*\d[\d.,%)]*(?:\s+[-+$€£(]*\d[\d.,%)]*)+")
_TOKEN = re.compile(r"\S+")
_HYPHENS = str.maketrans("\x02\ufffe", "--")
"""What PDFium gives for the hyphen of a divided word: one in single characters, the other in texts."""
_PLAIN = re.compile(r"[\t\n\r\x20-\ud7ff\uf900-\uffef]*")
_SAMPLE = 500
_LEAST_KNOWN = 0.8


class TextLayer:
    """One page's characters with their positions."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._text = pdfium.FPDFText_LoadPage(page.raw)
        self.width, self.height = page.get_size()
        self.count: int = max(0, pdfium.FPDFText_CountChars(self._text))
        self._edges = tuple(ctypes.c_double() for _ in range(4))
        self._references = tuple(ctypes.byref(edge) for edge in self._edges)

    @cached_property
    def characters(self) -> str:
        """Give all characters in the order of the document, each at the index under which PDFium knows it."""
        buffer = (ctypes.c_ushort * (self.count + 1))()
        written = pdfium.FPDFText_GetText(self._text, 0, self.count, buffer) - 1
        if written == self.count:
            text = bytes(buffer)[: 2 * written].decode("utf-16-le", "surrogatepass")
            if len(text) == self.count:
                return text.translate(_HYPHENS) if not text.isascii() or "\x02" in text else text
        # Unknown characters are left out of the text as a whole, and characters of two units count once.
        codes = (pdfium.FPDFText_GetUnicode(self._text, at) for at in range(self.count))
        return "".join(map(chr, codes)).translate(_HYPHENS)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines in the order of the document; runs of characters set apart are words of their own."""
        lines: list[Line] = []
        for found in _LINE.finditer(self.characters):
            words = self._words(found.start(), found.end(), len(lines))
            if words:
                lines.append(Line(tuple(words)))
        return tuple(lines)

    def usable(self) -> bool:
        """Tell whether most characters are known; fonts without a mapping give private or replaced ones."""
        sample = self.characters[:: max(1, self.count // _SAMPLE)]
        known = len(sample) if _PLAIN.fullmatch(sample) else sum(map(bool, map(_PLAIN.fullmatch, sample)))
        return bool(sample) and known >= _LEAST_KNOWN * len(sample)

    def count_within(self, box: Box) -> int:
        """Count the characters that lie in a box on the page."""
        count = 0
        for line in self.lines:
            for word in line.words:
                x, y = word.middle
                if box[0] <= x <= box[2] and box[1] <= y <= box[3]:
                    count += len(word.text)
        return count

    def close(self) -> None:
        """Give back what PDFium holds for the text."""
        pdfium.FPDFText_ClosePage(self._text)

    def _words(self, start: int, stop: int, line: int) -> list[Word]:
        runs = pdfium.FPDFText_CountRects(self._text, start, stop - start)
        if runs < 2:
            text = clean_text(self.characters[start:stop])
            if not runs or not text:
                return []
            if not _NUMBERS.fullmatch(text):
                return [Word(text, self._run_box(0), 1.0, line)]
        boxes = [self._run_box(number) for number in range(runs)]
        spans = self._spans(start, stop, boxes) if runs > 1 else [(start, stop)]
        pieces = [each for box, span in zip(boxes, spans, strict=True) for each in self._numbers_apart(box, *span)]
        return [Word(text, box, 1.0, line) for box, run in joined_runs(pieces) if (text := clean_text(run))]

    def _numbers_apart(self, box: Box, start: int, stop: int) -> list[tuple[Box, str]]:
        """Cut a run of numbers into them: they may stand in columns, however the file has put them together."""
        run = self.characters[start:stop]
        if not _NUMBERS.fullmatch(run.strip()):
            return [(box, run)]
        pieces = []
        for token in _TOKEN.finditer(self.characters, start, stop):
            first, last = self._character_box(token.start()), self._character_box(token.end() - 1)
            edges = min(first[0], last[0]), box[1], max(first[2], last[2]), box[3]
            upright = first[1] < last[3] and last[1] < first[3]
            pieces.append((edges if upright else box, f"{token.group()} "))
        return pieces

    def _spans(self, start: int, stop: int, boxes: list[Box]) -> list[tuple[int, int]]:
        """Share the characters of a line among its runs; as runs follow each other, few positions need a look."""
        starts = [start, *[stop] * (len(boxes) - 1)]
        place = 0
        for token in _TOKEN.finditer(self.characters, start, stop):
            at, last = token.start(), token.end() - 1
            while (first_run := self._run_at(at, boxes, place)) != self._run_at(last, boxes, first_run):
                place = self._opened(starts, place, first_run, at)
                at = self._end_of_run(at, last, boxes, place)
            place = self._opened(starts, place, first_run, at)
        return list(pairwise([*starts, stop]))

    @staticmethod
    def _opened(starts: list[int], place: int, run: int, at: int) -> int:
        """Note that a run begins at a character; runs that were passed over hold nothing."""
        for number in range(place + 1, run + 1):
            starts[number] = at
        return run

    def _end_of_run(self, at: int, last: int, boxes: list[Box], run: int) -> int:
        """Find the first character of a token that lies in a later run."""
        low, high = at, last
        while high - low > 1:
            middle = (low + high) // 2
            if self._run_at(middle, boxes, run) == run:
                low = middle
            else:
                high = middle
        return high

    def _run_at(self, at: int, boxes: list[Box], place: int) -> int:
        """Find the run that holds a character, from a run on; what lies in none belongs to that one."""
        box = self._character_box(at)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for number in range(place, len(boxes)):
            run = boxes[number]
            across = run[0] - _SIDEWAYS_PLAY <= x <= run[2] + _SIDEWAYS_PLAY
            if across and run[1] - _UPRIGHT_PLAY <= y <= run[3] + _UPRIGHT_PLAY:
                return number
        return place

    def _character_box(self, at: int) -> Box:
        left, right, bottom, top = self._references
        pdfium.FPDFText_GetCharBox(self._text, at, left, right, bottom, top)
        x0, x1, y1, y0 = (edge.value for edge in self._edges)
        return self.on_page(x0, y0, x1, y1)

    def _run_box(self, number: int) -> Box:
        pdfium.FPDFText_GetRect(self._text, number, *self._references)
        left, top, right, bottom = self._edges
        return self.on_page(left.value, top.value, right.value, bottom.value)

    def on_page(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Turn and shift to what a reader sees, in points from the top left."""
        (across_x, across_y, across), (down_x, down_y, down) = self._view
        x0, x1 = across_x * left + across_y * top + across, across_x * right + across_y * bottom + across
        y0, y1 = down_x * left + down_y * top + down, down_x * right + down_y * bottom + down
        return (x0 if x0 < x1 else x1, y0 if y0 < y1 else y1, x1 if x0 < x1 else x0, y1 if y0 < y1 else y0)

    @cached_property
    def _view(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Give the factors from the file's coordinates to the reader's: turned pages and shifted ones are usual."""
        scale = _PROBE_UNITS / max(self.width, self.height)
        (x, y), (right_x, right_y), (up_x, up_y) = (
            self._device(scale, *point) for point in ((0.0, 0.0), (_PROBE_POINTS, 0.0), (0.0, _PROBE_POINTS))
        )
        across = (right_x - x) / _PROBE_POINTS, (up_x - x) / _PROBE_POINTS, x
        return across, ((right_y - y) / _PROBE_POINTS, (up_y - y) / _PROBE_POINTS, y)

    def _device(self, scale: float, x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        size = round(self.width * scale), round(self.height * scale)
        pdfium.FPDF_PageToDevice(self._page.raw, 0, 0, *size, 0, x, y, across, down)
        return across.value / scale, down.value / scale
