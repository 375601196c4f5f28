"""Things of one name that differ in what is constant within each: a report and its article, a film and its remake.

Among pairs that are near by name and all texts, those of one thing agree in year, pages and venue together, and those
of two differ in them together. A latent class model of the agreement of fields finds that (Fellegi and Sunter 1969,
fitted by expectation maximisation), whatever the fields are. Where fields differ each for itself, as by misspelling,
there is nothing to find: the two classes then explain hardly more than one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linker.resolution.evidence import Evidence
from linker.resolution.rivals import Mask
from linker.resolution.sparse_texts import Scores

LEAST_GAIN = 0.02
"""Nats per value that two classes must explain beyond one. Misspelt people gave 0.001, citations 0.09."""
PARTLY, MOSTLY = 0.25, 0.75
"""Likeness from which values agree in part, and from which they agree."""
ROUNDS = 100
LARGEST_LOG_ODDS = 12.0
_LEVELS = 3

Levels = npt.NDArray[np.float64]
"""Pairs x fields x levels: one where a pair agrees so far, all zero where a value is missing."""


@dataclass(frozen=True, slots=True)
class _Classes:
    same: Scores
    """Fields x levels: how often pairs of one thing agree so far."""
    different: Scores
    share: float
    """Share of pairs that are one thing."""

    def apart(self, levels: Levels) -> tuple[Scores, Scores]:
        """Give the log-likelihood of each pair as one thing and as two, with the shares of either."""
        found = [np.einsum("nfl,fl->n", levels, np.log(each)) for each in (self.same, self.different)]
        return found[0] + np.log(self.share), found[1] + np.log(1 - self.share)


def editions(evidence: Evidence, near: Mask) -> Scores | None:
    """Give for each near pair the log-odds that it is one thing; None where near pairs are of one kind."""
    levels = _levels(evidence, near)
    if not levels.any():
        return None
    classes = _fitted(levels)
    same, different = classes.apart(levels)
    gain = np.logaddexp(same, different).sum() - np.einsum("nfl,fl->", levels, np.log(_rates(levels)))
    if gain < LEAST_GAIN * levels.sum():
        return None
    return np.clip(same - different, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)


def _levels(evidence: Evidence, near: Mask) -> Levels:
    columns = [name for name in evidence.beside_name if name.endswith(("_rare", "_equal"))]
    if not columns:
        return np.zeros((int(near.sum()), 0, _LEVELS))
    values = np.column_stack([evidence.columns[name][near] for name in columns])
    level = (values >= PARTLY).astype(np.int64) + (values >= MOSTLY)
    return np.eye(_LEVELS)[level] * np.isfinite(values)[:, :, None]


def _fitted(levels: Levels) -> _Classes:
    """Maximise expectation, starting from how much of what is known agrees."""
    known = levels.sum(axis=(1, 2))
    agreed = levels @ np.linspace(0, 1, _LEVELS)
    same = np.clip(np.where(known > 0, agreed.sum(axis=1) / np.maximum(known, 1), 0.5), 0.05, 0.95)
    for _ in range(ROUNDS):
        share = float(np.clip(same.mean(), 0.01, 0.99))
        classes = _Classes(_rates(levels, same), _rates(levels, 1 - same), share)
        one, two = classes.apart(levels)
        same = 1 / (1 + np.exp(np.clip(two - one, -500, 500)))
    return classes


def _rates(levels: Levels, weight: Scores | None = None) -> Scores:
    counted = (levels.sum(axis=0) if weight is None else np.einsum("n,nfl->fl", weight, levels)) + 1.0
    return np.asarray(counted / counted.sum(axis=1, keepdims=True))
