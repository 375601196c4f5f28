"""Path rules with their confidence, mined from all walks of a graph."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from linker.learning.graph import Floats, Integers
from linker.learning.rules.incidence import Incidence, incidence_of
from linker.learning.rules.walks import Bodies, bodies_up_to, walk, walks_from

MOST_WALKS = 2e9
"""Walks that are worth counting: minutes on one core."""
MOST_WALKS_AROUND = 1e5
"""Walks from an entity, on average, that are worth following for one question."""
MOST_CELLS = 1.5e8
"""Counters of (relation, body) that are kept in memory."""
MOST_WALKS_EACH = 4_000_000
"""Distinct walks that are counted per entity."""
LONGEST = 4
LEAST_SUPPORT = 2
PESSIMISM = 5.0
"""Pairs that are taken to contradict every rule, so that few examples do not make a sure rule (AnyBURL does so)."""
LEAST_CONFIDENCE = 0.005


@dataclass(frozen=True)
class MinedRules:
    """Rules `kind(X, Y) <- body(X, Y)` for every relation in both directions."""

    graph: Incidence
    bodies: Bodies
    heads: Integers
    """Relation of each rule (the forward direction only), shape (rules,)."""
    tails: Integers
    """Body of each rule, shape (rules,)."""
    support: NDArray[np.int32]
    pairs: NDArray[np.int32]
    turned: Integers
    """For every body the one that walks back."""
    cut: int
    """Entities around which not all walks were counted."""

    def on(self, triples: Integers) -> "MinedRules":
        """Keep the rules, and apply them to other links of the same entities."""
        graph = incidence_of(triples, entities=self.graph.entities, relations=self.graph.relations)
        return replace(self, graph=graph)

    @property
    def confidences(self) -> Floats:
        """Give the share of a body's pairs that are linked, shape (rules,)."""
        shares: Floats = (self.support / (self.pairs + PESSIMISM)).astype(np.float32)
        return shares

    def of(self, kind: int) -> Floats:
        """Give the confidence of every body as a reason for `kind`, shape (bodies,); 0 where there is no rule."""
        relations = self.graph.relations
        mine = self.heads == kind % relations
        known = np.zeros(self.bodies.total, np.float32)
        bodies = self.tails[mine] if kind < relations else self.turned[self.tails[mine]]
        known[bodies] = self.confidences[mine]
        return known


def mine(
    triples: Integers,
    *,
    entities: int,
    relations: int,
    longest: int | None = None,
    most_walks: float = MOST_WALKS,
) -> MinedRules:
    """Mine the rules of up to `longest` links; None takes the longest that the limits of time and memory allow."""
    graph = incidence_of(triples, entities=entities, relations=relations)
    bodies = bodies_up_to(longest or affordable_length(graph, most_walks), relations)
    walked = walk(graph, bodies, MOST_WALKS_EACH)
    walked.support[np.arange(relations), np.arange(relations)] = 0  # a link is no reason for itself
    heads, tails = np.nonzero(walked.support >= LEAST_SUPPORT)
    support, pairs = walked.support[heads, tails], walked.pairs[tails]
    sure = support >= LEAST_CONFIDENCE * (pairs + PESSIMISM)
    return MinedRules(graph, bodies, heads[sure], tails[sure], support[sure], pairs[sure], bodies.turned(), walked.cut)


def affordable_length(graph: Incidence, most_walks: float = MOST_WALKS) -> int:
    """Give the number of links up to which all walks can be counted, at least one."""
    length = 1
    while length < LONGEST:
        bodies = bodies_up_to(length + 1, graph.relations)
        walks = walks_from(graph, length + 1)
        dear = walks.sum() > most_walks or walks.mean() > MOST_WALKS_AROUND
        if dear or bodies.total * graph.relations > MOST_CELLS:
            break
        length += 1
    return length
