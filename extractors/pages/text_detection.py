"""Where the lines of text stand on a picture, found by a small network whose weights come with the package rapidocr."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from extractors.pages.content import Box
from extractors.pages.networks import open_network

MODEL = "PP-OCRv6_det_small.onnx"

_STRIDE = 32
"""The network takes sides that are multiples of this."""
_LEAST_SIDE, _MOST_PIXELS = 736, 2_600_000
"""Pictures are enlarged to the first, and made smaller above the second (a page of A4 at 180 dots per inch)."""
_TEXT_PROBABILITY, _LINE_PROBABILITY = 0.3, 0.5
_LEAST_CORE_PIXELS = 3
_SHRUNK = 1.6
"""The network marks cores of lines: on every side, area times this over perimeter is missing (Liao et al. 2020)."""
_LEAST_LENGTH_FOR_SLOPE = 4.0
_LEAST_SLOPE, _MOST_SLOPE = 0.015, 0.35


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line of text in pixels of the picture; `slope` is how much it falls to the right, per pixel."""

    box: Box
    slope: float
    confidence: float


class TextDetector:
    """Finds lines of text; the network is opened at the first picture."""

    def __init__(self) -> None:
        self._network: Any = None

    def lines(self, picture: Image.Image) -> list[FoundLine]:
        """Find the lines of a colour or grey picture, in no particular order."""
        if self._network is None:
            self._network = open_network(MODEL)
        across, down = _working_size(picture.size)
        pixels = np.asarray(picture.convert("RGB").resize((across, down), Image.Resampling.BILINEAR), np.float32)
        shown = np.ascontiguousarray((pixels / 127.5 - 1.0)[:, :, ::-1].transpose(2, 0, 1))[np.newaxis]
        probabilities = self._network.run(None, {"x": shown})[0][0, 0]
        scale = (picture.width / across, picture.height / down)
        return _lines(probabilities, scale)


def _working_size(size: tuple[int, int]) -> tuple[int, int]:
    scale = max(1.0, _LEAST_SIDE / min(size))
    scale = min(scale, (_MOST_PIXELS / (size[0] * size[1])) ** 0.5)
    across, down = (max(_STRIDE, round(side * scale / _STRIDE) * _STRIDE) for side in size)
    return across, down


def _lines(probabilities: Any, scale: tuple[float, float]) -> list[FoundLine]:
    from scipy.ndimage import find_objects, label

    cores, _count = label(probabilities > _TEXT_PROBABILITY, structure=np.ones((3, 3)))
    found = []
    for number, region in enumerate(find_objects(cores), start=1):
        core = cores[region] == number
        if min(core.shape) < _LEAST_CORE_PIXELS:
            continue
        sureness = float(probabilities[region][core].mean())
        if sureness >= _LINE_PROBABILITY:
            found.append(_line(core, (region[1].start, region[0].start), scale, sureness))
    return found


def _line(core: Any, start: tuple[int, int], scale: tuple[float, float], sureness: float) -> FoundLine:
    """Give the line around a core: level, or leaning as its core leans."""
    tall, wide = core.shape
    slope = _slope(core) if wide > _LEAST_LENGTH_FOR_SLOPE * tall else 0.0
    rise = abs(slope) * wide
    thick = max(1.0, tall - rise)
    margin = thick * wide * _SHRUNK / (2 * (thick + wide))
    top = start[1] + rise / 2
    box = (
        max(0.0, (start[0] - margin) * scale[0]),
        max(0.0, (top - margin) * scale[1]),
        (start[0] + wide + margin) * scale[0],
        (top + thick + margin) * scale[1],
    )
    return FoundLine(box, slope * scale[1] / scale[0], sureness)


def _slope(core: Any) -> float:
    """Fit a straight line through the middles of the columns."""
    weights = core.sum(axis=0)
    columns = np.flatnonzero(weights)
    middles = (core * np.arange(core.shape[0])[:, np.newaxis]).sum(axis=0)[columns] / weights[columns]
    slope = float(np.polyfit(columns, middles, 1)[0])
    return slope if _LEAST_SLOPE <= abs(slope) <= _MOST_SLOPE else 0.0
