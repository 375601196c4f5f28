"""What every model is kept from: the same links and answers each time, so that models can be compared on them."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linker.learning.encoder.settings import Training
from linker.learning.graph import Integers, KnowledgeGraph, row_keys

ANSWERS_SHARE = 0.2
Keys = NDArray[np.uint64]
_MULTIPLIERS = tuple(np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@dataclass(frozen=True)
class Answered:
    """Links that people accepted or rejected, by number, shape (links, 3)."""

    accepted: Integers
    denied: Integers


@dataclass(frozen=True)
class Material:
    """What there is to learn from, and what is kept back."""

    graph: KnowledgeGraph
    """Everything that is known, accepted links included."""
    taught: Answered
    answers: Answered
    """Answers kept back: the model must foresee them."""
    links: Integers
    """Links kept back, for stopping early, for the ranker, and for calibration."""

    @cached_property
    def seen(self) -> KnowledgeGraph:
        """Give the graph without what is kept back."""
        hidden = row_keys(np.concatenate([self.links, self.answers.accepted]), self.graph)
        every = self.graph.triples
        return self.graph.with_triples(every[~np.isin(row_keys(every, self.graph), hidden)])


def kept_back(graph: KnowledgeGraph, answered: Answered, training: Training) -> Material:
    """Draw links and answers by their names, whatever else the graph holds; links that people accepted teach."""
    free = graph.triples[~np.isin(row_keys(graph.triples, graph), row_keys(answered.accepted, graph))]
    share = min(training.held_out_share, training.held_out_at_most / max(len(free), 1))
    names = _Names.of(graph)
    chosen = [_drawn(names, triples, ANSWERS_SHARE) for triples in (answered.accepted, answered.denied)]
    return Material(
        graph=graph,
        taught=Answered(answered.accepted[~chosen[0]], answered.denied[~chosen[1]]),
        answers=Answered(answered.accepted[chosen[0]], answered.denied[chosen[1]]),
        links=free[_drawn(names, free, share)],
    )


def link_keys(graph: KnowledgeGraph, triples: Integers) -> Keys:
    """Give numbers that follow from the names alone, so that links of two graphs can be compared, shape (links,)."""
    return _Names.of(graph).keys(triples)


class _Names(NamedTuple):
    """The hashes of a graph's names."""

    entities: Keys
    relations: Keys

    @classmethod
    def of(cls, graph: KnowledgeGraph) -> "_Names":
        return cls(_hashed(graph.entities.to_pylist()), _hashed(graph.relation_names))

    def keys(self, triples: Integers) -> Keys:
        heads, kinds, tails = triples.T
        parts = (self.entities[heads], self.relations[kinds], self.entities[tails])
        # Unsigned numbers wrap, which is what mixing wants.
        mixed = np.zeros(len(triples), np.uint64)
        for part, multiplier in zip(parts, _MULTIPLIERS, strict=True):
            mixed = (mixed ^ part) * multiplier
            mixed ^= mixed >> np.uint64(31)
        return mixed


def _drawn(names: _Names, triples: Integers, share: float) -> NDArray[np.bool_]:
    drawn: NDArray[np.bool_] = names.keys(triples) < np.uint64(min(share, 1.0) * float(2**64 - 2**12))
    return drawn


def _hashed(names: list[str] | tuple[str, ...]) -> Keys:
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.frombuffer(digests, np.uint64)
