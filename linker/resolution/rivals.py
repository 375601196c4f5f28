"""Who competes with a pair: the other pairs of the same left or right record."""

import numpy as np
import numpy.typing as npt

from linker.resolution.sides import Codes
from linker.resolution.sparse_texts import Scores

Mask = npt.NDArray[np.bool_]


def best_rival(group: Codes, score: Scores, *, nothing: float = 0.0) -> Scores:
    """Give for every pair the highest score among the other pairs of its group, `nothing` where there is none.

    Pairs with a score of minus infinity compete with nobody.
    """
    if not len(group):
        return np.zeros(0)
    order = np.lexsort((-score, group))
    sorted_group, sorted_score = group[order], score[order]
    first = np.searchsorted(sorted_group, sorted_group, side="left")
    second = np.minimum(first + 1, len(order) - 1)
    alone = (second == first) | (sorted_group[second] != sorted_group)
    leading = np.arange(len(order)) == first
    result = np.empty(len(order))
    result[order] = np.where(leading, np.where(alone, -np.inf, sorted_score[second]), sorted_score[first])
    return np.where(np.isfinite(result), result, nothing)


def is_first(group: Codes, score: Scores) -> Mask:
    """Mark exactly one best pair per group: the first of those that tie."""
    order = np.lexsort((np.arange(len(score)), -score, group))
    sorted_group = group[order]
    leading = np.ones(len(order), bool)
    leading[1:] = sorted_group[1:] != sorted_group[:-1]
    result = np.zeros(len(order), bool)
    result[order] = leading
    return result
