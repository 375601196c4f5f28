"""Which links a question reads: those on paths from its subject to its candidates, layer by layer.

A state after l rounds matters only where a path of l links leads from the subject and one of at most `layers` - l
leads on to a candidate. What lies outside this double cone is neither read nor computed, without changing a score.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from linker.learning.graph import Integers
from linker.learning.path_network import walking
from linker.learning.path_network.adjacency import Adjacency, Numbers, inverse


@dataclass(frozen=True)
class Question:
    """Which of the candidates follow from a subject by a relation?"""

    subject: int
    relation: int
    hidden: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    """Answers whose direct links with the subject must not be read."""
    all_direct: bool = True
    """Hide all direct links, or only those of the asked relation."""


@dataclass(frozen=True)
class Layer:
    """One round of messages; row i receives from senders[starts[i]:starts[i + 1]], rows of the layer below."""

    starts: Integers
    senders: Numbers
    kinds: Numbers
    """Relation of each message, as a row of the table of all questions' relations."""
    own: Integers
    """Each row's own row in the layer below, -1 where it had no state yet."""


@dataclass(frozen=True)
class Cone:
    """The rounds that lead from one subject to its candidates, first round first."""

    rooted: bool
    """False where no path leads to any candidate."""
    layers: tuple[Layer, ...]
    rows: Integers
    """Each candidate's row after the last round, -1 where no path leads to it."""


class Reach:
    """The entities that paths from a question's subject reach, with the links that it must not read hidden."""

    def __init__(self, adjacency: Adjacency, question: Question, hops: int) -> None:
        self.adjacency, self.question = adjacency, question
        self.hidden = np.zeros(adjacency.entities, np.bool_)
        self.hidden[question.hidden] = True
        self.rule = _rule(question, adjacency.relations)
        self.distance: NDArray[np.uint8] = np.full(adjacency.entities, walking.FAR, np.uint8)
        queue = np.empty(adjacency.entities, np.int32)
        count = walking.reach(self._links(), self.rule, self.hidden, hops, self.distance, queue)
        self.entities: Numbers = queue[:count]

    def cone(self, candidates: Integers, layers: int, kept: float = 1.0, seed: int = 0) -> Cone:
        """Gather the rounds that lead to the candidates.

        `kept` is the share of links that is read; which ones follows from `seed`.
        """
        rounds, receivers = [], candidates.astype(np.int32)
        for layer in reversed(range(layers)):
            chance = np.array([seed * layers + layer, int(kept * walking.CERTAIN)], np.int64)
            found, receivers = self._round(receivers, layer, chance)
            rounds.append(found)
        last, rows = _reached(rounds[0])
        return Cone(len(receivers) > 0, (*reversed(rounds[1:]), last), rows)

    def _round(self, receivers: Numbers, farthest: int, chance: Integers) -> tuple[Layer, Numbers]:
        """Gather the messages from at most `farthest` links away, from the side with fewer links to look at."""
        senders = self.entities[self.distance[self.entities] <= farthest]
        here, there = self._links_of(receivers), self._links_of(senders)
        links, seen = self._links(), (self.rule, self.hidden, self.distance)
        found = Layer(
            starts=np.zeros(len(receivers) + 1, np.int64),
            senders=np.empty(min(here, there), np.int32),
            kinds=np.empty(min(here, there), np.int32),
            own=np.empty(len(receivers), np.int64),
        )
        below = np.empty(self.adjacency.entities, np.int32)
        outputs = (found.starts, found.senders, found.kinds, found.own, below)
        if here <= there:
            count = walking.incoming(links, seen, chance, farthest, receivers, outputs)
        else:
            wider = (*links, self.adjacency.relations, senders)
            count = walking.outgoing(wider, seen, chance, farthest, receivers, outputs)
        used = int(found.starts[-1])
        return Layer(found.starts, found.senders[:used], found.kinds[:used], found.own), below[:count]

    def _links_of(self, entities: Numbers) -> int:
        starts = self.adjacency.starts
        return int((starts[entities + 1] - starts[entities]).sum())

    def _links(self) -> tuple[Integers, Numbers, Numbers]:
        return self.adjacency.starts, self.adjacency.senders, self.adjacency.kinds


def _reached(layer: Layer) -> tuple[Layer, Integers]:
    """Leave out receivers that have neither a state nor a message; give also the place of each of the others."""
    alive = (layer.own >= 0) | (layer.starts[1:] > layer.starts[:-1])
    starts = np.concatenate([layer.starts[:1], layer.starts[1:][alive]])
    rows = np.where(alive, np.cumsum(alive) - 1, -1)
    return Layer(starts, layer.senders, layer.kinds, layer.own[alive]), rows


def _rule(question: Question, relations: int) -> Integers:
    """Give subject, and the hidden relation from it and to it; -1 means every relation."""
    if question.all_direct:
        return np.array([question.subject, -1, -1], np.int64)
    return np.array([question.subject, question.relation, inverse(question.relation, relations)], np.int64)
