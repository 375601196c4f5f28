"""Where a missing link is plausible: for each type of link, the heads to ask about and the tails to choose from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from linker.learning.graph import Integers, KnowledgeGraph

LEAST_LINKS = 10
TAILS_PER_HEAD = 1.02
"""A link type with at most so many tails per head is functional: a reference that should be filled once."""
COVERAGE = 0.5
"""A reference is expected of a type of entity when at least this share of its entities has it."""
RANGE_SHARE = 0.01
HEADS_AT_MOST = 5_000
ASKED_AT_MOST = 20_000
"""Heads that all questions together may ask about: a minute."""


@dataclass(frozen=True)
class Question:
    """Which of `tails` is each of `heads` linked to by `relation`?"""

    relation: int
    functional: bool
    """True when exactly one answer is expected, and every head lacks it."""
    heads: Integers
    tails: Integers


def open_questions(graph: KnowledgeGraph, skipped_types: Collection[str] = ()) -> list[Question]:
    """Ask for unfilled references first, then for further links of the types that may have several.

    Heads of `skipped_types` are never asked about.
    """
    asked = (_ask(graph, relation, skipped_types) for relation in range(len(graph.relation_names)))
    questions = [question for question in asked if question is not None and len(question.heads)]
    return sorted(questions, key=lambda question: (not question.functional, question.relation))


def affordable(questions: Sequence[Question]) -> list[Question]:
    """Let the questions share what may be asked: those with few heads keep all, the others the same number each."""
    sizes = np.sort([len(question.heads) for question in questions])
    left = ASKED_AT_MOST - np.concatenate([[0], np.cumsum(sizes)[:-1]])
    share = left // np.arange(len(sizes), 0, -1)
    over = np.flatnonzero(sizes > share)
    most = int(share[over[0]]) if len(over) else HEADS_AT_MOST
    # A fixed draw: the first heads by number would all be of one type.
    return [replace(each, heads=np.sort(_drawn(each.heads, each.relation)[:most])) for each in questions]


def _drawn(heads: Integers, seed: int) -> Integers:
    drawn: Integers = np.random.default_rng(seed).permutation(heads)
    return drawn


def answer_range(graph: KnowledgeGraph, kind: int) -> Integers:
    """Give the entities of the types that the relation's tails have; of its heads, for a relation turned round."""
    return np.flatnonzero(_types_at_end(graph, kind)[graph.entity_types])


def possible_relations(graph: KnowledgeGraph, head: int, tail: int) -> Integers:
    """Give the relations whose links lead from this type of entity to that one."""
    relations = len(graph.relation_names)
    head_type, tail_type = graph.entity_types[head], graph.entity_types[tail]
    possible = [
        relation
        for relation in range(relations)
        if _types_at_end(graph, relation)[tail_type] and _types_at_end(graph, relation + relations)[head_type]
    ]
    return np.array(possible, np.int64)


def _types_at_end(graph: KnowledgeGraph, kind: int) -> NDArray[np.bool_]:
    relations = len(graph.relation_names)
    ends = (graph.tails if kind < relations else graph.heads)[graph.relations == kind % relations]
    counts = np.bincount(graph.entity_types[ends], minlength=len(graph.type_names))
    # The largest type counts also where there are so many that none has this share.
    least = min(max(1.0, RANGE_SHARE * len(ends)), counts.max(initial=0))
    types: NDArray[np.bool_] = counts >= max(least, 1)
    return types


def is_functional(graph: KnowledgeGraph, relation: int) -> bool:
    """Tell whether heads have one tail each."""
    heads = graph.heads[graph.relations == relation]
    return len(heads) <= TAILS_PER_HEAD * len(np.unique(heads))


def _ask(graph: KnowledgeGraph, relation: int, skipped_types: Collection[str]) -> Question | None:
    linked = np.unique(graph.heads[graph.relations == relation])
    if np.count_nonzero(graph.relations == relation) < LEAST_LINKS:
        return None
    functional = is_functional(graph, relation)
    heads = _heads(graph, linked, skipped_types, COVERAGE if functional else 0.0)
    if functional:
        heads = np.setdiff1d(heads, linked)
    return Question(relation, functional, _best_known(graph, heads), answer_range(graph, relation))


def _heads(graph: KnowledgeGraph, linked: Integers, skipped_types: Collection[str], coverage: float) -> Integers:
    """Give the entities of types of which more than `coverage` have the link."""
    sizes = np.bincount(graph.entity_types, minlength=len(graph.type_names))
    having = np.bincount(graph.entity_types[linked], minlength=len(graph.type_names))
    asked = having > coverage * sizes
    asked &= ~np.isin(graph.type_names, list(skipped_types))
    return np.flatnonzero(asked[graph.entity_types])


def _best_known(graph: KnowledgeGraph, heads: Integers) -> Integers:
    """Keep the heads with most links, since most is known about them."""
    degrees = np.bincount(graph.heads, minlength=len(graph.entities))
    degrees += np.bincount(graph.tails, minlength=len(graph.entities))
    return np.sort(heads[np.argsort(-degrees[heads], kind="stable")][:HEADS_AT_MOST])
