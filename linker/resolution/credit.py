"""What each feature adds to the sum of boosted trees."""

from typing import Any

import numpy as np

from linker.resolution.worlds import Matrix


def credited(trees: Any, features: Matrix) -> Matrix:
    """Give for every row what each feature adds, and in the last column what all rows start from.

    `trees` is a fitted `HistGradientBoostingClassifier` of two classes. On its way to a leaf, a row credits every
    split's feature with the difference that the split makes to the expected value (Saabas 2014); rows sum to
    `decision_function`.
    """
    added = np.zeros((len(features), features.shape[1] + 1))
    added[:, -1] = float(trees._baseline_prediction.ravel()[0])
    rows = np.arange(len(features))
    for (tree,) in trees._predictors:
        nodes, expected = tree.nodes, _expected(tree.nodes)
        at = np.zeros(len(features), np.int64)
        added[:, -1] += expected[0]
        while not nodes["is_leaf"][at].all():
            feature = nodes["feature_idx"][at]
            goes_left = features[rows, feature] <= nodes["num_threshold"][at]
            following = np.where(goes_left, nodes["left"][at], nodes["right"][at])
            following = np.where(nodes["is_leaf"][at], at, following)
            # At a leaf nothing follows, and the difference is zero.
            added[rows, feature] += expected[following] - expected[at]
            at = following
    return added


def _expected(nodes: Any) -> Any:
    """Give every node's value: of a leaf its own, else the mean of its examples' leaves."""
    expected = nodes["value"].copy()
    for place in range(len(nodes) - 1, -1, -1):  # Children stand behind their parents.
        node = nodes[place]
        if not node["is_leaf"]:
            ends = [int(node["left"]), int(node["right"])]
            expected[place] = np.average(expected[ends], weights=nodes["count"][ends])
    return expected
