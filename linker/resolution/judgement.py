"""From evidence to probabilities, without labels or with a few.

Pairs that are each other's best in every ranking teach a light model what sameness looks like in these tables, and
decoys (see `worlds`) what the best pair of a record without a partner looks like. The share of decoys at a score
gives the probability there (target-decoy estimate of false discoveries: Elias and Gygi 2007).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from linker.resolution.candidates import Candidates
from linker.resolution.crowds import crowded
from linker.resolution.evidence import Evidence
from linker.resolution.model import Model, fit
from linker.resolution.rivals import Mask, best_rival
from linker.resolution.sides import Codes
from linker.resolution.sparse_texts import Scores
from linker.resolution.worlds import Matrix, World, worlds

ROUNDS = 3
SEED_FALSE_SHARE = 0.1
"""Seeds may hold so many wrong pairs, by the estimate from decoys."""
LEAST_PRIOR = -2.0
"""Seeds need names that are at least a little alike."""
PRIOR_SLOPE, PRIOR_EVEN_AT, PRIOR_SEEDS = 12.0, 0.55, 20
"""Log-odds of sameness per unit of likeness of names, where they are even, and how many seeds outweigh them."""
LEAST_LONELY = 0.05
"""Share of records that may always be without a partner."""
RIVAL_SHARE = 0.25
"""Of the probability that winners leave, what a pair keeps that is not the first choice of both records."""
UNSEEN_DECOYS = 0.3
"""Added above all scores, so that a few pairs without a decoy in sight are not taken for certain."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of the candidates, one value per pair."""

    probability: Scores
    score: Scores
    """Log-odds before calibration; ranks pairs of equal probability."""
    contributions: Matrix | None = None
    """What each feature adds to the log-odds of each pair, against the average candidate."""


def judge(candidates: Candidates, evidence: Evidence, labels: Mapping[int, bool], *, crowds: bool = False) -> Judgement:
    """Give every candidate pair a probability; `labels` maps positions of pairs to what people said.

    With `crowds`, a record may have many partners: within one table.
    """
    found = crowded(candidates, evidence, labels) if crowds else None
    if found is not None:
        margins = np.zeros((len(candidates), 2 * len(evidence.rankings)))
        return Judgement(_decided(1 / (1 + np.exp(-found[0])), labels), found[0], np.hstack([found[1], margins]))
    score: Scores = np.mean([_in_spreads(evidence.columns[name]) for name in evidence.rankings], axis=0)
    prior = _prior(evidence)
    model: Model | None = None
    seeds = np.zeros(len(candidates), bool)
    for number in range(1, ROUNDS + 1):
        views = worlds(candidates, evidence, score)
        targets, decoys, scores = _compete(candidates, evidence, views, model)
        targets &= prior > LEAST_PRIOR
        seeds = targets & (scores[0] >= _lowest_trusted(scores, targets, decoys))
        if not seeds.any():
            break
        model = fit(views, seeds, decoys, labels, thoroughly=number == ROUNDS)
        score = model.score(views[0].features)
    if model is None:
        return Judgement(_decided(np.zeros(len(candidates)), labels), score)
    views = worlds(candidates, evidence, score)
    targets, decoys, scores = _compete(candidates, evidence, views, model)
    learned = _calibrated(candidates, targets, decoys, scores)
    probability = np.where(targets, _tempered(learned, prior, int(seeds.sum())), learned)
    return Judgement(_decided(probability, labels), scores[0], model.contributions(views[0].features))


def _prior(evidence: Evidence) -> Scores:
    """Say what the likeness of names alone is worth anywhere, as log-odds."""
    alike = np.maximum(evidence.columns["soft_name"], evidence.columns["letters_of_name"])
    return np.asarray(PRIOR_SLOPE * (alike - PRIOR_EVEN_AT))


def _tempered(learned: Scores, prior: Scores, seeds: int) -> Scores:
    """Trust what was learned the more, the more there was to learn from."""
    trust = seeds / (seeds + PRIOR_SEEDS)
    kept = np.clip(learned, 1e-4, 1 - 1e-4)
    log_odds = trust * np.log(kept / (1 - kept)) + (1 - trust) * prior
    return np.where(learned > 0, 1 / (1 + np.exp(-log_odds)), 0.0)


