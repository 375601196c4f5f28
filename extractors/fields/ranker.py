"""Ranks candidate pairs of fields: a trained sum over features, moved by what the other pairs say, and by people.

The log-odds of a pair are a sum over features (logistic regression), so that each feature's part can be shown. The
weights that ship are the middle of a Gaussian; decisions move them by as much as that Gaussian allows (the mode of the
posterior, found by Newton's method).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from extractors.fields.compared import Matrix
from extractors.fields.network import ContextNetwork, network_from_json

Vector = npt.NDArray[np.float64]

_FILE = "ranker.json"
_STEPS = 12
_LEAST_SPREAD, _SPREAD = 0.5, 0.3


@dataclass(frozen=True)
class Ranker:
    """A trained model: `weights` of `features`, the log-odds of a pair with `usual` features, and the network."""

    features: tuple[str, ...]
    weights: Vector
    usual: Vector
    even: float
    network: ContextNetwork

    def parts(self, values: Matrix) -> Matrix:
        """Give what each feature adds, shape (pairs, features): nothing where a pair is like the usual candidate."""
        parts: Matrix = ((values - self.usual) * self.weights).astype(np.float32)
        return parts

    def scores(self, values: Matrix) -> Vector:
        """Give the log-odds of pairs on their own, from features of shape (pairs, features)."""
        scores: Vector = (values.astype(np.float64) - self.usual) @ self.weights + self.even
        return scores

    def taught(self, values: Matrix, right: npt.NDArray[np.bool_]) -> "Ranker":
        """Move the weights by decisions: features of the decided pairs, and which of them people called right."""
        if not len(right):
            return self
        known = np.concatenate([values.astype(np.float64) - self.usual, np.ones((len(right), 1))], axis=1)
        middle = np.append(self.weights, self.even)
        firmness = 1 / (_LEAST_SPREAD + _SPREAD * np.abs(middle)) ** 2
        moved = _posterior_mode(known, right.astype(np.float64), middle, firmness)
        return replace(self, weights=moved[:-1], even=float(moved[-1]))

    def as_json(self) -> dict[str, Any]:
        """Give the form that ships."""
        return {
            "features": list(self.features),
            "weights": np.round(self.weights, 4).tolist(),
            "usual": np.round(self.usual, 4).tolist(),
            "even": round(self.even, 4),
            "network": self.network.as_json(),
        }


def ranker_from_json(kept: Mapping[str, Any]) -> Ranker:
    """Read a kept model."""
    return Ranker(
        features=tuple(kept["features"]),
        weights=np.array(kept["weights"], np.float64),
        usual=np.array(kept["usual"], np.float64),
        even=float(kept["even"]),
        network=network_from_json(kept["network"]),
    )


@cache
def shipped_ranker(*, meaning: bool) -> Ranker:
    """Read the model that ships: the one for texts with vectors, or the one for installations without the encoder."""
    kept = json.loads(files("extractors.fields").joinpath(_FILE).read_text("utf-8"))
    return ranker_from_json(kept["with meaning" if meaning else "without meaning"])


def _posterior_mode(known: Vector, right: Vector, middle: Vector, firmness: Vector) -> Vector:
    """Find the most likely weights given answers and a Gaussian of this middle and inverse variance."""
    found = middle.copy()
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-np.clip(known @ found, -30, 30)))
        slope = known.T @ (likely - right) + firmness * (found - middle)
        bend = (known * (likely * (1 - likely))[:, None]).T @ known + np.diag(firmness)
        step = np.linalg.solve(bend, slope)
        found = found - step
        if np.abs(step).max() < 1e-6:
            break
    return found
