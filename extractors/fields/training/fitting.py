"""Fits the sum over features: logistic regression whose likenesses may only speak for a pair, and a part by rank.

The second part of the loss is the softmax over the candidates of each source field (ListNet's top one, Cao et al.
2007), because a field's candidates are compared with each other before they are compared with other fields' ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extractors.fields import likeness, pair_features
from extractors.fields.candidates import FEATURES
from extractors.fields.pair_features import NO_VALUES
from extractors.fields.training.examples import Example

Vector = npt.NDArray[np.float64]

EXPECTED: Mapping[str, float] = {
    likeness.NAME_AND_VALUES: 2.4,
    likeness.SHARED_VALUES: 1.2,
    likeness.SHARED_WORDS: 1.2,
    pair_features.BARE_CODES: 1.2,
    likeness.NAMES: 0.5,
    likeness.LETTERS: 0.5,
    likeness.SAME_TYPE: 0.4,
    pair_features.SAME_ROLE: 0.0,
    pair_features.SHAPES: 0.0,
    pair_features.VALUE_LENGTHS: 0.0,
    pair_features.REPETITION: 0.0,
    NO_VALUES: 0.0,
}
"""What weights (log-odds) are expected before made-up tables are seen: the proportions of the sum that was set by hand
before there was a model, values that meet in another writing like values that meet, and nothing for what unlike fields
often have in common. Made-up tables differ from real ones, so that the fit moves away from this where they insist.
"""

_OTHERS = 0.6
_RANKING, _SHRINKING = 1.0, 0.1


@dataclass(frozen=True)
class Stacked:
    """The candidates of all examples below each other; `weights` make every pair of tables count the same."""

    values: Vector
    right: Vector
    weights: Vector
    groups: npt.NDArray[np.int64]


def stack(examples: Sequence[Example]) -> Stacked:
    """Put examples below each other; a group is one field of a source."""
    groups, first = [], 0
    for one in examples:
        _, group = np.unique(one.candidates.rows, return_inverse=True)
        groups.append(group + first)
        first += int(group.max(initial=-1)) + 1
    weights = [np.full(len(one.right), 1 / max(1, int(one.right.sum()))) for one in examples]
    return Stacked(
        values=np.concatenate([one.candidates.values for one in examples]).astype(np.float64),
        right=np.concatenate([one.right for one in examples]).astype(np.float64),
        weights=np.concatenate(weights) / len(examples),
        groups=np.concatenate(groups),
    )


def fit(given: Stacked, *, meaning: bool) -> tuple[Vector, Vector, float]:
    """Give the weights, the usual features and the log-odds of a pair that has them.

    Without vectors of meaning, letters of the names are expected to count in their place.
    """
    from scipy.optimize import minimize

    usual = given.values.mean(0)
    known = np.concatenate([given.values - usual, np.ones((len(given.right), 1))], axis=1)
    bounds = [_bound(name, known[:, place]) for place, name in enumerate(FEATURES)] + [(None, None)]
    start = np.full(known.shape[1], 0.1)
    expected = np.array([*(EXPECTED.get(name, _OTHERS) for name in FEATURES), 0.0])
    if not meaning:
        expected[FEATURES.index(likeness.LETTERS)] += EXPECTED[likeness.NAME_AND_VALUES]
    found = minimize(
        _loss, start, (known, given, expected), jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 500}
    )
    return found.x[:-1], usual, float(found.x[-1])


def _bound(name: str, values: Vector) -> tuple[float | None, float | None]:
    """Let likenesses only speak for a pair; a feature that is always the same says nothing."""
    if not values.std():
        return 0, 0
    return (None, None) if name == NO_VALUES else (0, None)


def _loss(point: Vector, known: Vector, given: Stacked, expected: Vector) -> tuple[float, Vector]:
    scores = known @ point
    likely = 1 / (1 + np.exp(-scores))
    loss = float((given.weights * (np.logaddexp(0, scores) - given.right * scores)).sum())
    slope = given.weights * (likely - given.right)
    ranked, ranked_slope = _ranking_loss(scores, given)
    loss, slope = loss + _RANKING * ranked, slope + _RANKING * ranked_slope
    shrunk = np.append(point[:-1] - expected[:-1], 0)
    return loss + _SHRINKING / 2 * float(shrunk @ shrunk), known.T @ slope + _SHRINKING * shrunk


def _ranking_loss(scores: Vector, given: Stacked) -> tuple[float, Vector]:
    size = int(given.groups.max()) + 1
    highest = np.full(size, -np.inf)
    np.maximum.at(highest, given.groups, scores)
    shares = np.exp(scores - highest[given.groups])
    sums = np.bincount(given.groups, shares, minlength=size)
    shares /= sums[given.groups]
    wanted = np.bincount(given.groups, given.weights * given.right, minlength=size)
    loss = (wanted * (highest + np.log(sums))).sum() - (given.weights * given.right * scores).sum()
    return float(loss), wanted[given.groups] * shares - given.weights * given.right
