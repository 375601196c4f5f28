"""Which candidates are right: boosted trees fitted on links that were held out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from bifrost.threads import TREES, one_thread
from linker.learning.fusion.candidates import Candidates, candidates
from linker.learning.fusion.features import features
from linker.learning.fusion.parts import Parts
from linker.learning.graph import Floats, Integers

CLOSEST = 40
"""Wrong candidates per question that are always learned from, those with most evidence; of the others a sample."""
SAMPLED = 20
MOST_QUESTIONS = 40_000
UNLIKELY = -30.0
"""Log-odds of what is no candidate: below that of every candidate."""


@dataclass(frozen=True)
class Ranker:
    """Trees over the features of candidates."""

    trees: Any

    def log_odds(self, given: Floats) -> Floats:
        """Score candidates by their features, shape (..., columns)."""
        with one_thread(TREES):
            flat = self.trees.decision_function(given.reshape(-1, given.shape[-1]))
        scores: Floats = np.clip(flat, UNLIKELY + 1, 30).reshape(given.shape[:-1]).astype(np.float32)
        return scores


def fit_ranker(lessons: Iterable[tuple[Parts, Integers]], *, seed: int = 1) -> Ranker:
    """Fit on held-out links, shape (links, 3), asked in both directions; none of them may be in their parts' graph."""
    learned = [
        _lessons(parts, asked, right, seed)
        for parts, held_out in lessons
        for asked, right in _asked(parts, held_out, seed)
    ]
    given, right, weights = (np.concatenate([lesson[place] for lesson in learned]) for place in range(3))
    trees = HistGradientBoostingClassifier(
        learning_rate=0.08,
        max_iter=250,
        max_leaf_nodes=31,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    with one_thread(TREES):
        trees.fit(given, right, sample_weight=weights)
    return Ranker(trees)


def _asked(parts: Parts, held_out: Integers, seed: int) -> Iterator[tuple[Candidates, NDArray[np.bool_]]]:
    relations = parts.graph.relations
    heads, kinds, tails = held_out.T
    subjects, answers = np.concatenate([heads, tails]), np.concatenate([tails, heads])
    asked_kinds = np.concatenate([kinds, kinds + relations])
    chosen = np.random.default_rng(seed).permutation(len(subjects))[:MOST_QUESTIONS]
    subjects, answers, asked_kinds = subjects[chosen], answers[chosen], asked_kinds[chosen]
    for kind in np.unique(asked_kinds):
        mine = asked_kinds == kind
        asked = candidates(parts, int(kind), np.unique(subjects[mine]))
        true = np.unique(subjects[mine] * parts.graph.entities + answers[mine])
        keys = asked.subjects[:, None] * parts.graph.entities + asked.answers
        yield asked, np.isin(keys, true) & (asked.answers >= 0)


def _lessons(
    parts: Parts, asked: Candidates, right: NDArray[np.bool_], seed: int
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Keep what is right, the closest wrong candidates, and a weighted sample of the other wrong ones."""
    given = features(parts, asked)
    wrong = ~right & (asked.answers >= 0)
    nearest = np.cumsum(wrong, axis=1) <= CLOSEST
    rest = wrong & ~nearest
    share = np.minimum(1.0, SAMPLED / np.maximum(rest.sum(axis=1, keepdims=True), 1))
    drawn = rest & (np.random.default_rng([seed, asked.kind]).random(rest.shape) < share)
    kept = right | (wrong & nearest) | drawn
    weights = np.where(drawn, 1 / share, 1.0).astype(np.float32)
    return given[kept], right[kept], weights[kept]
