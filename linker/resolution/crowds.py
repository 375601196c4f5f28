"""Tables in which most records are written down many times: what is the same is a crowd, not one best partner.

Where taking the best candidate away leaves another as good, `judgement` has nothing to learn from. Then candidates fall
into kinds, by a mixture of normal distributions over the rankings. The nearest kind is sameness if it is handed on: who
is near to the same record is near to each other. That also chooses the number of kinds (records that only share a name
make a kind of their own). What is clearly near or not then teaches a logistic model over all evidence. Where near
pairs are themselves of two kinds (see `editions`), groups of records decide which of them are one thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from linker.resolution.candidates import Candidates
from linker.resolution.contraction import contracted
from linker.resolution.editions import editions
from linker.resolution.evidence import Evidence
from linker.resolution.model import LARGEST_LOG_ODDS, SEED, Model
from linker.resolution.rivals import Mask
from linker.resolution.sparse_texts import Scores
from linker.resolution.worlds import Matrix, base_features

KINDS = (2, 3)
PRICE_OF_A_KIND = 0.05
"""So much more of the graph must be closed for each further kind."""
ROUNDS = 3
LABEL_WEIGHT = 10.0
SURE = 0.9
LEAST_NEAR = 0.5
"""The near pairs must be so alike on average by every ranking that is a cosine; else the mixture has split noise."""
LEAST_CLOSED = 0.5
"""Of the records that a record is near to, so many must be near to each other: sameness is handed on."""
FEWEST_PAIRS = 100
_ROUGHNESS, _STRENGTH = 0.05, 0.05


@dataclass(frozen=True, slots=True)
class Crowds:
    """Log-odds of sameness, the linear model of the evidence that they come from, and what was objected to that."""

    score: Scores
    model: Model
    standard: Matrix
    objected: Scores
    margins: int
    """Features of other models that count nothing here."""

    def contributions(self, kept: Mask) -> Matrix:
        """Give what each feature adds to the scores of chosen pairs (see `judgement.Attribution`)."""
        added = self.model.contributions(self.standard[kept])
        nothing = np.zeros((len(added), self.margins))
        return np.column_stack([added[:, :-1], nothing, self.objected[kept], added[:, -1]])


def crowded(candidates: Candidates, evidence: Evidence, labels: Mapping[int, bool]) -> Crowds | None:
    """Give log-odds of sameness for every candidate, and how they come about; None without crowds."""
    from sklearn.linear_model import LogisticRegression

    features = base_features(evidence)
    if len(candidates) < FEWEST_PAIRS:
        return None
    spread = features.std(axis=0)
    standard = (features - features.mean(axis=0)) / np.where(spread < 1e-9, 1.0, spread)
    names = [*evidence.columns]
    rankings = standard[:, [names.index(name) for name in evidence.rankings]]
    near, closed = _nearest_kind(candidates, rankings)
    if closed < LEAST_CLOSED or not _alike(evidence, near >= 0.5):
        return None
    weight = np.ones(len(candidates))
    said = np.fromiter(labels, np.int64, len(labels))
    weight[said] = LABEL_WEIGHT
    for _ in range(ROUNDS):
        near[said] = np.fromiter(labels.values(), np.float64, len(labels))
        sure = (near > SURE) | (near < 1 - SURE)
        same = near[sure] > 0.5
        if same.all() or not same.any():
            return None
        model = LogisticRegression(C=_STRENGTH, max_iter=500).fit(standard[sure], same, sample_weight=weight[sure])
        near = model.predict_proba(standard)[:, 1]
    linear = Model(np.zeros(standard.shape[1]), np.ones(standard.shape[1]), model.coef_[0], float(model.intercept_[0]))
    score = linear.score(standard)
    objected = _told_apart(candidates, evidence, score, labels) - score
    return Crowds(score + objected, linear, standard, objected, 2 * len(evidence.rankings))


def _told_apart(candidates: Candidates, evidence: Evidence, score: Scores, labels: Mapping[int, bool]) -> Scores:
    """Lower the scores of near pairs that are two editions of a thing, and let groups of records decide together."""
    near = score > 0
    one_thing = editions(evidence, near) if near.any() else None
    if one_thing is None:
        return score
    both = score.copy()
    both[near] = -np.logaddexp(np.logaddexp(-score[near], -one_thing), -score[near] - one_thing)
    said = both.copy()
    for position, same in labels.items():
        said[position] = LARGEST_LOG_ODDS if same else -LARGEST_LOG_ODDS
    once = candidates.left < candidates.right
    group = contracted(candidates.left[once], candidates.right[once], said[once], int(candidates.right.max()) + 1)
    ends = group[candidates.left], group[candidates.right]
    _, between = np.unique(np.minimum(*ends) * len(group) + np.maximum(*ends), return_inverse=True)
    average = np.bincount(between, both) / np.bincount(between)
    return np.where(ends[0] == ends[1], both, np.minimum(both, average[between]))


def _nearest_kind(candidates: Candidates, rankings: Matrix) -> tuple[Scores, float]:
    """Give the probability of the nearest kind, and how far its nearness is handed on: the best number of kinds."""
    found = [(kinds, _near(rankings, kinds)) for kinds in KINDS]
    closed = [(_closed(candidates, near >= 0.5), kinds, near) for kinds, near in found]
    best = max(closed, key=lambda each: each[0] - PRICE_OF_A_KIND * each[1])
    return best[2], best[0]


def _near(rankings: Matrix, kinds: int) -> Scores:
    """Give the probability that a pair belongs to the nearest of some kinds."""
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(kinds, reg_covar=_ROUGHNESS, n_init=2, random_state=SEED).fit(rankings)
    nearest = int(mixture.means_.sum(axis=1).argmax())
    return np.asarray(mixture.predict_proba(rankings)[:, nearest])


def _alike(evidence: Evidence, near: Mask) -> bool:
    cosines = [np.nan_to_num(evidence.columns[name][near]) for name in evidence.rankings if name != "match_weight"]
    return bool(min(values.mean() for values in cosines) >= LEAST_NEAR)


def _closed(candidates: Candidates, near: Mask) -> float:
    """Give the share of pairs of neighbours that are neighbours themselves (transitivity of the graph)."""
    if not near.any():
        return 0.0
    size = int(max(candidates.left.max(), candidates.right.max())) + 1
    ends = candidates.left[near], candidates.right[near]
    graph: Any = sparse.coo_matrix((np.ones(len(ends[0])), ends), shape=(size, size)).tocsr()
    graph.data[:] = 1.0
    degree = np.asarray(graph.sum(axis=1)).ravel()
    paths = float((degree * (degree - 1)).sum())
    return float((graph @ graph).multiply(graph).sum()) / paths if paths else 0.0
