"""Why a link is believed: the rules that speak for it, with the walk or the facts that each rests on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linker.learning.compiled import compiled
from linker.learning.graph import Floats, Integers
from linker.learning.rules.evidence import live_bodies
from linker.learning.rules.incidence import Incidence, group_of
from linker.learning.rules.mined import LEAST_CONFIDENCE, LEAST_SUPPORT, PESSIMISM, MinedRules
from linker.learning.rules.walks import visited

MOST_WALKS = 2_000


@dataclass(frozen=True, slots=True)
class Support:
    """One rule that speaks for a link."""

    confidence: float
    entities: tuple[int, ...]
    """The walk from subject to answer; for constants (what the fact is about, its other end)."""
    kinds: tuple[int, ...]
    """The relations of the walk; for constants the fact's relation alone."""
    by: str
    """"path", "subject" (a fact about the subject) or "answer" (a fact about the answer)."""


def explain(rules: MinedRules, subject: int, kind: int, answer: int, most: int = 3) -> list[Support]:
    """Give the rules that speak for (subject, kind, answer), the surest first, one walk for each rule."""
    found = [*_paths(rules, subject, kind, answer), *_about_subject(rules.graph, subject, kind, answer)]
    found += _about_answer(rules.graph, subject, kind, answer)
    return sorted(found, key=lambda each: (-each.confidence, len(each.kinds), each.entities))[:most]


def _paths(rules: MinedRules, subject: int, kind: int, answer: int) -> list[Support]:
    confidences = rules.of(kind)
    paths = (rules.bodies.offsets, confidences, live_bodies(rules, confidences))
    bodies, nodes = _walks_to(rules.graph, subject, answer, paths, MOST_WALKS)
    _, first = np.unique(bodies, return_index=True)
    return [
        Support(
            float(confidences[bodies[place]]),
            tuple(int(node) for node in nodes[place] if node >= 0),
            tuple(rules.bodies.chain(int(bodies[place]))),
            "path",
        )
        for place in first
    ]


def _about_subject(graph: Incidence, subject: int, kind: int, answer: int) -> list[Support]:
    """Find facts about the subject that make the answer likely."""
    turned = graph.turned(kind)
    return [
        Support(confidence, (subject, int(graph.others[link])), (int(graph.kinds[link]),), "subject")
        for link, confidence in _shared(graph, subject, _members(graph, answer, turned))
    ]


def _about_answer(graph: Incidence, subject: int, kind: int, answer: int) -> list[Support]:
    """Find facts about the answer that make it likely to be one of this subject's."""
    return [
        Support(confidence, (answer, int(graph.others[link])), (int(graph.kinds[link]),), "answer")
        for link, confidence in _shared(graph, answer, _members(graph, subject, kind))
    ]


def _shared(graph: Incidence, entity: int, like: NDArray[np.int32]) -> list[tuple[int, float]]:
    """Give an entity's links that `like` entities share, with the share of all that have them that are among these."""
    found = []
    for link in range(int(graph.starts[entity]), int(graph.starts[entity + 1])):
        fact = int(graph.facts[link])
        members = graph.others[graph.group_starts[fact] : graph.group_starts[fact + 1]]
        shared = len(np.intersect1d(members, like, assume_unique=True))
        confidence = shared / (len(members) + PESSIMISM)
        if shared >= LEAST_SUPPORT and confidence >= LEAST_CONFIDENCE:
            found.append((link, confidence))
    return found


def _members(graph: Incidence, entity: int, kind: int) -> NDArray[np.int32]:
    group = group_of(graph, entity, kind)
    if group < 0:
        return np.zeros(0, np.int32)
    return graph.others[graph.group_starts[group] : graph.group_starts[group + 1]]


@compiled
def _walks_to(
    graph: Incidence,
    start: int,
    target: int,
    paths: tuple[Integers, Floats, NDArray[np.bool_]],
    most: int,
) -> tuple[Integers, Integers]:
    """List (body, entities) of walks that end at the target and are bodies of rules."""
    offsets, confidences, live = paths
    longest, kinds = len(offsets) - 1, 2 * graph.relations
    bodies, nodes = np.zeros(most, np.int64), np.full((most, longest + 1), -1, np.int64)
    node, edge, code = np.zeros(longest, np.int64), np.zeros(longest, np.int64), np.zeros(longest, np.int64)
    depth, met = 0, 0
    node[0], edge[0] = start, graph.starts[start]
    while depth >= 0 and met < most:
        if edge[depth] == graph.starts[node[depth] + 1]:
            depth -= 1
            continue
        link = edge[depth]
        edge[depth] += 1
        chain = code[depth] * kinds + graph.kinds[link]
        body, other = offsets[depth] + chain, graph.others[link]
        if visited(node, depth, other):
            continue
        if other == target:
            if confidences[body] > 0:
                bodies[met] = body
                nodes[met, : depth + 1], nodes[met, depth + 1] = node[: depth + 1], other
                met += 1
        elif live[body]:
            depth += 1
            node[depth], edge[depth], code[depth] = other, graph.starts[other], chain
    return bodies[:met], nodes[:met]
