"""What reviews of the same candidates show: answers needed, precision of what was not asked, calibration."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bifrost.asking.beliefs import Answered, Beliefs
from bifrost.asking.calibration import Numbers, Truths, sigmoid
from linker.evaluation.effort.candidates import Candidates
from linker.evaluation.effort.reviewing import Point, Review, Reviewer

BINS = 15
DRAWN = 50
"""Truths that are drawn to see what chance alone does to the calibration error."""
HELD_BACK = 0.2
"""Share of the candidates that nobody is asked about in the reviews that are checked."""


@dataclass(frozen=True)
class Reviewed:
    """One review from its first question to its last."""

    points: tuple[Point, ...]
    first_reached: int | None
    """Place of the first point with the wanted precision and recall."""
    calibrated: Numbers
    """Probabilities at the end of the candidates that were held back."""
    right: Truths
    answered: Answered

    @property
    def decisive(self) -> Point:
        """Give the point where the goal was reached, else the last."""
        return self.points[-1 if self.first_reached is None else self.first_reached]


def reviewed(candidates: Candidates, reviewer: Reviewer) -> Reviewed:
    """Review once."""
    review = Review(candidates, reviewer)
    points = tuple(review.points())
    reached = (at for at, point in enumerate(points) if point.reaches(reviewer.precision, reviewer.recall))
    calibrated, right = _held_back(review)
    return Reviewed(points, next(reached, None), calibrated, right, review.answered())


def measures(candidates: Candidates, reviewer: Reviewer, seeds: int) -> tuple[dict[str, Any], Answered]:
    """Review with so many seeds, by worth and by chance; also give what the first review was told.

    What went in unasked and the calibration come from reviews of their own, in which a share is held back.
    """
    to_the_goal = replace(reviewer, goes_on=0)
    ours = _reviews(candidates, to_the_goal, seeds)
    random = _reviews(candidates, replace(to_the_goal, by_chance=True), seeds)
    checked = _reviews(candidates, replace(reviewer, held_back=HELD_BACK), seeds)
    return {**_effort(candidates, ours, random), "errs": reviewer.errs, **_checks(checked)}, ours[0].answered


def _reviews(candidates: Candidates, reviewer: Reviewer, seeds: int) -> list[Reviewed]:
    return [reviewed(candidates, replace(reviewer, seed=seed)) for seed in range(seeds)]


def _effort(candidates: Candidates, ours: Sequence[Reviewed], random: Sequence[Reviewed]) -> dict[str, Any]:
    decisions, manual = _mean(ours), len(candidates.truth)
    return {
        "decisions": decisions,
        "manual_decisions": manual,
        "ratio_to_manual": round(manual / max(decisions, 1), 1),
        "random_decisions": _mean(random),
        "true_links": candidates.true_links,
        "true_candidates": int(candidates.links[candidates.truth].sum()),
        "ratio_to_true_links": round(candidates.true_links / max(decisions, 1), 1),
        "precision": _average([each.decisive.precision for each in ours]),
        "recall": _average([each.decisive.recall for each in ours]),
        "reached": sum(each.first_reached is not None for each in ours),
        "seeds": len(ours),
        "curve": [_shown(point) for point in ours[0].points],
        "random_curve": [_shown(point) for point in random[0].points],
    }


def _checks(checked: Sequence[Reviewed]) -> dict[str, Any]:
    """Give the precision of what went in unasked, and how well probabilities foresee the candidates held back."""
    calibrated, right = (np.concatenate([getattr(each, name) for each in checked]) for name in ("calibrated", "right"))
    return {
        "unasked_precision": [round(each.points[-1].unasked_precision, 4) for each in checked],
        "held_back": len(right),
        "ece": round(calibration_error(calibrated, right), 4),
        "ece_by_chance": round(error_by_chance(calibrated), 4),
        "reliability": reliability(calibrated, right),
    }


def calibration_error(probability: Numbers, right: Truths) -> float:
    """Give the expected calibration error over 15 bins of equal width (Naeini and others, 2015)."""
    if not len(probability):
        return 0.0
    rows = reliability(probability, right)
    return sum(row["count"] * abs(row["stated"] - row["right"]) for row in rows) / len(probability)


def error_by_chance(probability: Numbers) -> float:
    """Give the error that probabilities show which are true: on few answers the bins differ from them by chance."""
    chance = np.random.default_rng(0)
    drawn = [chance.random(len(probability)) < probability for _ in range(DRAWN)]
    return float(np.mean([calibration_error(probability, right) for right in drawn]))


def reliability(probability: Numbers, right: Truths) -> list[dict[str, float]]:
    """Give per bin the mean probability, the share that is right, and how many lie in it."""
    places = np.minimum((probability * BINS).astype(int), BINS - 1)
    return [
        {
            "stated": round(float(probability[places == place].mean()), 4),
            "right": round(float(right[places == place].mean()), 4),
            "count": int((places == place).sum()),
        }
        for place in np.unique(places)
    ]


def _held_back(review: Review) -> tuple[Numbers, Truths]:
    held = review.held
    beliefs = Beliefs(review.answered())
    calibrated = sigmoid(review.stated)
    if beliefs.taught:
        for name, mine in review.by_type.items():
            calibrated[mine] = beliefs.line(name).probability(review.stated[mine])
    return calibrated[held], review.candidates.truth[held]


def _mean(reviews: Sequence[Reviewed]) -> float:
    return round(float(np.mean([each.decisive.decisions for each in reviews])), 1)


def _average(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)


def _shown(point: Point) -> dict[str, float]:
    return {
        "decisions": point.decisions,
        "links": point.links,
        "precision": round(point.precision, 4),
        "recall": round(point.recall, 4),
    }
