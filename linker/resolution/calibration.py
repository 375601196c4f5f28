"""Scores become probabilities by the density of decoys around them (Elias and Gygi 2007)."""

from collections.abc import Callable

import numpy as np

from linker.resolution.candidates import Candidates
from linker.resolution.rivals import Mask, best_rival
from linker.resolution.sides import Codes
from linker.resolution.sparse_texts import Scores

LEAST_LONELY = 0.05
"""Share of records that may always be without a partner."""
RIVAL_SHARE = 0.25
"""Of the probability that winners leave, what a pair keeps that is not the first choice of both records."""
WIDEST, HALVINGS = 12.0, 40
"""Log-odds beyond the scores that a shift may need, and how often their range is halved."""
UNSEEN_DECOYS = 0.3
"""Added above all scores, so that a few pairs without a decoy in sight are not taken for certain."""


def calibrated(
    candidates: Candidates, targets: Mask, refused: Mask, decoys: list[Mask], scores: list[Scores]
) -> Scores:
    """Give every candidate a probability; `targets` won in the world as it is, `decoys` where records are bereft.

    A decoy counts as much as its record surely had a partner to lose: only then does it show how a lonely record
    chooses. Targets that were `refused` count as wrong, too: no decoy may look like them.
    """
    from sklearn.isotonic import IsotonicRegression

    won = scores[0][targets]
    lost = [score[mask] for score, mask in zip(scores[1:], decoys, strict=True)]
    known_wrong = scores[0][targets & refused]
    highest = max(each.max() for each in (won, *lost) if len(each))
    every = np.concatenate([won, *lost, known_wrong, [highest]])
    real = np.concatenate([np.ones(len(won)), np.zeros(len(every) - len(won))])
    groups = (candidates.left, candidates.right)
    probability = np.where(targets, 1.0, 0.0)
    for _ in range(8):
        weights = [_decoy_weights(group, probability, mask) for group, mask in zip(groups, decoys, strict=True)]
        weight = np.concatenate([np.ones(len(won)), *weights, np.ones(len(known_wrong)), [UNSEEN_DECOYS]])
        share = IsotonicRegression(out_of_bounds="clip").fit(every, real, sample_weight=weight)
        probability[targets] = _right(share.predict(won))
    told_apart = in_order(won, probability[targets])
    return _with_rivals(candidates, scores[0], np.where(targets, told_apart(scores[0]), 0.0), told_apart(scores[0]))


def in_order(score: Scores, probability: Scores) -> Callable[[Scores], Scores]:
    """Tell pairs of one probability apart by their scores; give what maps any score to a probability.

    Decoys give one share for a whole range of scores. The mean of the range stays as they say; within it the score
    counts as the log-odds that it is. Ranges that then overlap are joined again.
    """
    from sklearn.isotonic import IsotonicRegression

    found, rounded = probability.copy(), np.round(probability, 9)
    values, counts = np.unique(rounded, return_counts=True)
    for value in values[(counts > 1) & (values > 0) & (values < 1)]:
        equal = rounded == value
        found[equal] = _with_mean(score[equal], float(value))
    joined: Callable[[Scores], Scores] = IsotonicRegression(out_of_bounds="clip").fit(score, found).predict
    return joined


def _with_mean(log_odds: Scores, mean: float) -> Scores:
    """Shift log-odds until their probabilities have the mean, by halving."""
    lowest, highest = -log_odds.max() - WIDEST, -log_odds.min() + WIDEST
    for _ in range(HALVINGS):
        shift = (lowest + highest) / 2
        too_high = (1 / (1 + np.exp(-log_odds - shift))).mean() > mean
        lowest, highest = (lowest, shift) if too_high else (shift, highest)
    return np.asarray(1 / (1 + np.exp(-log_odds - (lowest + highest) / 2)))


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
