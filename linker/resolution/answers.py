"""What people said about some pairs, learned beside what is known without them.

A logistic model sees all features, the score and the probability that were found without answers, and how far a pair
is ahead of its rivals by either. It learns from the answers, and from pairs that are clear without: answers are asked
for where doubt is, and alone would teach nothing about the rest. Where it does not do better than no answers at all
on answers that it has not seen, it is left out: on hard tables a hundred answers are worse than none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from linker.resolution.candidates import Candidates
from linker.resolution.model import Model
from linker.resolution.rivals import best_rival
from linker.resolution.sides import Codes
from linker.resolution.sparse_texts import Scores
from linker.resolution.worlds import Matrix

FEWEST_ANSWERS = 40
"""With 38 answers Abt-Buy was worse off than with none, with 76 better."""
CLEARLY_SAME, CLEARLY_NOT = 0.95, 0.02
MOST_CLEAR = 500
"""Clear pairs that are the same; of others five times as many."""
CLEAR_WEIGHT = 0.5
"""Of the answers, how much the clear pairs weigh together on either side."""
FOLDS = 5
_STRENGTH = 0.3
_SEED = 7
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class _Lesson:
    features: Matrix
    same: Scores
    weight: Scores


def beside_rivals(candidates: Candidates, score: Scores, probability: Scores) -> Matrix:
    """Give six columns: score, lead over the best rival of either record, and the same by probability."""
    lowest = float(score.min())
    certain = np.clip(probability, _LEAST, 1 - _LEAST)
    groups = (candidates.left, candidates.right)
    leads = [score - best_rival(group, score, nothing=lowest) for group in groups]
    leads_of_probability = [probability - best_rival(group, probability) for group in groups]
    return np.column_stack([score, *leads, np.log(certain / (1 - certain)), *leads_of_probability])


def learned_from_answers(features: Matrix, probability: Scores, labels: Mapping[int, bool]) -> Model | None:
    """Fit the model; `probability` is what was found without answers. None where there is too little to learn from.

    `features` are those of all candidates, `beside_rivals` among them; `labels` maps positions of pairs to answers.
    """
    said = np.fromiter(labels, np.int64, len(labels))
    same = np.fromiter(labels.values(), np.float64, len(labels))
    if len(said) < FEWEST_ANSWERS or same.all() or not same.any():
        return None
    clear = _clear(probability, said)
    fold = np.random.default_rng(_SEED).permutation(len(said)) % FOLDS
    found = np.zeros(len(said))
    for number in range(FOLDS):
        kept = fold != number
        found[~kept] = _fitted(_lesson(features, said[kept], same[kept], clear)).score(features[said[~kept]])
    if np.sum((found > 0) != same) >= np.sum((probability[said] >= 0.5) != same):
        return None
    return _fitted(_lesson(features, said, same, clear))


def _clear(probability: Scores, said: Codes) -> tuple[Codes, Codes]:
    chance = np.random.default_rng(_SEED)
    silent = np.ones(len(probability), bool)
    silent[said] = False
    same = np.flatnonzero(silent & (probability > CLEARLY_SAME))
    others = np.flatnonzero(silent & (probability < CLEARLY_NOT))
    return chance.permutation(same)[:MOST_CLEAR], chance.permutation(others)[: 5 * MOST_CLEAR]


def _lesson(features: Matrix, said: Codes, same: Scores, clear: tuple[Codes, Codes]) -> _Lesson:
    together = CLEAR_WEIGHT * len(said)
    weights = [np.full(len(each), together / max(len(each), 1)) for each in clear]
    return _Lesson(
        features[np.concatenate([said, *clear])],
        np.concatenate([same, np.ones(len(clear[0])), np.zeros(len(clear[1]))]),
        np.concatenate([np.ones(len(said)), *weights]),
    )


def _fitted(lesson: _Lesson) -> Model:
    from sklearn.linear_model import LogisticRegression

    mean, spread = lesson.features.mean(axis=0), lesson.features.std(axis=0)
    spread[spread < 1e-9] = 1.0
    standard = (lesson.features - mean) / spread
    logistic = LogisticRegression(C=_STRENGTH, max_iter=500).fit(standard, lesson.same, sample_weight=lesson.weight)
    return Model(mean, spread, logistic.coef_[0], float(logistic.intercept_[0]))
