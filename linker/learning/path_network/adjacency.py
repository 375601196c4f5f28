"""Links in both directions by receiver, and what each relation leads to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linker.learning.graph import Floats, Integers

Numbers = NDArray[np.int32]


def both_ways(triples: Integers, relations: int) -> Integers:
    """Add each link's inverse; the inverse of relation r has the number r + `relations`. Shape (2 links, 3)."""
    heads, kinds, tails = triples.T
    return np.concatenate([triples, np.stack([tails, kinds + relations, heads], axis=1)])


def inverse(relation: int, relations: int) -> int:
    """Give the number of the opposite direction."""
    return relation - relations if relation >= relations else relation + relations


@dataclass(frozen=True)
class Adjacency:
    """Links into entity v are those from starts[v] to starts[v + 1]: senders[i] -kinds[i]-> v."""

    starts: Integers
    senders: Numbers
    kinds: Numbers
    relations: int
    """Relations without their inverses."""

    @classmethod
    def of(cls, triples: Integers, *, entities: int, relations: int) -> "Adjacency":
        """Sort links, shape (links, 3), and their inverses by receiver."""
        every = both_ways(triples, relations)
        order = np.lexsort((every[:, 1], every[:, 0], every[:, 2]))
        senders, kinds, receivers = every[order].T
        return cls(
            starts=np.searchsorted(receivers, np.arange(entities + 1)).astype(np.int64),
            senders=senders.astype(np.int32),
            kinds=kinds.astype(np.int32),
            relations=relations,
        )

    @property
    def entities(self) -> int:
        """Count the entities."""
        return len(self.starts) - 1

    @property
    def degrees(self) -> Integers:
        """Count each entity's links."""
        return np.diff(self.starts)


@dataclass(frozen=True)
class Ranges:
    """The entities that each relation, either way, leads to, and how many of its links lead there."""

    starts: Integers
    members: Integers
    counts: Floats
    entities: int

    @classmethod
    def of(cls, triples: Integers, *, entities: int, relations: int) -> "Ranges":
        """Count the links of each pair of relation and receiver."""
        every = both_ways(triples, relations)
        keys, counts = np.unique(every[:, 1] * entities + every[:, 2], return_counts=True)
        starts = np.searchsorted(keys, np.arange(2 * relations + 1) * entities)
        return cls(starts, keys % entities, counts.astype(np.float32), entities)

    def members_of(self, relation: int) -> Integers:
        """Give the entities that a relation leads to, ascending."""
        return self.members[self.starts[relation] : self.starts[relation + 1]]

    def counts_of(self, relation: int) -> Floats:
        """Count a relation's links into each entity, shape (entities,)."""
        counts = np.zeros(self.entities, np.float32)
        counts[self.members_of(relation)] = self.counts[self.starts[relation] : self.starts[relation + 1]]
        return counts
