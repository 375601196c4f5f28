"""How well scores of candidates put the right pairs first."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from extractors.fields.training.examples import Example


def mean_measures(examples: Sequence[Example], scores: Sequence[npt.NDArray[np.float64]]) -> tuple[float, float]:
    """Give the mean reciprocal rank (by source field) and the recall at the size of the truth, meaned over examples."""
    measured = [_measures(one, each) for one, each in zip(examples, scores, strict=True)]
    mrr, recall = np.mean(measured, axis=0)
    return float(mrr), float(recall)


def _measures(one: Example, scores: npt.NDArray[np.float64]) -> tuple[float, float]:
    fields, right = one.candidates.rows, one.right
    reciprocal = []
    for field in np.unique(fields[right]):
        mine = fields == field
        best = scores[mine & right].max()
        reciprocal.append(1 / (1 + int((scores[mine & ~right] >= best).sum())))
    first = np.argsort(-scores, kind="stable")[: one.true_pairs]
    return float(np.mean(reciprocal)), float(right[first].sum() / one.true_pairs)
