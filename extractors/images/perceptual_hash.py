"""A sum of what a picture looks like: near-duplicates differ in few bits, whatever their size and compression.

Half of the bits say which of the lowest frequencies of a cosine transform are above their median (Zauner 2010,
"Implementation and benchmarking of perceptual image hash functions", section 3.2.1), the other half in which
directions the brightness grows.
"""

from typing import Any

import numpy as np

_GREY_SIZE, _SIDE = 32, 8
_LEAST_CONTRAST = 4.0
"""Standard deviation of the small picture's greys: on a plain surface, every bit is chance."""


def perceptual_hash(picture: Any) -> str | None:
    """Give 32 hexadecimal digits for a picture (Pillow), or None for one without contrast."""
    grey = picture.convert("L")
    small = np.asarray(grey.resize((_GREY_SIZE, _GREY_SIZE), resample=1), dtype=np.float64)
    if small.std() < _LEAST_CONTRAST:
        return None
    lowest = (_COSINES @ small @ _COSINES.T).ravel()
    frequencies = lowest > np.median(lowest[1:])
    steps = np.asarray(grey.resize((_SIDE + 1, _SIDE), resample=1), dtype=np.int16)
    growing = steps[:, 1:] > steps[:, :-1]
    return bytes(np.packbits(np.concatenate([frequencies, growing.ravel()]))).hex()


def _cosines() -> Any:
    """Give the first rows of the transform's matrix (DCT-II)."""
    place, frequency = np.arange(_GREY_SIZE), np.arange(_SIDE)[:, None]
    return np.cos(np.pi * (2 * place + 1) * frequency / (2 * _GREY_SIZE))


_COSINES = _cosines()
