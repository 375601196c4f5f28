"""What comparing looks up of each field besides its name and vectors: role, shapes, lengths, codes of its values."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from extractors.fields.compared import Matrix, compared_values

_SHAPES = 64
_RUN = re.compile(r"(.)\1+")
_LED_BY_LETTER = re.compile(r"[^\W\d_][\w-]*\d[\w-]*")


@dataclass(frozen=True)
class Traits:
    """Looks at the rows of profiles; an entry per field."""

    rows: Sequence[dict[str, Any]]

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """Tell which fields have values."""
        return np.array([row["distinct"] > 0 for row in self.rows], bool)

    @cached_property
    def population(self) -> npt.NDArray[np.bool_]:
        """Tell which fields have values as they occur, rather than a list of each possible one (as in standards)."""
        return np.array([row["distinct"] > 0 and not _is_list(row) for row in self.rows], bool)

    @cached_property
    def roles(self) -> npt.NDArray[np.str_]:
        """Give what the values are: identifiers, names, categories, ..."""
        return np.array([row["semantic"] for row in self.rows], np.str_)

    @cached_property
    def lengths(self) -> Matrix:
        """Give the logarithm of the mean length of values."""
        return np.array([np.log1p(row["mean_length"] or 0.0) for row in self.rows], np.float32)

    @cached_property
    def repetition(self) -> Matrix:
        """Give the share of rows with a value whose value is a new one, on a scale of roots."""
        shares = [(row["distinct"] / max(1, row["rows"] - row["nulls"])) ** 0.5 for row in self.rows]
        return np.array(shares, np.float32)

    @cached_property
    def shapes(self) -> Matrix:
        """Give the character shapes, runs as one character, hashed to vectors of length one."""
        result = np.zeros((len(self.rows), _SHAPES), np.float32)
        for place, row in enumerate(self.rows):
            for number, shape in enumerate(row["formats"]):
                result[place, zlib.crc32(_RUN.sub(r"\1", shape).encode()) % _SHAPES] += 1 / (1 + number)
        shapes: Matrix = result / np.maximum(np.linalg.norm(result, axis=1, keepdims=True), 1e-6)
        return shapes

    @cached_property
    def bare_codes(self) -> list[npt.NDArray[np.uint64]]:
        """Give the hashes of frequent values without their first letter, where values are coded (`pT2`, `T2`)."""
        bare = [
            sorted({value[1:] for value in compared_values(row) if _LED_BY_LETTER.fullmatch(value)})
            for row in self.rows
        ]
        codes = iter(hashes([value for each in bare for value in each]))
        return [np.unique(np.array([next(codes) for _ in each], np.uint64)) for each in bare]


def _is_list(row: dict[str, Any]) -> bool:
    """Tell whether each value stands once, in a table that is longer than that: columns of lists beside each other."""
    return bool(row["type"] == "text" and row["nulls"] and row["distinct"] == row["rows"] - row["nulls"])


def hashes(values: Sequence[str]) -> list[int]:
    """Hash values as sketches do."""
    import duckdb

    found = duckdb.connect().execute("SELECT hash(value) FROM unnest(?) AS each(value)", [list(values)]).fetchall()
    return [code for (code,) in found]
