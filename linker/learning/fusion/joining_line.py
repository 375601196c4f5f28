"""Where few links were held out: a line over what matters most, in place of trees."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linker.learning.graph import Integers

Numbers = NDArray[np.float64]


class JoiningLine(NamedTuple):
    """Log-odds = start + weights x columns; the columns' own scales are in the weights."""

    start: float
    columns: Integers
    weights: Numbers

    def log_odds(self, given: NDArray[np.float32]) -> Numbers:
        """Score rows, shape (rows, columns) -> (rows,)."""
        odds: Numbers = self.start + given[:, self.columns].astype(np.float64) @ self.weights
        return odds


def fit_line(
    given: NDArray[np.float32], right: NDArray[np.bool_], weights: NDArray[np.float32], columns: Integers
) -> JoiningLine:
    """Fit a logistic regression on some columns, each of which counts by its own deviation."""
    from sklearn.linear_model import LogisticRegression

    chosen = given[:, columns].astype(np.float64)
    centre, spread = chosen.mean(axis=0), np.maximum(chosen.std(axis=0), 1e-6)
    fitted = LogisticRegression(max_iter=500).fit((chosen - centre) / spread, right, sample_weight=weights)
    slopes = fitted.coef_[0] / spread
    return JoiningLine(float(fitted.intercept_[0] - centre @ slopes), columns, slopes)
