"""How the values of a field are spread: quantiles of numbers and dates, and which letters stand beside each other."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from extractors.fields.measures import Measured

QUANTILES = 9
"""The smallest value, seven between, and the largest."""

GRAMS = 256
"""Places that sequences of three characters are hashed to."""

_LEAST_NUMBERS = 0.8
_LONGEST = 48
_SEPARATOR = 0
_DECIMALS = 4


def quantiles(measured: Measured) -> list[float]:
    """Give `QUANTILES` evenly spaced quantiles over the rows, dates as days; none unless most values are numbers."""
    pairs = [(_number(value), rows) for value, rows in measured.values]
    known = [(number, rows) for number, rows in pairs if number is not None]
    if not known or sum(rows for _, rows in known) < _LEAST_NUMBERS * sum(rows for _, rows in pairs):
        return []
    numbers, rows = (np.array(each, np.float64) for each in zip(*sorted(known), strict=True))
    reached = np.cumsum(rows) - rows / 2
    wanted = np.linspace(reached[0], reached[-1], QUANTILES)
    return [float(each) for each in np.interp(wanted, reached, numbers)]


def grams(measured: Measured) -> list[float]:
    """Hash the sequences of three characters in the values (each distinct value once) to a vector of length one.

    Typing errors change few sequences, so that a field keeps its vector where exact values no longer meet. Empty
    where there are no values.
    """
    return gram_vector([value for value, _ in measured.values])


def gram_vector(values: Sequence[str]) -> list[float]:
    """Give the vector of `grams` for some values."""
    text = "\0\0".join(["", *(f"\1{value.strip().casefold()[:_LONGEST]}\2" for value in values), ""])
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    counts = _counted(codes)
    length = float(np.linalg.norm(counts))
    return [round(float(each), _DECIMALS) for each in counts / length] if length else []


def _counted(codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    first, second, third = codes[:-2], codes[1:-1], codes[2:]
    inside = (first != _SEPARATOR) & (second != _SEPARATOR) & (third != _SEPARATOR)
    mixed = (first * np.uint64(0x9E3779B1) + second * np.uint64(0x85EBCA77) + third * np.uint64(0xC2B2AE3D))[inside]
    places = (mixed ^ (mixed >> np.uint64(15))) * np.uint64(0x2C1B3C6D) >> np.uint64(12)
    counts = np.bincount((places % np.uint64(GRAMS)).astype(np.int64), minlength=GRAMS)
    return np.sqrt(counts)


def _number(value: str) -> float | None:
    plain = value.strip().replace(",", ".") if value.count(",") == 1 and "." not in value else value.strip()
    try:
        number = float(plain)
    except ValueError:
        return _day(plain)
    return number if np.isfinite(number) else None


def _day(value: str) -> float | None:
    if len(value) < len("2000-1-1") or not value[:4].isdigit():
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return float(moment.toordinal())
