"""The text layer of a PDF page as words and lines, through PDFium."""

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from extractors.pages.content import Box, Line, Word

_DEVICE_SCALE = 16
"""PDFium gives whole device units: sixteen to a point keep a good precision."""
_SURROGATES = range(0xD800, 0xE000)


class TextLayer:
    """One page's characters with their positions."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._text = page.get_textpage()
        self.width, self.height = page.get_size()
        self.count: int = self._text.count_chars()

    def lines(self) -> tuple[Line, ...]:
        """Give the lines in the order of the document; runs of characters set apart are words of their own."""
        codes = [pdfium.FPDFText_GetUnicode(self._text.raw, at) for at in range(self.count)]
        lines: list[Line] = []
        start = 0
        for at, code in enumerate([*codes, 10]):
            if code in (10, 13):
                words = self._words(codes, start, at, len(lines)) if at > start else []
                if words:
                    lines.append(Line(tuple(words)))
                start = at + 1
        return tuple(lines)

    def usable(self) -> bool:
        """Tell whether most characters are known; fonts without a mapping give private or replaced ones."""
        sample = [
            pdfium.FPDFText_GetUnicode(self._text.raw, at) for at in range(0, self.count, max(1, self.count // 500))
        ]
        known = sum(31 < code < 0xE000 or 0xF8FF < code < 0xFFF0 or code in (9, 10, 13) for code in sample)
        return bool(sample) and known >= 0.8 * len(sample)

    def _words(self, codes: list[int], start: int, stop: int, line: int) -> list[Word]:
        runs = pdfium.FPDFText_CountRects(self._text.raw, start, stop - start)
        boxes = [self._run_box(number) for number in range(runs)]
        if len(boxes) < 2:
            text = _text(codes[start:stop])
            return [Word(text, boxes[0], line=line)] if boxes and text else []
        texts: list[list[int]] = [[] for _ in boxes]
        place = 0
        for at in range(start, stop):
            if codes[at] != 32:
                place = self._run_at(at, boxes, place)
            texts[place].append(codes[at])
        return [Word(text, box, line=line) for box, run in zip(boxes, texts, strict=True) if (text := _text(run))]

    def _run_at(self, at: int, boxes: list[Box], place: int) -> int:
        """Find the run that holds a character; runs follow each other, so look from the last one on."""
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        pdfium.FPDFText_GetCharBox(self._text.raw, at, left, right, bottom, top)
        box = self._on_page(left.value, top.value, right.value, bottom.value)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for number in range(place, len(boxes)):
            run = boxes[number]
            if run[0] - 0.2 <= x <= run[2] + 0.2 and run[1] - 0.5 <= y <= run[3] + 0.5:
                return number
        return place

    def _run_box(self, number: int) -> Box:
        left, top, right, bottom = (ctypes.c_double() for _ in range(4))
        pdfium.FPDFText_GetRect(self._text.raw, number, left, top, right, bottom)
        return self._on_page(left.value, top.value, right.value, bottom.value)

    def _on_page(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Turn and shift to what a reader sees, in points from the top left."""
        (x0, y0), (x1, y1) = self._device(left, top), self._device(right, bottom)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def _device(self, x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        size = int(self.width * _DEVICE_SCALE), int(self.height * _DEVICE_SCALE)
        pdfium.FPDF_PageToDevice(self._page.raw, 0, 0, *size, 0, x, y, across, down)
        return across.value / _DEVICE_SCALE, down.value / _DEVICE_SCALE


def _text(codes: list[int]) -> str:
    characters = "".join(chr(code) for code in codes if code not in (0, 0xFFFE, 0xFFFF))
    if any(code in _SURROGATES for code in codes):
        characters = characters.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(characters.replace("\x02", "-").split())
