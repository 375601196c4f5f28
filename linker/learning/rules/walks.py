"""Counting the walks of a graph: how many pairs each chain of relations connects, and which links lie beside them.

The chains are the bodies of path rules as AnyBURL has them (Meilicke et al., "Anytime Bottom-Up Rule Learning for
Knowledge Graph Completion", 2019), but counted over the whole graph instead of sampled. The entities of a walk are
distinct: otherwise a link would be explained by itself.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linker.learning.compiled import compiled
from linker.learning.rules.incidence import Incidence

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class Bodies(NamedTuple):
    """All chains of up to `longest` relations by number: those of one link first, then of two, and so on."""

    offsets: NDArray[np.int64]
    """Number of the first body of each length, shape (longest + 1,); the last is the number of bodies."""
    kinds: int
    """Relations in both directions."""

    @property
    def total(self) -> int:
        """Count the bodies."""
        return int(self.offsets[-1])

    @property
    def longest(self) -> int:
        """Give the greatest number of links."""
        return len(self.offsets) - 1

    def chain(self, body: int) -> list[int]:
        """Give a body's relations in the order of the walk."""
        length = int(np.searchsorted(self.offsets, body, "right"))
        code, kinds = body - int(self.offsets[length - 1]), []
        for _ in range(length):
            code, kind = divmod(code, self.kinds)
            kinds.append(kind)
        return kinds[::-1]

    def turned(self) -> NDArray[np.int64]:
        """Give for every body the one that walks the same way back."""
        half, parts = self.kinds // 2, []
        for length in range(1, self.longest + 1):
            code = np.arange(self.kinds**length)
            back = np.zeros_like(code)
            for _ in range(length):
                code, kind = np.divmod(code, self.kinds)
                back = back * self.kinds + (kind + half) % self.kinds
            parts.append(back + self.offsets[length - 1])
        return np.concatenate(parts)


def bodies_up_to(longest: int, relations: int) -> Bodies:
    """Number the chains of up to `longest` of so many relations, in both directions."""
    sizes = [(2 * relations) ** length for length in range(1, longest + 1)]
    return Bodies(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), 2 * relations)


class Walked(NamedTuple):
    """What was counted."""

    pairs: NDArray[np.int32]
    """For every body the pairs of entities that it connects."""
    support: NDArray[np.int32]
    """For every relation and body the pairs that are linked too, shape (relations, bodies)."""
    cut: int
    """Entities around which not all walks were counted."""


def walk(graph: Incidence, bodies: Bodies, most_walks: int) -> Walked:
    """Count all walks, or the first `most_walks` distinct ones of an entity that has more."""
    pairs = np.zeros(bodies.total, np.int32)
    support = np.zeros((graph.relations, bodies.total), np.int32)
    room = np.minimum(walks_from(graph, bodies.longest), most_walks).astype(np.int64)
    slots = slots_for(int(room.max(initial=1)))
    cut = _walk(graph, bodies.offsets, room, (pairs, support), (slots.keys, slots.stamps))
    return Walked(pairs, support, int(cut))


def walks_from(graph: Incidence, longest: int) -> NDArray[np.float64]:
    """Count the walks of up to `longest` links from every entity, those that come back included."""
    ahead, total = np.ones(graph.entities), np.zeros(graph.entities)
    for _ in range(longest):
        summed = np.concatenate([[0.0], np.cumsum(ahead[graph.others])])
        ahead = summed[graph.starts[1:]] - summed[graph.starts[:-1]]
        total += ahead
    return total


class Slots(NamedTuple):
    """An open hash table that is emptied by raising its stamp."""

    keys: NDArray[np.int64]
    stamps: NDArray[np.int32]


def slots_for(most: int) -> Slots:
    """Make room for so many keys."""
    size = 1 << int(2 * most).bit_length()
    return Slots(np.zeros(size, np.int64), np.zeros(size, np.int32))


@compiled
def mask_for(most: int) -> int:
    """Give the part of the slots that so many keys need: a small part stays in the processor's cache."""
    size = 2
    while size < 2 * most:
        size *= 2
    return size - 1


@compiled
def is_new(slots: tuple[NDArray[np.int64], NDArray[np.int32]], mask: int, stamp: int, key: int) -> bool:
    """Insert a key; tell whether it was not there under this stamp."""
    keys, stamps = slots
    mixed = np.uint64(key) * _MULTIPLIER
    place = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(mask))
    while stamps[place] == stamp:
        if keys[place] == key:
            return False
        place = (place + 1) & mask
    stamps[place], keys[place] = stamp, key
    return True


@compiled
def _walk(
    graph: Incidence,
    offsets: NDArray[np.int64],
    room: NDArray[np.int64],
    counted: tuple[NDArray[np.int32], NDArray[np.int32]],
    slots: tuple[NDArray[np.int64], NDArray[np.int32]],
) -> int:
    pairs, support = counted
    entities, longest, kinds = len(graph.starts) - 1, len(offsets) - 1, 2 * graph.relations
    first_link = np.full(entities, -1, np.int64)
    next_link = np.full(len(graph.kinds), -1, np.int64)
    node, edge, code = np.zeros(longest, np.int64), np.zeros(longest, np.int64), np.zeros(longest, np.int64)
    cut = 0
    for start in range(entities):
        own = range(graph.starts[start], graph.starts[start + 1])
        for link in own:
            if graph.kinds[link] < graph.relations:
                next_link[link], first_link[graph.others[link]] = first_link[graph.others[link]], link
        depth, met, mask = 0, 0, mask_for(room[start])
        node[0], edge[0], code[0] = start, graph.starts[start], 0
        while depth >= 0:
            if edge[depth] == graph.starts[node[depth] + 1]:
                depth -= 1
                continue
            link = edge[depth]
            edge[depth] += 1
            other = graph.others[link]
            if visited(node, depth, other):
                continue
            chain = code[depth] * kinds + graph.kinds[link]
            body = offsets[depth] + chain
            if is_new(slots, mask, start + 1, body * entities + other):
                met += 1
                if met > room[start]:
                    cut += 1
                    break
                pairs[body] += 1
                beside = first_link[other]
                while beside >= 0:
                    support[graph.kinds[beside], body] += 1
                    beside = next_link[beside]
            if depth + 1 < longest:
                depth += 1
                node[depth], edge[depth], code[depth] = other, graph.starts[other], chain
        for link in own:
            first_link[graph.others[link]] = -1
    return cut


@compiled
def visited(node: NDArray[np.int64], depth: int, other: int) -> bool:
    """Tell whether a walk of `depth` links has been at an entity."""
    for level in range(depth + 1):  # noqa: SIM110 - a compiled function knows no generators
        if node[level] == other:
            return True
    return False
