"""Who competes with a pair: the other pairs of the same left or right record."""

import numpy as np
import numpy.typing as npt

from linker.resolution.sides import Codes
from linker.resolution.sparse_texts import Scores

Mask = npt.NDArray[np.bool_]


def best_rival(group: Codes, score: Scores, *, present: Mask | None = None) -> Scores:
    """Give for every pair the highest score among the other pairs of its group, 0 where there is none.

    Pairs that are not `present` compete with nobody.
    """
    shown = score if present is None else np.where(present, score, -np.inf)
    order = np.lexsort((-shown, group))
    sorted_group, sorted_score = group[order], shown[order]
    first = np.searchsorted(sorted_group, sorted_group, side="left")
    second = np.minimum(first + 1, len(order) - 1)
    alone = (second == first) | (sorted_group[second] != sorted_group)
    rival = np.where(np.arange(len(order)) == first, np.where(alone, -np.inf, sorted_score[second]),
                     sorted_score[first])
    result = np.empty(len(order))
    result[order] = rival
    return np.where(np.isfinite(result), result, 0.0)


def is_best(group: Codes, score: Scores) -> Mask:
    """Tell for every pair whether no other pair of its group has a higher score; ties are all best."""
    return (score > 0) & (score >= best_rival(group, score))


def is_first(group: Codes, score: Scores) -> Mask:
    """Mark exactly one best pair per group: the first of those that tie."""
    order = np.lexsort((np.arange(len(score)), -score, group))
    sorted_group = group[order]
    first = np.ones(len(order), bool)
    first[1:] = sorted_group[1:] != sorted_group[:-1]
    result = np.zeros(len(order), bool)
    result[order] = first
    return result
