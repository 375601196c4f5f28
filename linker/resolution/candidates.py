"""Which pairs of records are worth comparing, out of all."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from linker.resolution.sides import Codes, Sides
from linker.resolution.sparse_texts import Vectors, nearest

ALL_PAIRS_BELOW = 20_000
NEIGHBOURS, NEIGHBOURS_OF_MANY, MANY = 8, 5, 8_000
"""Nearest records taken per vector space, and from how many records on fewer must do."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of row codes, sorted, each once; within one table every pair stands in both orders."""

    left: Codes
    right: Codes

    def __len__(self) -> int:
        return len(self.left)

    def as_table(self) -> pa.Table:
        """Give the pairs with their number, for SQL."""
        return pa.table({"pair": np.arange(len(self)), "l": self.left, "r": self.right})


def find_candidates(sides: Sides, spaces: Iterable[Vectors], known: list[tuple[Codes, Codes]]) -> Candidates:
    """Unite the nearest neighbours in every vector space, both ways, with the pairs that are `known`."""
    if sides.comparisons <= ALL_PAIRS_BELOW:
        left, right = (each.ravel() for each in np.indices((sides.left_count, sides.right_count)))
        return _united(sides, [(left.astype(np.int64), right.astype(np.int64))])
    found = list(known)
    count = NEIGHBOURS if sides.left_count + sides.right_count < MANY else NEIGHBOURS_OF_MANY
    for space in spaces:
        found.append(nearest(space.left, space.right, count, skip_self=sides.pair.duplicates))
        if not sides.pair.duplicates:
            right, left = nearest(space.right, space.left, count)
            found.append((left, right))
    return _united(sides, found)


def _united(sides: Sides, found: list[tuple[Codes, Codes]]) -> Candidates:
    left = np.concatenate([pairs[0] for pairs in found])
    right = np.concatenate([pairs[1] for pairs in found])
    if sides.pair.duplicates:
        left, right = np.concatenate([left, right]), np.concatenate([right, left])
        left, right = left[left != right], right[left != right]
    left, right = np.divmod(np.unique(left * sides.right_count + right), sides.right_count)
    return Candidates(left, right)
