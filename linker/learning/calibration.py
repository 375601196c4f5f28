"""From the model's belief to a probability: Platt scaling on held-out links, then a shift by people's verdicts.

Platt, "Probabilistic Outputs for Support Vector Machines" (1999), with its smoothed targets. A reference's answer
counts as right when the best of all type-consistent tails is the held-out one; elsewhere a pair counts as right when
it is a held-out link among all type-consistent pairs of its head. The probability therefore says: if the link exists
at all, and if about as much is missing as was held out.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bifrost.asking.calibration import sigmoid
from linker.learning.answers import answer, truth
from linker.learning.graph import Integers, KnowledgeGraph
from linker.learning.questions import Question

if TYPE_CHECKING:
    from linker.learning.trained import Scorer

Numbers = NDArray[np.float64]

LEAST_OWN = 30
"""Held-out links from which on a link type has a scale of its own; below, it shares that of its kind."""
LEAST_SHARED = 15
SAMPLED_HEADS = 300
PRIOR_STRENGTH = 1.0
"""How far, in log-odds, verdicts may be expected to shift a link type (standard deviation)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A line from belief to log-odds, with what it was fitted on."""

    slope: float
    offset: float
    right: int
    asked: int

    def log_odds(self, logits: Numbers) -> Numbers:
        """Give calibrated log-odds."""
        return self.slope * logits + self.offset


@dataclass(frozen=True)
class Observed:
    """Beliefs in answers whose truth is known."""

    logits: Numbers
    right: NDArray[np.bool_]
    links: int
    """Held-out links behind them."""


def observe(scorer: "Scorer", seen: KnowledgeGraph, question: Question, held_out: Integers) -> Observed:
    """Ask about held-out links, as if they were the missing ones."""
    mine = held_out[held_out[:, 1] == question.relation]
    # A functional reference is asked of heads that lack it; elsewhere most heads lack nothing, and must be asked too.
    heads = np.unique(mine[:, 0])
    if not question.functional:
        order = np.random.default_rng(question.relation).permutation(question.heads)
        heads = np.sort(order[:SAMPLED_HEADS])
    if not len(mine) or not len(heads):
        return Observed(np.zeros(0), np.zeros(0, bool), 0)
    answers = answer(scorer, replace(question, heads=heads), seen.triples)
    return Observed(answers.logits, truth(answers, question.relation, seen, mine), len(mine))


def fit_scales(questions: list[Question], observed: list[Observed]) -> dict[int, Scale]:
    """Fit a scale per question's relation; relations with too little evidence of any kind get none."""
    scales = {}
    for question, own in zip(questions, observed, strict=True):
        kin = [each for other, each in zip(questions, observed, strict=True) if other.functional == question.functional]
        basis = [own] if own.links >= LEAST_OWN else kin
        if sum(each.links for each in basis) >= LEAST_SHARED:
            scales[question.relation] = fit_scale(
                np.concatenate([each.logits for each in basis]), np.concatenate([each.right for each in basis])
            )
    return scales


def fit_scale(logits: Numbers, right: NDArray[np.bool_]) -> Scale:
    """Fit slope and offset by Newton's method; a slope never turns the order round."""
    hits, misses = int(right.sum()), int((~right).sum())
    target = np.where(right, (hits + 1) / (hits + 2), 1 / (misses + 2))
    design = np.stack([logits, np.ones(len(logits))], axis=1)
    # A weak pull towards slope 1 and the targets' own mean keeps separable data finite.
    centre = np.array([1.0, 0.0])
    line = centre.copy()
    pull = np.diag([0.5, 1e-3])
    for _ in range(50):
        expected = sigmoid(design @ line)
        gradient = design.T @ (target - expected) - pull @ (line - centre)
        curvature = (design * (expected * (1 - expected))[:, None]).T @ design + pull
        step = np.linalg.solve(curvature, gradient)
        line = line + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-9:
            break
    return Scale(max(float(line[0]), 0.0), float(line[1]), hits, len(right))


def verdict_shift(stated: Numbers, accepted: NDArray[np.bool_]) -> float:
    """Give the shift of log-odds that brings what was stated closest to what people said, held back by a prior."""
    shift = 0.0
    for _ in range(50):
        expected = sigmoid(stated + shift)
        gradient = float((accepted - expected).sum()) - shift / PRIOR_STRENGTH**2
        step = gradient / (float((expected * (1 - expected)).sum()) + 1 / PRIOR_STRENGTH**2)
        shift += float(np.clip(step, -1.0, 1.0))
        if abs(step) < 1e-9:
            break
    return shift
