"""Which answers to a question are looked at closely: the best by the rules, and the best by every scorer."""

from dataclasses import dataclass

import numpy as np

from linker.learning.fusion.parts import Parts
from linker.learning.graph import Floats, Integers
from linker.learning.ranking import SCORES_AT_ONCE, Scorer
from linker.learning.rules.evidence import apply_rules
from linker.learning.rules.incidence import answers_in, group_of

BY_RULES = 150
BY_SCORER = 40
AT_ONCE = 512
"""At most so many questions are asked at once, fewer where `SCORES_AT_ONCE` allows no more."""


@dataclass(frozen=True)
class Candidates:
    """Possible answers to questions (subjects[i], kind), aligned by row."""

    kind: int
    subjects: Integers
    answers: Integers
    """Shape (questions, most); -1 where there are fewer."""
    evidence: Floats
    """What the rules say, shape (questions, most, columns)."""
    scores: Floats
    """Log of the share that each scorer gives the answer, shape (questions, most, scorers)."""


def candidates(parts: Parts, kind: int, subjects: Integers) -> Candidates:
    """Gather candidates for distinct subjects; what the graph knows already is none."""
    found = apply_rules(parts.rules, kind, subjects, min(BY_RULES, parts.graph.entities))
    together = max(1, min(AT_ONCE, SCORES_AT_ONCE // parts.graph.entities))
    pieces = [
        _piece(parts, kind, subjects[part], (found.answers[part].astype(np.int64), found.evidence[part]))
        for part in np.array_split(np.arange(len(subjects)), max(1, -(-len(subjects) // together)))
    ]
    answers, evidence, scores = (np.concatenate([piece[place] for piece in pieces]) for place in range(3))
    return Candidates(kind, subjects, answers, evidence, scores)


def _piece(
    parts: Parts, kind: int, subjects: Integers, found: tuple[Integers, Floats]
) -> tuple[Integers, Floats, Floats]:
    answers, evidence = found
    known = answers_in(parts.graph, np.array([group_of(parts.graph, each, kind) for each in subjects], np.int64))
    tables = [_log_shares(scorer, subjects, kind, known) for scorer in parts.scorers.values()]
    for table in tables:
        answers, evidence = _joined(answers, evidence, table)
    rows = np.arange(len(subjects))[:, None]
    scores = [np.where(answers >= 0, table[rows, answers], 0.0) for table in tables]
    stacked = np.stack(scores, axis=2) if scores else np.zeros((*answers.shape, 0))
    return answers, evidence, stacked.astype(np.float32)


def _log_shares(scorer: Scorer, subjects: Integers, kind: int, known: tuple[Integers, Integers]) -> Floats:
    """Give the log of each answer's share; known answers take no part."""
    scores = scorer.against_all(subjects, np.full(len(subjects), kind)).astype(np.float32)
    scores[known] = -np.inf
    top = scores.max(axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    shares: Floats = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True) + 1e-30)
    return shares


def _joined(answers: Integers, evidence: Floats, table: Floats) -> tuple[Integers, Floats]:
    """Add the scorer's best answers that are not there yet; of them the rules say nothing."""
    rest = table.copy()
    rows, places = np.nonzero(answers >= 0)
    rest[rows, answers[rows, places]] = -np.inf
    count = min(BY_SCORER, rest.shape[1])
    best = np.argpartition(-rest, count - 1, axis=1)[:, :count]
    best[~np.isfinite(np.take_along_axis(rest, best, axis=1))] = -1
    nothing = np.zeros((*best.shape, evidence.shape[2]), np.float32)
    return np.concatenate([answers, best], axis=1), np.concatenate([evidence, nothing], axis=1)
