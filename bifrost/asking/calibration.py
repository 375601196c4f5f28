"""From a stated probability to the share that is right: a line in log-odds, held back by a prior.

Platt, "Probabilistic Outputs for Support Vector Machines" (1999), as a Bayesian logistic regression with Laplace's
approximation (MacKay, "The Evidence Framework Applied to Classification Networks", 1992): the covariance says what
the answers leave open, the evidence how well a prior foresaw them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]

CERTAIN = 2e-3
"""Stated probabilities nearer to 0 or 1 count as this near: no model knows more."""
LEAST_SLOPE = 0.05
"""A line never turns the order round."""


@dataclass(frozen=True)
class Line:
    """Log-odds of being right = offset + slope * stated log-odds."""

    mean: Numbers
    """Offset and slope."""
    covariance: Numbers
    """What is open about them, shape (2, 2)."""
    answers: int = 0
    evidence: float = 0.0
    """Log-probability of the answers under the prior."""

    def log_odds(self, stated: Numbers) -> Numbers:
        """Give calibrated log-odds of stated ones."""
        calibrated: Numbers = self.mean[0] + self.mean[1] * stated
        return calibrated

    def probability(self, stated: Numbers) -> Numbers:
        """Give calibrated probabilities of stated log-odds, averaged over what is open about the line."""
        doubt = self.doubt(np.stack([np.ones(len(stated)), stated], axis=1))
        return sigmoid(self.log_odds(stated) / np.sqrt(1 + np.pi * doubt / 8))

    def doubt(self, directions: Numbers) -> Numbers:
        """Give the variance of the line along directions of shape (n, 2)."""
        variance: Numbers = np.einsum("ni,ij,nj->n", directions, self.covariance, directions)
        return variance

    def loosened(self, spread: Numbers) -> "Line":
        """Give the same line with more left open: a prior for a type that may differ by `spread` (deviations)."""
        return Line(self.mean, self.covariance + np.diag(spread**2))


UNTAUGHT = Line(np.array([0.0, 1.0]), np.diag([1.0, 0.04]))
"""Before any answer: what is stated is about right."""


def fit(prior: Line, stated: Numbers, right: Truths) -> Line:
    """Move the prior by answers, with Newton's method; `stated` are log-odds, aligned with `right`."""
    if not len(stated):
        return prior
    design = np.stack([np.ones(len(stated)), stated], axis=1)
    precision = np.linalg.inv(prior.covariance)
    mean = prior.mean.copy()
    for _ in range(60):
        expected = sigmoid(design @ mean)
        gradient = design.T @ (right - expected) - precision @ (mean - prior.mean)
        step = np.linalg.solve(curvature(design, expected) + precision, gradient)
        mean = mean + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-8:
            break
    mean[1] = max(mean[1], LEAST_SLOPE)
    certainty = curvature(design, sigmoid(design @ mean)) + precision
    return Line(mean, np.linalg.inv(certainty), prior.answers + len(stated), _evidence(prior, mean, design, right))


def curvature(design: Numbers, expected: Numbers) -> Numbers:
    """Give how sharply answers with these expected probabilities bend a logistic likelihood, shape (k, k)."""
    bend: Numbers = (design * (expected * (1 - expected))[:, None]).T @ design
    return bend


def _evidence(prior: Line, mean: Numbers, design: Numbers, right: Truths) -> float:
    scores = design @ mean
    likelihood = -np.logaddexp(0, np.where(right, -scores, scores)).sum()
    precision = np.linalg.inv(prior.covariance)
    off = mean - prior.mean
    posterior = curvature(design, sigmoid(scores)) + precision
    volume = np.linalg.slogdet(precision)[1] - np.linalg.slogdet(posterior)[1]
    return float(likelihood - off @ precision @ off / 2 + volume / 2)


def stated_log_odds(probability: Numbers) -> Numbers:
    """Give the log-odds of stated probabilities, none of them certain."""
    kept = np.clip(probability, CERTAIN, 1 - CERTAIN)
    odds: Numbers = np.log(kept / (1 - kept))
    return odds


def log_odds_of(probability: float) -> float:
    """Give the log-odds of one stated probability."""
    return float(stated_log_odds(np.array([probability]))[0])


def sigmoid(log_odds: Numbers) -> Numbers:
    """Give probabilities."""
    probabilities: Numbers = 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))
    return probabilities