def _compete(
    candidates: Candidates, evidence: Evidence, views: list[World], model: Model | None
) -> tuple[Mask, list[Mask], list[Scores]]:
    """Give the winning pairs of the world as it is, those of the bereft worlds, and the scores in each."""
    rankings = len(evidence.rankings)
    scoring: Callable[[Matrix], Scores] = model.score if model else _composite(evidence)
    scores = [scoring(view.features) for view in views]
    winners = [view.mutual(candidates, score, scores[0]) for view, score in zip(views, scores, strict=True)]
    if model is None:
        winners = [winner & view.agreed(rankings) for winner, view in zip(winners, views, strict=True)]
    return winners[0], winners[1:], scores


def _composite(evidence: Evidence) -> Callable[[Matrix], Scores]:
    """Average rankings and margins, each in units of its spread among the candidates."""
    names = [*evidence.columns]
    columns = [names.index(name) for name in evidence.rankings]
    columns += range(len(names), len(names) + 2 * len(evidence.rankings))

    def score(features: Matrix) -> Scores:
        return np.asarray(np.mean([_in_spreads(features[:, column]) for column in columns], axis=0))

    return score


def _in_spreads(values: Scores) -> Scores:
    known = np.nan_to_num(values)
    return np.asarray(known / (known.std() or 1.0))


def _lowest_trusted(scores: list[Scores], targets: Mask, decoys: list[Mask]) -> float:
    """Find the lowest score above which decoys are rare among the winners."""
    won = np.sort(scores[0][targets])[::-1]
    lost = np.sort(np.concatenate([score[mask] for score, mask in zip(scores[1:], decoys, strict=True)]))
    above = (len(lost) - np.searchsorted(lost, won, side="left")) / 2
    trusted = above <= SEED_FALSE_SHARE * np.arange(1, len(won) + 1)
    return float(won[trusted][-1]) if trusted.any() else np.inf


def _calibrated(candidates: Candidates, targets: Mask, decoys: list[Mask], scores: list[Scores]) -> Scores:
    """Turn scores into probabilities by the density of decoys around them.

    A decoy counts as much as its record surely had a partner to lose: only then does it show how a lonely record
    chooses.
    """
    from sklearn.isotonic import IsotonicRegression

    won = scores[0][targets]
    lost = [score[mask] for score, mask in zip(scores[1:], decoys, strict=True)]
    every = np.concatenate([won, *lost, [max(each.max() for each in (won, *lost) if len(each))]])
    real = np.concatenate([np.ones(len(won)), np.zeros(len(every) - len(won))])
    groups = (candidates.left, candidates.right)
    probability = np.where(targets, 1.0, 0.0)
    for _ in range(8):
        weights = [_decoy_weights(group, probability, mask) for group, mask in zip(groups, decoys, strict=True)]
        weight = np.concatenate([np.ones(len(won)), *weights, [UNSEEN_DECOYS]])
        share = IsotonicRegression(out_of_bounds="clip").fit(every, real, sample_weight=weight)
        probability[targets] = _right(share.predict(won))
    return _with_rivals(candidates, scores[0], probability, _right(share.predict(scores[0])))


def _decoy_weights(group: Codes, probability: Scores, decoys: Mask) -> Scores:
    records = len(np.unique(group))
    partnered = np.zeros(int(group.max()) + 1)
    np.maximum.at(partnered, group, probability)
    lonely = max(records - partnered.sum(), LEAST_LONELY * records)
    return np.asarray(partnered[group[decoys]] * lonely / max(partnered.sum(), 1.0) / 2)


def _right(share_of_targets: Scores) -> Scores:
    return np.clip(2 - 1 / np.maximum(share_of_targets, 0.5), 0.0, 1.0)


def _with_rivals(candidates: Candidates, score: Scores, probability: Scores, alone: Scores) -> Scores:
    """Give pairs that lost to another pair what the winners leave: one record, one partner, until people say more."""
    taken = np.maximum(best_rival(candidates.left, probability), best_rival(candidates.right, probability))
    return np.where(probability > 0, probability, RIVAL_SHARE * np.minimum(alone, 1 - taken))


def _decided(probability: Scores, labels: Mapping[int, bool]) -> Scores:
    for position, same in labels.items():
        probability[position] = float(same)
    return probability
