"""The light model that weighs the evidence: a logistic one, joined by boosted trees where there is enough to learn."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bifrost.threads import TREES, one_thread
from linker.resolution.credit import credited
from linker.resolution.rivals import Mask
from linker.resolution.sparse_texts import Scores
from linker.resolution.worlds import Matrix, World

SEED = 7
ENOUGH_FOR_TREES = 150
NEGATIVES_PER_SEED = 20
MOST_NEGATIVES = 20_000
LARGEST_LOG_ODDS = 12.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a model learns from: pairs of the world as it is, and the decoys of each bereft world."""

    seeds: Mask
    refused: Mask
    """Pairs that win like seeds, but are not the same."""
    decoys: list[Mask]


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
        linear = np.clip(self._linear(features), -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
        if self.trees is None:
            return np.asarray(linear)
        with one_thread(TREES):
            return np.asarray((linear + self.trees.decision_function(features)) / 2)

    def contributions(self, features: Matrix) -> Matrix:
        """Give what each feature adds to the log-odds, and in the last column what the base adds: they sum to `score`.

        The base is the average candidate's. Trees credit each split to its feature (Saabas 2014).
        """
        added = np.column_stack(
            [(features - self.mean) / self.spread * self.weights, np.full(len(features), self.intercept)]
        )
        linear = self._linear(features)
        # Beyond the largest log-odds, all parts shrink alike.
        added *= (np.clip(linear, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS) / np.where(linear == 0, 1.0, linear))[:, None]
        return added if self.trees is None else (added + credited(self.trees, features)) / 2

    def _linear(self, features: Matrix) -> Scores:
        return np.asarray(((features - self.mean) / self.spread) @ self.weights + self.intercept)


def fit(views: list[World], lesson: Lesson, *, thoroughly: bool) -> Model:
    """Learn to tell seeds from decoys, losers, and what was refused.

    `thoroughly` adds boosted trees where there are enough seeds to learn from.
    """
    from sklearn.linear_model import LogisticRegression

    features, same, weight = _examples(views, lesson)
    if same.all():  # One candidate per record and nothing else: there is nothing to tell apart.
        return Model(features.mean(axis=0), np.ones(features.shape[1]), np.zeros(features.shape[1]), 0.0)
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread < 1e-9] = 1.0
    logistic = LogisticRegression(C=1.0, max_iter=300).fit((features - mean) / spread, same, sample_weight=weight)
    trees = _trees(features, same, weight) if thoroughly and lesson.seeds.sum() >= ENOUGH_FOR_TREES else None
    return Model(mean, spread, logistic.coef_[0], float(logistic.intercept_[0]), trees)


def _examples(views: list[World], lesson: Lesson) -> tuple[Matrix, Scores, Scores]:
    """Give features, classes and weights of what there is to learn from."""
    chance = np.random.default_rng(SEED)
    intact, count = views[0].features, int(lesson.seeds.sum())
    losers = np.flatnonzero(~lesson.seeds)
    losers = np.sort(chance.permutation(losers)[: min(NEGATIVES_PER_SEED * count, MOST_NEGATIVES)])
    wrong = np.concatenate([view.features[mask] for view, mask in zip(views[1:], lesson.decoys, strict=True)])
    parts: list[tuple[Matrix, Scores, float]] = [
        (intact[lesson.seeds], np.ones(count), 1.0),
        (intact[losers], np.zeros(len(losers)), count / 2 / max(len(losers), 1)),
        (wrong, np.zeros(len(wrong)), count / 2 / max(len(wrong), 1)),
        (intact[lesson.refused], np.zeros(int(lesson.refused.sum())), 1.0),
    ]
    return (
        np.concatenate([features for features, _, _ in parts]),
        np.concatenate([same for _, same, _ in parts]),
        np.concatenate([np.full(len(features), weight) for features, _, weight in parts]),
    )


def _trees(features: Matrix, same: Scores, weight: Scores) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(
        max_iter=60, learning_rate=0.1, max_leaf_nodes=8, l2_regularization=1.0, random_state=SEED
    )
    with one_thread(TREES):
        return trees.fit(features, same, sample_weight=weight)
