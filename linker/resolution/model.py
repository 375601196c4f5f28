"""The light model that weighs the evidence: a logistic one, joined by boosted trees where there is enough to learn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bifrost.threads import TREES, one_thread
from linker.resolution.rivals import Mask
from linker.resolution.sparse_texts import Scores
from linker.resolution.worlds import Matrix, World

SEED = 7
LABEL_WEIGHT = 10.0
ENOUGH_FOR_TREES = 150
NEGATIVES_PER_SEED = 20
MOST_NEGATIVES = 20_000
LARGEST_LOG_ODDS = 12.0


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model."""

    mean: Scores
    spread: Scores
    weights: Scores
    intercept: float
    trees: Any = None

    def score(self, features: Matrix) -> Scores:
        """Give log-odds."""
        linear = ((features - self.mean) / self.spread) @ self.weights + self.intercept
        linear = np.clip(linear, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
        if self.trees is None:
            return np.asarray(linear)
        with one_thread(TREES):
            return np.asarray((linear + self.trees.decision_function(features)) / 2)

    def contributions(self, features: Matrix) -> Matrix:
        """Give what each feature adds to the log-odds of the logistic part."""
        return np.asarray((features - self.mean) / self.spread * self.weights)


def fit(views: list[World], seeds: Mask, decoys: list[Mask], labels: Mapping[int, bool], *, thoroughly: bool) -> Model:
    """Learn to tell seeds and pairs that people accepted from decoys, losers and pairs that people rejected.

    `thoroughly` adds boosted trees where there are enough seeds to learn from.
    """
    from sklearn.linear_model import LogisticRegression

    features, same, weight = _lesson(views, seeds, decoys, labels)
    if same.all():  # One candidate per record and nothing else: there is nothing to tell apart.
        return Model(features.mean(axis=0), np.ones(features.shape[1]), np.zeros(features.shape[1]), 0.0)
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread < 1e-9] = 1.0
    logistic = LogisticRegression(C=1.0, max_iter=300).fit((features - mean) / spread, same, sample_weight=weight)
    trees = _trees(features, same, weight) if thoroughly and seeds.sum() >= ENOUGH_FOR_TREES else None
    return Model(mean, spread, logistic.coef_[0], float(logistic.intercept_[0]), trees)


def _lesson(
    views: list[World], seeds: Mask, decoys: list[Mask], labels: Mapping[int, bool]
) -> tuple[Matrix, Scores, Scores]:
    chance = np.random.default_rng(SEED)
    losers = np.flatnonzero(~seeds)
    losers = np.sort(chance.permutation(losers)[: min(NEGATIVES_PER_SEED * int(seeds.sum()), MOST_NEGATIVES)])
    wrong = [view.features[mask] for view, mask in zip(views[1:], decoys, strict=True)]
    parts = [views[0].features[seeds], views[0].features[losers], *wrong]
    features = np.concatenate(parts)
    same = np.concatenate([np.ones(len(parts[0])), np.zeros(len(features) - len(parts[0]))])
    weight = np.concatenate(
        [np.ones(len(parts[0])), *_shared_weight(parts[0], parts[1:2]), *_shared_weight(parts[0], wrong)]
    )
    if labels:
        positions = np.fromiter(labels, np.int64)
        features = np.concatenate([features, views[0].features[positions]])
        same = np.concatenate([same, np.fromiter(labels.values(), np.float64)])
        weight = np.concatenate([weight, np.full(len(positions), LABEL_WEIGHT)])
    return features, same, weight


def _trees(features: Matrix, same: Scores, weight: Scores) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(
        max_iter=60, learning_rate=0.1, max_leaf_nodes=8, l2_regularization=1.0, random_state=SEED
    )
    with one_thread(TREES):
        return trees.fit(features, same, sample_weight=weight)


def _shared_weight(seeds: Matrix, parts: list[Matrix]) -> list[Scores]:
    """Give the rows of several parts together half the weight of the seeds."""
    count = sum(len(part) for part in parts)
    return [np.full(len(part), len(seeds) / 2 / max(count, 1)) for part in parts]
