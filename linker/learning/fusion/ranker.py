"""Which candidates are right: boosted trees fitted on links that were held out, or a line where these are few."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bifrost.threads import TREES, one_thread
from linker.learning.fusion.candidates import Candidates, candidates
from linker.learning.fusion.features import compared_columns, features
from linker.learning.fusion.joining_line import JoiningLine, fit_line
from linker.learning.fusion.parts import Parts
from linker.learning.fusion.trees import Trees, trees_of
from linker.learning.graph import Floats, Integers

CLOSEST = 40
"""Wrong candidates per question that are always learned from, those with most evidence; of the others a sample."""
SAMPLED = 20
MOST_QUESTIONS = 40_000
UNLIKELY = -30.0
"""Log-odds of what is no candidate: below that of every candidate."""


FEWEST_FOR_TREES = 400
"""Right candidates from which on trees are grown: two for a held-out link, which is asked from both ends."""


@dataclass(frozen=True)
class Ranker:
    """What was fitted over the features of candidates."""

    fitted: Trees | JoiningLine

    def log_odds(self, given: Floats) -> Floats:
        """Score candidates by their features, shape (..., columns)."""
        flat = self.fitted.log_odds(given.reshape(-1, given.shape[-1]))
        scores: Floats = np.clip(flat, UNLIKELY + 1, 30).reshape(given.shape[:-1]).astype(np.float32)
        return scores


class Lessons(NamedTuple):
    """Candidates whose truth is known."""

    given: Floats
    """Features, shape (candidates, columns)."""
    right: NDArray[np.bool_]
    weights: Floats
    compared: Integers
    """The columns that compare a candidate with the others of its question."""


def fit_ranker(lessons: Iterable[tuple[Parts, Integers]], *, seed: int = 1) -> Ranker:
    """Fit on held-out links, shape (links, 3), asked in both directions; none of them may be in their parts' graph."""
    return ranker_of([lessons_of(parts, held_out, seed=seed) for parts, held_out in lessons], seed=seed)


def lessons_of(parts: Parts, held_out: Integers, *, seed: int = 1) -> Lessons:
    """Ask about held-out links in both directions, and keep what is worth learning from."""
    learned = [_lessons(parts, asked, right, seed) for asked, right in _asked(parts, held_out, seed)]
    given, right, weights = (np.concatenate([lesson[place] for lesson in learned]) for place in range(3))
    return Lessons(given, right, weights, compared_columns(parts))


def ranker_of(lessons: Sequence[Lessons], *, seed: int = 1) -> Ranker:
    """Fit on all of these: trees where there is enough to learn from, else a line.

    Raises:
        NothingToLearn: no candidate is right, or none is wrong.
    """
    given, right, weights = (np.concatenate([lesson[place] for lesson in lessons]) for place in range(3))
    if right.all() or not right.any():
        raise NothingToLearn
    if np.count_nonzero(right) < FEWEST_FOR_TREES:
        return Ranker(fit_line(given, right, weights, lessons[0].compared))
    return Ranker(_grown(given, right, weights, seed))


class NothingToLearn(ValueError):
    """No held-out link is among the candidates, or nothing else is."""


def _grown(given: Floats, right: NDArray[np.bool_], weights: Floats, seed: int) -> Trees:
    from sklearn.ensemble import HistGradientBoostingClassifier

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
    return trees_of(trees)


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
