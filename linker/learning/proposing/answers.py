"""The model's answers to a question: the best tails of each head with their share of belief."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from linker.learning.graph import Floats, Integers, KnowledgeGraph, row_keys
from linker.learning.proposing.questions import Question, answer_range

Logits = NDArray[np.float64]

HEADS_AT_ONCE = 256
BEST_OF_MANY = 20
"""Answers looked at per head where a head may have several."""
OF_ITSELF = -30.0
"""Belief in a link of an entity with itself, which is no answer to any question."""
LEAST_WEIGHT = 1e-12
"""What all rivals together weigh at least, beside the best of them."""


class TailScorer(Protocol):
    """What scores heads with some tails."""

    def against(self, heads: Integers, relation: int, tails: Integers, /) -> Floats:
        """Score every pair, shape (heads, tails)."""
        ...


@dataclass(frozen=True)
class Answers:
    """Aligned arrays: answer i links heads[i] to tails[i]."""

    heads: Integers
    tails: Integers
    logits: Logits
    """Log-odds of the tail's share (softmax) among the tails of its type that are not linked to the head yet."""


def answer(scorer: TailScorer, question: Question, excluded: Integers) -> Answers:
    """Give the best answer of every head, or the best few where a head may have several, best first per head.

    `excluded` are links that are no answers (those that exist, those that people rejected), shape (links, 3).
    """
    return best_answers(scorer, question, excluded, 1 if question.functional else BEST_OF_MANY)


def best_answers(scorer: TailScorer, question: Question, excluded: Integers, most: int) -> Answers:
    """Give the `most` best answers of every head, best first per head."""
    best = min(most, len(question.tails))
    parts = list(_answered(scorer, question, excluded, best))
    columns = [np.concatenate([part[column] for part in parts]) for column in range(3)]
    possible = np.isfinite(columns[2])
    return Answers(*(column[possible] for column in columns))


def beliefs(scorer: TailScorer, graph: KnowledgeGraph, links: Integers, excluded: Integers) -> Logits:
    """Give the belief in single links, shape (links, 3), each beside the other tails that are possible for its head.

    What is asked about counts as possible, also where it is among the `excluded` links. Which links are asked about
    together makes no difference.
    """
    belief = np.empty(len(links))
    for relation in np.unique(links[:, 1]):
        mine = np.flatnonzero(links[:, 1] == relation)
        usual = answer_range(graph, int(relation))
        question = Question(int(relation), False, np.unique(links[mine, 0]), np.union1d(usual, links[mine, 2]))
        for heads, scores, taken in _scores(scorer, question, excluded):
            asked = mine[np.isin(links[mine, 0], heads)]
            cells = np.searchsorted(heads, links[asked, 0]), np.searchsorted(question.tails, links[asked, 2])
            rivals = scores.copy()
            rivals[taken] = -np.inf
            rivals[:, ~np.isin(question.tails, usual)] = -np.inf
            belief[asked] = _beside(scores[cells], rivals, cells)
    belief[links[:, 0] == links[:, 2]] = OF_ITSELF
    return belief


def _beside(own: Logits, rivals: Logits, cells: tuple[Integers, Integers]) -> Logits:
    """Give log-odds of single scores beside all rivals of their row; where one is its own rival, beside the others."""
    top = np.max(rivals, axis=1, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0.0)
    weights = np.exp(rivals - top[:, None])
    others = np.maximum(weights.sum(axis=1)[cells[0]] - weights[cells], LEAST_WEIGHT)
    logits: Logits = own - top[cells[0]] - np.log(others)
    return logits


def _answered(
    scorer: TailScorer, question: Question, excluded: Integers, best: int
) -> Iterator[tuple[Integers, Integers, Logits]]:
    for heads, logits in _logits(scorer, question, excluded):
        places = np.argsort(-logits, axis=1, kind="stable")[:, :best]
        yield (
            np.repeat(heads, best),
            question.tails[places].ravel(),
            np.take_along_axis(logits, places, axis=1).ravel(),
        )


def _logits(scorer: TailScorer, question: Question, excluded: Integers) -> Iterator[tuple[Integers, Logits]]:
    """Give log-odds of each tail's share for some heads at a time, shape (heads, tails)."""
    for heads, scores, taken in _scores(scorer, question, excluded):
        scores[taken] = -np.inf
        yield heads, _log_odds(scores)


def _scores(
    scorer: TailScorer, question: Question, excluded: Integers
) -> Iterator[tuple[Integers, Logits, tuple[Integers, Integers]]]:
    """Give some heads at a time, the scores of their tails, and the cells of what is no answer."""
    taken = _Taken(question, excluded)
    for heads in np.array_split(question.heads, -(-len(question.heads) // HEADS_AT_ONCE)):
        scores = scorer.against(heads, question.relation, question.tails).astype(np.float64)
        yield heads, scores, taken.cells(heads)


class _Taken:
    """The tails that are no answers for a head: excluded links, and the head itself."""

    def __init__(self, question: Question, excluded: Integers) -> None:
        mine = excluded[(excluded[:, 1] == question.relation) & np.isin(excluded[:, 2], question.tails)]
        self.tails = question.tails
        self.linked_heads, self.linked_tails = mine[:, 0], mine[:, 2]

    def cells(self, heads: Integers) -> tuple[Integers, Integers]:
        rows = np.searchsorted(heads, self.linked_heads)
        among = np.isin(self.linked_heads, heads)
        itself = np.isin(heads, self.tails)
        return (
            np.concatenate([rows[among], np.flatnonzero(itself)]),
            np.searchsorted(self.tails, np.concatenate([self.linked_tails[among], heads[itself]])),
        )


def _log_odds(scores: Logits) -> Logits:
    """Turn each row's scores into log-odds of its shares; what is impossible stays minus infinity."""
    top = np.max(scores, axis=1, keepdims=True)
    shifted = scores - np.where(np.isfinite(top), top, 0.0)
    weights = np.exp(shifted)
    others = np.maximum(weights.sum(axis=1, keepdims=True) - weights, LEAST_WEIGHT)
    logits: Logits = shifted - np.log(others)
    return logits


def truth(answers: Answers, relation: int, graph: KnowledgeGraph, links: Integers) -> NDArray[np.bool_]:
    """Tell which answers are among `links`."""
    kinds = np.full(len(answers.heads), relation)
    given = np.stack([answers.heads, kinds, answers.tails], axis=1)
    return np.isin(row_keys(given, graph), row_keys(links, graph))
