"""From evidence to probabilities, without labels or with a few.

Pairs that are each other's best in every ranking teach a light model what sameness looks like in these tables. What
the best pair of a record *without* a partner looks like is learned from decoys: every record's best candidate is
taken away, and what then comes first is wrong by construction. The share of decoys at a score gives the
probability there (target-decoy estimate of false discoveries: Elias and Gygi 2007).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from linker.resolution.candidates import Candidates
from linker.resolution.evidence import Evidence
from linker.resolution.rivals import Mask, best_rival, is_best, is_first
from linker.resolution.sparse_texts import Scores

SEED = 7
ROUNDS = 3
SEED_FALSE_SHARE = 0.1
"""Seeds may hold so many wrong pairs, by the estimate from decoys."""
LABEL_WEIGHT = 10.0
ENOUGH_FOR_TREES = 150
MOST_NEGATIVES = 20_000

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of the candidates, one value per pair."""

    probability: Scores
    score: Scores
    """Log-odds before calibration; ranks pairs of equal probability."""
    contributions: Mapping[str, Scores]
    """Evidence column -> what it adds to the log-odds of each pair, against the average candidate."""


@dataclass(frozen=True, slots=True)
class World:
    """The candidates' features as they are, or with every left (right) record's best candidate taken away."""

    features: Matrix
    present: Mask
    side: str = ""


def judge(candidates: Candidates, evidence: Evidence, labels: Mapping[int, bool]) -> Judgement:
    """Give every candidate pair a probability; `labels` maps positions of pairs to what people said."""
    score = _composite(candidates, evidence)
    agreed = np.logical_and.reduce([_mutual(candidates, evidence.columns[name]) for name in evidence.rankings])
    model = None
    for _ in range(ROUNDS):
        worlds = _worlds(candidates, evidence, score)
        scores = [score] * 3 if model is None else [model(world.features) for world in worlds]
        targets, decoys = _targets_and_decoys(candidates, worlds, scores, agreed if model is None else None)
        seeds = targets & (scores[0] >= _lowest_trusted(scores, targets, decoys))
        if not seeds.any():
            break
        model = _fit(worlds, seeds, decoys, labels)
        score = model(worlds[0].features)
    if model is None:
        return Judgement(np.zeros(len(candidates)), score, {})
    worlds = _worlds(candidates, evidence, score)
    scores = [model(world.features) for world in worlds]
    probability = _calibrated(candidates, worlds, scores)
    for position, same in labels.items():
        probability[position] = float(same)
    return Judgement(probability, scores[0], model.contributions(worlds[0].features, [*evidence.columns]))


def _mutual(candidates: Candidates, score: Scores) -> Mask:
    return is_best(candidates.left, score) & is_best(candidates.right, score)


def _composite(candidates: Candidates, evidence: Evidence) -> Scores:
    """Average the rankings and their margins to the runners-up, each in units of its own spread."""
    parts = [np.nan_to_num(evidence.columns[name]) for name in evidence.rankings]
    parts += [part - np.maximum(best_rival(candidates.left, part), best_rival(candidates.right, part)) for part in parts]
    return np.mean([part / (part.std() or 1.0) for part in parts], axis=0)


def _worlds(candidates: Candidates, evidence: Evidence, score: Scores) -> list[World]:
    """Give the features as they are, without the left records' best pairs, and without the right records' best."""
    everything = np.ones(len(candidates), bool)
    left = ~is_first(candidates.left, score)
    right = ~is_first(candidates.right, score)
    return [
        World(_features(candidates, evidence, everything, everything), everything),
        World(_features(candidates, evidence, left, everything), left, "left"),
        World(_features(candidates, evidence, everything, right), right, "right"),
    ]


def _features(candidates: Candidates, evidence: Evidence, left: Mask, right: Mask) -> Matrix:
    columns = []
    for values in evidence.columns.values():
        known = np.isfinite(values)
        columns.append(np.where(known, values, values[known].mean() if known.any() else 0.0))
    for name in evidence.rankings:
        values = np.nan_to_num(evidence.columns[name])
        columns.append(values - best_rival(candidates.left, values, present=left))
        columns.append(values - best_rival(candidates.right, values, present=right))
    return np.column_stack(columns)


def _targets_and_decoys(
    candidates: Candidates, worlds: list[World], scores: list[Scores], agreed: Mask | None
) -> tuple[Mask, list[Mask]]:
    """Mark the mutual best pairs of the world as it is, and the wrong ones of the worlds without partners."""
    found = []
    for world, score in zip(worlds, scores, strict=True):
        shown = np.where(world.present, score, -np.inf)
        # In the world without partners only the bereft side chooses anew; the other keeps its own best.
        left = is_first(candidates.left, shown if world.side != "right" else score)
        right = is_first(candidates.right, shown if world.side != "left" else score)
        found.append(left & right & world.present)
    targets, decoys = found[0], found[1:]
    return (targets if agreed is None else targets & agreed), decoys
