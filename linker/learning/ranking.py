"""Filtered, full ranking of answers, in both directions, with the mean rank of ties."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from linker.learning.graph import Floats, Integers, KnowledgeGraph

SCORES_AT_ONCE = 1 << 24
"""Scores that are held in memory at once."""


class Scorer(Protocol):
    """What can be ranked by."""

    def against_all(self, subjects: Integers, relations: Integers, /) -> Floats:
        """Score each (subject, relation) with every entity, shape (queries, entities)."""
        ...


class KnownLinks:
    """All answers known to a question, for leaving them out of its ranking."""

    def __init__(self, graph: KnowledgeGraph, triples: Integers) -> None:
        self.relations, self.entities = len(graph.relation_names), len(graph.entities)
        heads, kinds, tails = triples.T
        questions = np.concatenate(
            [self._question(heads, kinds), self._question(tails, kinds + self.relations)],
        )
        order = np.argsort(questions, kind="stable")
        self.questions = questions[order]
        self.answers = np.concatenate([tails, heads])[order]

    def _question(self, subjects: Integers, kinds: Integers) -> Integers:
        keys: Integers = subjects * (2 * self.relations) + kinds
        return keys

    def cells(self, subjects: Integers, kinds: Integers) -> tuple[Integers, Integers]:
        """Give (row, answer) of every known answer to question number `row`."""
        asked = self._question(subjects, kinds)
        first = np.searchsorted(self.questions, asked, "left")
        counts = np.searchsorted(self.questions, asked, "right") - first
        rows = np.repeat(np.arange(len(asked)), counts)
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, self.answers[np.repeat(first, counts) + offsets]


def rank(scorer: Scorer, triples: Integers, known: KnownLinks) -> NDArray[np.float64]:
    """Rank each triple's tail, then each one's head, among all entities that are not another known answer."""
    heads, kinds, tails = triples.T
    subjects = np.concatenate([heads, tails])
    relations = np.concatenate([kinds, kinds + known.relations])
    answers = np.concatenate([tails, heads])
    order = np.argsort(relations, kind="stable")  # what a scorer prepares for a relation is used while it is at hand
    parts = np.array_split(order, -(-len(answers) * known.entities // SCORES_AT_ONCE) or 1)
    ranks = np.empty(len(answers))
    for part in parts:
        ranks[part] = _ranks(scorer, subjects[part], relations[part], answers[part], known)
    return ranks


def measures(ranks: NDArray[np.float64]) -> dict[str, float]:
    """Give the mean reciprocal rank, and the shares of ranks up to 1, 3 and 10."""
    hits = {f"hits_at_{limit}": round(float((ranks <= limit).mean()), 4) for limit in (1, 3, 10)}
    return {"mrr": round(float((1 / ranks).mean()), 4), **hits}


def _ranks(
    scorer: Scorer, subjects: Integers, relations: Integers, answers: Integers, known: KnownLinks
) -> NDArray[np.float64]:
    scores = scorer.against_all(subjects, relations).astype(np.float64)
    right = scores[np.arange(len(answers)), answers][:, None].copy()
    scores[known.cells(subjects, relations)] = -np.inf
    better = (scores > right).sum(axis=1)
    # The answer itself is among the known ones, hence not counted here: ties are other entities.
    ties = (scores == right).sum(axis=1)
    ranks: NDArray[np.float64] = 1 + better + ties / 2
    return ranks
