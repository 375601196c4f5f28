"""Finds the pairs of fields that are worth a closer look, by a plain weighted sum of likenesses."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from extractors.fields import likeness
from extractors.fields.compared import Matrix

CANDIDATES = 40
"""So many of the most alike fields of each field are looked at closely."""

WEIGHTS: Mapping[str, float] = {
    likeness.NAME_AND_VALUES: 1.0,
    likeness.NAMES: 0.5,
    likeness.LETTERS: 0.3,
    likeness.SKELETONS: 0.4,
    likeness.BEGINNINGS: 0.5,
    likeness.SHARED_VALUES: 0.5,
    likeness.SHARED_WORDS: 0.5,
    likeness.VALUE_LETTERS: 0.3,
    likeness.SAME_TYPE: 0.15,
}
"""Set by hand: what finds candidates has to miss few; what ranks them is trained."""


def plain_score(likenesses: Mapping[str, Matrix]) -> Matrix:
    """Give the weighted sum for all pairs."""
    parts = [np.float32(weight) * likenesses[name] for name, weight in WEIGHTS.items()]
    total: Matrix = np.sum(parts, axis=0, dtype=np.float32)
    return total


def best_of_rows(scores: Matrix) -> npt.NDArray[np.bool_]:
    """Mark the best pairs of each row; ties at the edge all stay, so that the order of fields does not matter."""
    if scores.shape[1] <= CANDIDATES:
        return np.ones(scores.shape, bool)
    edge = np.partition(scores, -CANDIDATES, axis=1)[:, -CANDIDATES]
    best: npt.NDArray[np.bool_] = scores >= edge[:, None]
    return best
