"""The text of single lines, read by a small network whose weights come with the package rapidocr."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from extractors.pages.networks import open_network

MODEL = "PP-OCRv6_rec_small.onnx"

_HEIGHT = 48
"""Lines are scaled to the height that the network takes."""
_LEAST_WIDTH, _MOST_WIDTH = 8, 3200
_BATCH_COLUMNS = 3200
"""Lines of similar width are read together, up to so many columns of pixels."""
_BLANK, _SPACE = "", " "


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word of a line: where it begins and ends as shares of the line's width, and how sure it is."""

    text: str
    start: float
    stop: float
    confidence: float


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    step: int
    confidence: float


class LineRecogniser:
    """Reads pictures of single lines; of all characters of the network only the given ones are considered."""

    def __init__(self, characters: str) -> None:
        self._wanted = frozenset(characters) | {_SPACE}
        self._network: Any = None
        self._classes: Any = None
        self._characters: list[str] = []

    def read(self, lines: Sequence[Image.Image]) -> list[list[ReadWord]]:
        """Give the words of every line, in the order of the lines."""
        if self._network is None:
            self._open()
        shown = [_scaled(line) for line in lines]
        words: list[list[ReadWord]] = [[] for _ in lines]
        for batch in _batches([pixels.shape[2] for pixels in shown]):
            answers = self._answers([shown[place] for place in batch])
            for place, answer in zip(batch, answers, strict=True):
                words[place] = self._words(answer, shown[batch[-1]].shape[2] / shown[place].shape[2])
        return words

    def _open(self) -> None:
        network = open_network(MODEL)
        listed = network.get_modelmeta().custom_metadata_map["character"].split("\n")
        known = [_BLANK, *listed[: network.get_outputs()[0].shape[2] - 2], _SPACE]
        self._classes = np.array([at for at, text in enumerate(known) if at == 0 or text in self._wanted])
        self._characters = [known[at] for at in self._classes]
        self._network = network

    def _answers(self, lines: Sequence[Any]) -> Any:
        """Give probabilities: lines, steps from left to right, characters. The last line is the widest."""
        shown = np.zeros((len(lines), 3, _HEIGHT, lines[-1].shape[2]), np.float32)
        for row, pixels in enumerate(lines):
            shown[row, :, :, : pixels.shape[2]] = pixels
        return self._network.run(None, {"x": shown})[0][:, :, self._classes]

    def _words(self, answer: Any, stretch: float) -> list[ReadWord]:
        """Cut the letters at spaces; `stretch` is how much wider than the line the shown picture was."""
        words: list[ReadWord] = []
        letters: list[_Letter] = []
        for letter in [*self._letters(answer), _Letter(_SPACE, 0, 0.0)]:
            if letter.text != _SPACE:
                letters.append(letter)
            elif letters:
                words.append(_word(letters, len(answer) / stretch))
                letters = []
        return words

    def _letters(self, answer: Any) -> Iterator[_Letter]:
        """Decode the best path: equal neighbours are one character (Graves et al. 2006, section 3.2)."""
        best, sureness = answer.argmax(axis=1), answer.max(axis=1)
        for step in np.flatnonzero((np.diff(best, prepend=0) != 0) & (best > 0)):
            yield _Letter(self._characters[best[step]], int(step), float(sureness[step]))


def _word(letters: Sequence[_Letter], steps: float) -> ReadWord:
    first, last = letters[0].step, letters[-1].step
    half = 0.5 * (last - first) / (len(letters) - 1) if len(letters) > 1 else 1.0
    confidence = sum(letter.confidence for letter in letters) / len(letters)
    start, stop = max(0.0, (first + 0.5 - half) / steps), min(1.0, (last + 0.5 + half) / steps)
    return ReadWord("".join(letter.text for letter in letters), start, stop, confidence)


def _scaled(line: Image.Image) -> Any:
    """Give blue, green and red from -1 to 1, as the network was trained."""
    width = min(_MOST_WIDTH, max(_LEAST_WIDTH, round(line.width * _HEIGHT / max(1, line.height))))
    pixels = np.asarray(line.convert("RGB").resize((width, _HEIGHT), Image.Resampling.BILINEAR), np.float32)
    return (pixels / 127.5 - 1.0)[:, :, ::-1].transpose(2, 0, 1)


def _batches(widths: Sequence[int]) -> list[list[int]]:
    """Gather places of lines from narrow to wide."""
    batches: list[list[int]] = []
    for place in sorted(range(len(widths)), key=widths.__getitem__):
        if batches and (len(batches[-1]) + 1) * widths[place] <= _BATCH_COLUMNS:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
