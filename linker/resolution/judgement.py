"""From evidence to probabilities, without labels or with a few.

Pairs that are each other's best in every ranking teach a light model what sameness looks like in these tables, and
decoys (see `worlds`) what the best pair of a record without a partner looks like. The share of decoys at a score
gives the probability there (target-decoy estimate of false discoveries: Elias and Gygi 2007). Pairs to which the
fields beside the name object (see `objections`) are no seeds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from linker.resolution.answers import CLEARLY_SAME, beside_rivals, learned_from_answers
from linker.resolution.calibration import calibrated
from linker.resolution.candidates import Candidates
from linker.resolution.crowds import Crowds, crowded
from linker.resolution.evidence import Evidence
from linker.resolution.model import Lesson, Model, fit
from linker.resolution.objections import REFUSED, objections
from linker.resolution.rivals import Mask
from linker.resolution.sparse_texts import Scores
from linker.resolution.worlds import Matrix, World, worlds

ROUNDS = 3
SEED_FALSE_SHARE = 0.1
"""Seeds may hold so many wrong pairs, by the estimate from decoys."""
LEAST_PRIOR = -2.0
"""Seeds need names that are at least a little alike."""
PRIOR_SLOPE, PRIOR_EVEN_AT, PRIOR_SEEDS = 12.0, 0.55, 20
"""Log-odds of sameness per unit of likeness of names, where they are even, and how many seeds outweigh them."""

Scoring = Callable[[Matrix], Scores]
Attribution = Callable[[Mask], Matrix]
"""Chosen pairs -> what adds up to their scores: a column for each feature (see `worlds.feature_names`), one for the
objections, and one for the base, which is the same for all."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of the candidates, one value per pair."""

    probability: Scores
    score: Scores
    """Log-odds before calibration; ranks pairs of equal probability."""
    contributions: Attribution


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What is found without answers: the same whatever people say, and most of the work."""

    judgement: Judgement
    features: Matrix
    crowds: bool
    """Whether records have many partners."""


def judge(candidates: Candidates, evidence: Evidence, labels: Mapping[int, bool], *, crowds: bool = False) -> Judgement:
    """Give every candidate pair a probability; `labels` maps positions of pairs to what people said.

    With `crowds`, a record may have many partners: within one table.
    """
    return answered(candidates, evidence, judge_unanswered(candidates, evidence, crowds=crowds), labels)


def answered(candidates: Candidates, evidence: Evidence, found: Unanswered, labels: Mapping[int, bool]) -> Judgement:
    """Learn from what people said, beside what was found without."""
    before = found.judgement
    if found.crowds and labels:
        crowd = crowded(candidates, evidence, labels)
        if crowd is None:  # The answers alone leave nothing to tell apart; they are final all the same.
            return replace(before, probability=_decided(before.probability.copy(), labels))
        return _of_crowds(crowd, labels)
    features = np.hstack([found.features, beside_rivals(candidates, before.score, before.probability)])
    model = learned_from_answers(features, before.probability, labels) if labels else None
    if model is None:
        return replace(before, probability=_decided(before.probability.copy(), labels))
    score = model.score(features)
    probability = _still_clear(1 / (1 + np.exp(-score)), before.probability)
    return Judgement(_decided(probability, labels), score, _through(model, features, before))


def _still_clear(learned: Scores, before: Scores) -> Scores:
    """Keep how clear a pair was where answers do not speak against it: of clear pairs a few of them say little."""
    clear = (before > CLEARLY_SAME) & (learned >= 0.5)
    return np.where(clear, np.maximum(learned, before), learned)


def _of_crowds(found: Crowds, labels: Mapping[int, bool]) -> Judgement:
    return Judgement(_decided(1 / (1 + np.exp(-found.score)), labels), found.score, found.contributions)


def _through(model: Model, features: Matrix, before: Judgement) -> Attribution:
    """Attribute the score of a model that sees the earlier score among its features: its share goes on to what it is.

    Leads over rivals count with the last margin.
    """

    def chosen(kept: Mask) -> Matrix:
        added, earlier = model.contributions(features[kept]), before.contributions(kept)
        own, of_score, leads = added[:, :-7], added[:, -7], added[:, -6:-1].sum(axis=1)
        share = np.divide(of_score, before.score[kept], out=np.zeros(len(added)), where=before.score[kept] != 0)
        passed_on = earlier * share[:, None]
        own = own + passed_on[:, :-2]
        own[:, -1] += leads
        rest = of_score - passed_on.sum(axis=1)
        return np.column_stack([own, passed_on[:, -2], added[:, -1] + passed_on[:, -1] + rest])

    return chosen


def judge_unanswered(candidates: Candidates, evidence: Evidence, *, crowds: bool) -> Unanswered:
    """Judge the candidates by themselves."""
    crowd = crowded(candidates, evidence, {}) if crowds else None
    if crowd is not None:
        return Unanswered(_of_crowds(crowd, {}), crowd.standard, crowds=True)
    score: Scores = np.mean([_in_spreads(evidence.columns[name]) for name in evidence.rankings], axis=0)
    prior = _prior(evidence)
    scoring, learned = _composite(evidence), None
    for number in range(1, ROUNDS + 1):
        views = worlds(candidates, evidence, score)
        targets, decoys, scores = _compete(candidates, evidence, views, scoring, anyhow=learned is not None)
        targets &= prior > LEAST_PRIOR
        seeds = targets & (scores[0] >= _lowest_trusted(scores, targets, decoys))
        if not seeds.any():
            break
        learned = _Learned.from_seeds(evidence, views, seeds, decoys, thoroughly=number == ROUNDS)
        scoring = learned.score
        score = scoring(views[0].features)
    if learned is None:
        nothing = Judgement(np.zeros(len(candidates)), score, _by_rankings(evidence))
        return Unanswered(nothing, views[0].features, crowds=False)
    views = worlds(candidates, evidence, score)
    targets, decoys, scores = _compete(candidates, evidence, views, scoring, anyhow=True)
    by_decoys = calibrated(candidates, targets, learned.refused, decoys, scores)
    probability = np.where(targets, _tempered(by_decoys, prior, int(seeds.sum())), by_decoys)
    features = views[0].features
    return Unanswered(Judgement(probability, scores[0], learned.attribution(features)), features, crowds=False)


@dataclass(frozen=True, slots=True)
class _Learned:
    """A model of all features, and what the fields beside the name object."""

    model: Model
    objected: Scores

    @property
    def refused(self) -> Mask:
        return self.objected < REFUSED

    @classmethod
    def from_seeds(
        cls, evidence: Evidence, views: list[World], seeds: Mask, decoys: list[Mask], *, thoroughly: bool
    ) -> "_Learned":
        objected = objections(evidence, seeds)
        refused = seeds & (objected < REFUSED)
        lesson = Lesson(seeds & ~refused, refused, decoys)
        return cls(fit(views, lesson, thoroughly=thoroughly), objected)

    def score(self, features: Matrix) -> Scores:
        return self.model.score(features) + self.objected

    def attribution(self, features: Matrix) -> Attribution:
        def chosen(kept: Mask) -> Matrix:
            added = self.model.contributions(features[kept])
            return np.column_stack([added[:, :-1], self.objected[kept], added[:, -1]])

        return chosen


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
    candidates: Candidates, evidence: Evidence, views: list[World], scoring: Scoring, *, anyhow: bool
) -> tuple[Mask, list[Mask], list[Scores]]:
    """Give the winning pairs of the world as it is, those of the bereft worlds, and the scores in each.

    Unless `anyhow`, only pairs win that every ranking agrees on.
    """
    rankings = len(evidence.rankings)
    scores = [scoring(view.features) for view in views]
    winners = [view.mutual(candidates, score, scores[0]) for view, score in zip(views, scores, strict=True)]
    if not anyhow:
        winners = [winner & view.agreed(rankings) for winner, view in zip(winners, views, strict=True)]
    return winners[0], winners[1:], scores


def _composite(evidence: Evidence) -> Scoring:
    """Average rankings and margins, each in units of its spread among the candidates."""
    names = [*evidence.columns]
    columns = [names.index(name) for name in evidence.rankings]
    columns += range(len(names), len(names) + 2 * len(evidence.rankings))

    def score(features: Matrix) -> Scores:
        return np.asarray(np.mean([_in_spreads(features[:, column]) for column in columns], axis=0))

    return score


def _by_rankings(evidence: Evidence) -> Attribution:
    """Attribute a score that is the average of the rankings."""
    rankings = np.column_stack([_in_spreads(evidence.columns[name]) for name in evidence.rankings])

    def chosen(kept: Mask) -> Matrix:
        added = np.zeros((int(kept.sum()), len(evidence.columns) + 2 * len(evidence.rankings) + 2))
        places = [[*evidence.columns].index(name) for name in evidence.rankings]
        added[:, places] = rankings[kept] / len(evidence.rankings)
        return added

    return chosen


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


def _decided(probability: Scores, labels: Mapping[int, bool]) -> Scores:
    for position, same in labels.items():
        probability[position] = float(same)
    return probability
