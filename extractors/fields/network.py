"""A small network over the graph of candidate pairs: each pair hears its rivals, twice, and moves its log-odds.

A pair's state starts from its features. In each round it hears the mean and the maximum over the pairs that share its
left field, and over those that share its right field. Trained with DGL (`extractors.fields.training.graph`); the
weights are few, so that running it takes NumPy alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from extractors.fields.compared import Matrix, Places

ROUNDS = 2


@dataclass(frozen=True)
class ContextNetwork:
    """Weights: `first` (inputs, hidden), `rounds` of (5 * hidden, hidden), `last` (hidden, 1); each with its bias."""

    first: tuple[Matrix, Matrix]
    rounds: Sequence[tuple[Matrix, Matrix]]
    last: tuple[Matrix, Matrix]

    def __call__(self, inputs: Matrix, groups: Sequence[Places]) -> Matrix:
        """Give what to add to the log-odds of each pair, from inputs of shape (pairs, inputs)."""
        state = _rectified(inputs, self.first)
        for layer in self.rounds:
            heard = [state, *(message for group in groups for message in _messages(state, group))]
            state = _rectified(np.concatenate(heard, axis=1), layer)
        moved: Matrix = (state @ self.last[0] + self.last[1]).ravel()
        return moved

    def as_json(self) -> dict[str, Any]:
        """Give the form in which the weights are kept."""
        layers = [self.first, *self.rounds, self.last]
        return {"layers": [[np.round(each, 4).tolist() for each in layer] for layer in layers]}


def network_from_json(kept: Mapping[str, Any]) -> ContextNetwork:
    """Read kept weights."""
    layers = [(np.array(one, np.float32), np.array(two, np.float32)) for one, two in kept["layers"]]
    return ContextNetwork(layers[0], layers[1:-1], layers[-1])


def _rectified(inputs: Matrix, layer: tuple[Matrix, Matrix]) -> Matrix:
    state: Matrix = np.maximum(inputs @ layer[0] + layer[1], 0)
    return state


def _messages(state: Matrix, group: Places) -> tuple[Matrix, Matrix]:
    """Give the mean and the maximum over each pair's group, the pair itself included."""
    if not len(group):
        return state, state
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(group)))[:, None].astype(np.float32)
    means = (np.add.reduceat(state[order], starts) / sizes).astype(np.float32)
    highest: Matrix = np.maximum.reduceat(state[order], starts)
    return means[group], highest[group]
