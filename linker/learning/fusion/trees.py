"""Boosted trees as arrays: they are stored without code, and read rows without the library that grew them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linker.learning.compiled import compiled
from linker.learning.graph import Integers

Numbers = NDArray[np.float64]
LEAF = -1


class Trees(NamedTuple):
    """The nodes of all trees in a row; children are given by their places in it."""

    start: float
    """What every sum starts from."""
    roots: Integers
    columns: Integers
    """The column that a node looks at, `LEAF` in a leaf."""
    thresholds: Numbers
    lower: Integers
    """Where a row goes whose value is not above the threshold."""
    upper: Integers
    values: Numbers

    def log_odds(self, given: NDArray[np.float32]) -> Numbers:
        """Sum the leaves that each row reaches, shape (rows, columns) -> (rows,)."""
        return _summed(self, np.ascontiguousarray(given, np.float32))


def trees_of(fitted: Any) -> Trees:
    """Take the trees out of a fitted `HistGradientBoostingClassifier` of two classes."""
    grown = [tree.nodes for (tree,) in fitted._predictors]
    roots = np.cumsum([0, *(len(nodes) for nodes in grown)])[:-1]
    nodes = np.concatenate(grown)
    first = np.repeat(roots, [len(each) for each in grown])
    return Trees(
        start=float(fitted._baseline_prediction.ravel()[0]),
        roots=roots.astype(np.int64),
        columns=np.where(nodes["is_leaf"], LEAF, nodes["feature_idx"]).astype(np.int64),
        thresholds=nodes["num_threshold"].astype(np.float64),
        lower=nodes["left"].astype(np.int64) + first,
        upper=nodes["right"].astype(np.int64) + first,
        values=nodes["value"].astype(np.float64),
    )


@compiled
def _summed(trees: Trees, given: NDArray[np.float32]) -> Numbers:
    total = np.full(len(given), trees.start)
    for row in range(len(given)):
        for root in trees.roots:
            node = root
            while trees.columns[node] >= 0:
                below = given[row, trees.columns[node]] <= trees.thresholds[node]
                node = trees.lower[node] if below else trees.upper[node]
            total[row] += trees.values[node]
    return total
