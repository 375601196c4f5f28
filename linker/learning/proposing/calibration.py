"""From the model's belief to a probability: a line fitted on held-out links, then a shift by people's verdicts.

The line is that of `bifrost.asking.calibration`. A reference's answer counts as right when the best of all
type-consistent tails is the held-out one; elsewhere a pair counts as right when it is a held-out link among all
type-consistent pairs of its head. The probability therefore says: if the link exists at all, and if about as much is
missing as was held out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bifrost.asking.calibration import Line, fit, sigmoid
from linker.learning.graph import Integers, KnowledgeGraph
from linker.learning.proposing.answers import TailScorer, answer, truth
from linker.learning.proposing.questions import Question

Numbers = NDArray[np.float64]

LEAST_OWN = 30
"""Held-out links from which on a link type has a scale of its own; below, it shares that of its kind."""
LEAST_SHARED = 15
SAMPLED_HEADS = 300
PRIOR_STRENGTH = 1.0
"""How far, in log-odds, verdicts may be expected to shift a link type (standard deviation)."""
UNSCALED = Line(np.array([0.0, 1.0]), np.diag([9.0, 0.25]))
"""Before anything is held out: a belief may be off by far, and is seldom turned round."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A line from belief to log-odds, with what it was fitted on."""

    slope: float = 1.0
    offset: float = 0.0
    right: int = 0
    asked: int = 0

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

    @classmethod
    def joined(cls, observed: Sequence["Observed"]) -> "Observed":
        """Put observations of the same kind together."""
        return cls(
            np.concatenate([each.logits for each in observed]),
            np.concatenate([each.right for each in observed]),
            sum(each.links for each in observed),
        )


def observe(scorer: TailScorer, seen: KnowledgeGraph, question: Question, held_out: Integers) -> Observed:
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


def fit_scales(questions: Sequence[Question], observed: Sequence[Observed]) -> dict[int, Scale]:
    """Fit a scale per question's relation; relations with too little evidence of any kind get none."""
    scales = {}
    for question, own in zip(questions, observed, strict=True):
        kin = [each for other, each in zip(questions, observed, strict=True) if other.functional == question.functional]
        basis = Observed.joined([own] if own.links >= LEAST_OWN else kin)
        if basis.links >= LEAST_SHARED:
            scales[question.relation] = fit_scale(basis.logits, basis.right)
    return scales


def fit_scale(logits: Numbers, right: NDArray[np.bool_]) -> Scale:
    """Fit slope and offset; a slope never turns the order round."""
    line = fit(UNSCALED, logits, right)
    return Scale(float(line.mean[1]), float(line.mean[0]), int(right.sum()), len(right))


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
