"""A light model of links that starts from what is stated without answers, and is moved by answers alone.

What nobody answered teaches nothing. Whom to ask is chosen by what the model sees, so that the choice does no harm to
it (missing at random; Rubin, "Inference and Missing Data", 1976); counted as wrong, the silent ones would do.
"""

import numpy as np
from numpy.typing import NDArray

from bifrost.asking.calibration import Numbers, Truths, curvature, sigmoid, stated_log_odds

OFFSET, SLOPE, WEIGHT = 1.5, 0.5, 0.5
"""How far the offset, the slope and the weight of a feature may move before any answer (deviations, in log-odds)."""
STEPS, LONGEST, CLOSE = 50, 1.0, 1e-6


def moved_by_answers(
    stated: Numbers, features: NDArray[np.float64], asked: NDArray[np.int64], right: Truths
) -> Numbers:
    """Give probabilities after answers: a logistic regression, by Newton's method, held back by what was stated.

    `features` has a row for each value of `stated`, in units of their spread; `asked` and `right` are aligned.
    """
    design = np.column_stack([np.ones(len(stated)), stated_log_odds(stated), features])
    start = np.zeros(design.shape[1])
    start[1] = 1.0
    held = np.array([OFFSET, SLOPE, *[WEIGHT] * features.shape[1]]) ** -2.0
    weights = start
    for _ in range(STEPS):
        expected = sigmoid(design[asked] @ weights)
        gradient = design[asked].T @ (right - expected) - held * (weights - start)
        step = np.linalg.solve(curvature(design[asked], expected) + np.diag(held), gradient)
        weights = weights + np.clip(step, -LONGEST, LONGEST)
        if np.abs(step).max() < CLOSE:
            break
    return sigmoid(design @ weights)
