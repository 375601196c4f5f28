"""How far a scanned page is turned: the angle at which its rows of ink are sharpest."""

from typing import Any

import numpy as np
from PIL import Image

MOST_DEGREES = 8.0
_WORKING_WIDTH = 800


def ink(grey: Any) -> Any:
    """Mark pixels darker than their surroundings, so that shadows and coloured grounds are no ink."""
    from scipy.ndimage import uniform_filter

    pixels = grey.astype(np.float32)
    window = max(15, min(grey.shape) // 40)
    return pixels < uniform_filter(pixels, window) - 18


def paper_of(grey: Any) -> int:
    """Give the most usual grey of a page, from a sample of its pixels."""
    return int(np.median(grey[:: max(1, grey.shape[0] // 200), :: max(1, grey.shape[1] // 200)]))


def skew_degrees(picture: Image.Image) -> float:
    """Estimate the angle of the lines of text; positive when they fall to the right.

    The estimate maximises the energy of the projection profile (Postl 1986), from coarse to fine.
    """
    scale = min(1.0, _WORKING_WIDTH / max(picture.size))
    small = picture.resize(
        (max(1, round(picture.width * scale)), max(1, round(picture.height * scale))), Image.Resampling.BOX
    )
    rows, columns = np.nonzero(ink(np.asarray(small)))
    if len(rows) < 50:
        return 0.0
    best = 0.0
    for step, reach in ((0.5, MOST_DEGREES), (0.1, 0.5), (0.02, 0.1)):
        angles = np.arange(best - reach, best + reach + step / 2, step)
        best = float(max(angles, key=lambda angle: (_sharpness(rows, columns, angle), -abs(angle))))
    return round(best, 2) if abs(best) < MOST_DEGREES else 0.0


def straightened(picture: Image.Image, degrees: float) -> Image.Image:
    """Turn a page so that its lines are level; what comes into view has the colour of the paper."""
    if abs(degrees) < 0.05:
        return picture
    return picture.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=paper_of(np.asarray(picture)))


def _sharpness(rows: Any, columns: Any, degrees: float) -> float:
    levels = rows - columns * np.tan(np.radians(degrees))
    profile = np.bincount((levels - levels.min()).astype(np.int64))
    return float(np.square(np.diff(profile.astype(np.float64))).sum())
