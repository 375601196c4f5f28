"""Compiled walks over the links: distances from a subject, and the links that lead into given entities."""

from typing import Any

import numpy as np

from linker.learning.compiled import compiled

FAR = 255
"""Distance of what is not reached."""
CERTAIN = 1 << 20
"""Chance of a link that is always read."""


@compiled
def hidden_link(rule: Any, hidden: Any, sender: int, kind: int, receiver: int) -> bool:
    """Tell whether a link joins the subject and a hidden answer by a hidden relation."""
    subject, forth, back = rule[0], rule[1], rule[2]
    if sender == subject and hidden[receiver]:
        return bool(forth < 0 or kind == forth)
    if receiver == subject and hidden[sender]:
        return bool(back < 0 or kind == back)
    return False


@compiled
def reach(links: Any, rule: Any, hidden: Any, hops: int, distance: Any, queue: Any) -> int:
    """Fill distances up to `hops` and the queue of entities reached, nearest first; gives how many."""
    starts, senders, kinds = links
    queue[0] = rule[0]
    distance[rule[0]] = 0
    first, last = 0, 1
    while first < last and distance[queue[first]] < hops:
        entity = queue[first]
        first += 1
        for link in range(starts[entity], starts[entity + 1]):
            other = senders[link]
            # A link and its inverse are hidden together, so that the incoming ones tell the outgoing ones.
            if distance[other] == FAR and not hidden_link(rule, hidden, other, kinds[link], entity):
                distance[other] = distance[entity] + 1
                queue[last] = other
                last += 1
    return last


@compiled
def inverse_of(kind: int, relations: int) -> int:
    """Give the number of the opposite direction."""
    return kind - relations if kind >= relations else kind + relations


@compiled
def dropped(chance: Any, link: int) -> bool:
    """Tell whether a link is left out this time, by a hash of its number and the seed."""
    mixed = np.uint64(link) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(chance[0]) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x94D049BB133111EB)
    return bool(np.int64(mixed >> np.uint64(44)) >= chance[1])


@compiled
def incoming(links: Any, seen: Any, chance: Any, farthest: int, receivers: Any, outputs: Any) -> int:
    """Gather the messages into `receivers` from entities at most `farthest` from the subject.

    `outputs` are arrays to fill: starts, senders (as rows below), kinds, own rows below, and the entities below.
    Gives how many entities lie below.
    """
    starts, senders, kinds = links
    rule, hidden, distance = seen
    begins, rows, relations, own, below = outputs
    place = np.full(len(distance), -1, np.int32)
    count, lower = 0, 0
    for number in range(len(receivers)):
        entity = receivers[number]
        own[number] = -1
        if distance[entity] <= farthest:
            if place[entity] < 0:
                place[entity] = lower
                below[lower] = entity
                lower += 1
            own[number] = place[entity]
        for link in range(starts[entity], starts[entity + 1]):
            other, kind = senders[link], kinds[link]
            if distance[other] > farthest or hidden_link(rule, hidden, other, kind, entity):
                continue
            if chance[1] < CERTAIN and dropped(chance, link):
                continue
            if place[other] < 0:
                place[other] = lower
                below[lower] = other
                lower += 1
            rows[count] = place[other]
            relations[count] = kind
            count += 1
        begins[number + 1] = count
    return lower


@compiled
def outgoing(links: Any, seen: Any, chance: Any, farthest: int, receivers: Any, outputs: Any) -> int:
    """Gather what `incoming` gathers from the senders' side: less to look at where few entities are near the subject.

    `links` are starts, senders and kinds, the number of relations, and the entities reached, nearest first.
    """
    starts, senders, kinds, relations, reached = links
    rule, hidden, distance = seen
    begins, rows, vectors, own, below = outputs
    row, place = np.full(len(distance), -1, np.int32), np.full(len(distance), -1, np.int32)
    lower = 0
    for number in range(len(receivers)):
        entity = receivers[number]
        row[entity] = number
        own[number] = -1
        if distance[entity] <= farthest:
            place[entity], below[lower], own[number] = lower, entity, lower
            lower += 1
    for filling in range(2):
        for entity in reached:
            if distance[entity] > farthest:
                break
            for link in range(starts[entity], starts[entity + 1]):
                receiver = row[senders[link]]
                if receiver < 0 or (chance[1] < CERTAIN and dropped(chance, link)):
                    continue
                kind = inverse_of(kinds[link], relations)
                if hidden_link(rule, hidden, entity, kind, senders[link]):
                    continue
                if filling == 0:
                    begins[receiver + 1] += 1
                    continue
                if place[entity] < 0:
                    place[entity], below[lower] = lower, entity
                    lower += 1
                rows[begins[receiver]], vectors[begins[receiver]] = place[entity], kind
                begins[receiver] += 1
        if filling == 0:
            begins[:] = np.cumsum(begins)
    # Filling moved each start to its end, which is the next one's start.
    begins[1:] = begins[:-1].copy()
    begins[0] = 0
    return lower
