"""Applying rules to questions: for each possible answer, how strongly each class of rules speaks for it.

Five classes: paths of one link, of two, of more; constants about the subject (who was born in Paris speaks French);
constants about the answer (what is a capital is what this country's other links of the kind are). Within a class the
strongest few rules are kept beside their noisy-or, since which aggregation is best differs from graph to graph.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linker.learning.compiled import compiled
from linker.learning.graph import Floats, Integers
from linker.learning.rules.incidence import Incidence, group_of
from linker.learning.rules.mined import LEAST_CONFIDENCE, LEAST_SUPPORT, MOST_WALKS_EACH, PESSIMISM, MinedRules
from linker.learning.rules.walks import is_new, mask_for, slots_for, visited, walks_from

CLASSES = 5
STRONGEST = 3
COLUMNS = STRONGEST + 2
"""Per class: the strongest confidences, the sum of -log(1 - confidence), the number of rules."""
SUBJECT, ANSWER = 3, 4
SUREST = 0.999

Counts = NDArray[np.int64]


class Found(NamedTuple):
    """The best candidates of each question, the likeliest first."""

    answers: NDArray[np.int32]
    """Shape (questions, most); -1 where there are fewer."""
    evidence: Floats
    """Shape (questions, most, CLASSES * COLUMNS)."""


class _Scratch(NamedTuple):
    """Working memory of one question, as large as the graph."""

    evidence: Floats
    touched: Counts
    keys: Counts
    stamps: NDArray[np.int32]
    room: Counts
    counts: Counts
    listed: Counts
    group_of_kind: Counts


def apply_rules(rules: MinedRules, kind: int, subjects: Integers, most: int) -> Found:
    """Find answers to (subject, kind) for distinct subjects; answers that the graph knows already are left out."""
    graph = rules.graph
    answers = np.full((len(subjects), most), -1, np.int32)
    evidence = np.zeros((len(subjects), most, CLASSES * COLUMNS), np.float32)
    confidences = rules.of(kind)
    _apply(
        graph,
        (rules.bodies.offsets, confidences, live_bodies(rules, confidences)),
        kind,
        (subjects, answers, evidence),
        _scratch(rules),
    )
    return Found(answers, evidence)


def live_bodies(rules: MinedRules, confidences: Floats) -> NDArray[np.bool_]:
    """Tell for every body whether a longer rule begins with it."""
    offsets, kinds = rules.bodies.offsets, rules.bodies.kinds
    live = np.zeros(len(confidences), bool)
    for length in range(rules.bodies.longest - 1, 0, -1):
        longer = slice(offsets[length], offsets[length + 1])
        begun = (confidences[longer] > 0) | live[longer]
        live[offsets[length - 1] : offsets[length]] = begun.reshape(-1, kinds).any(axis=1)
    return live


def _scratch(rules: MinedRules) -> _Scratch:
    graph = rules.graph
    room = np.minimum(walks_from(graph, rules.bodies.longest), MOST_WALKS_EACH).astype(np.int64)
    slots = slots_for(int(room.max(initial=1)))
    size = max(graph.groups, graph.entities)
    return _Scratch(
        evidence=np.zeros((graph.entities, CLASSES * COLUMNS), np.float32),
        touched=np.zeros(graph.entities + 1, np.int64),
        keys=slots.keys,
        stamps=slots.stamps,
        room=room,
        counts=np.zeros(size, np.int64),
        listed=np.zeros(size, np.int64),
        group_of_kind=np.full(graph.entities, -1, np.int64),
    )


@compiled
def _apply(
    graph: Incidence,
    paths: tuple[Counts, Floats, NDArray[np.bool_]],
    kind: int,
    asked: tuple[Integers, NDArray[np.int32], Floats],
    scratch: _Scratch,
) -> None:
    subjects, answers, evidence = asked
    touched = scratch.touched  # touched[0] counts; evidence[y, class's last column] > 0 tells that y is listed
    for entity in range(len(graph.starts) - 1):
        scratch.group_of_kind[entity] = group_of(graph, entity, kind)
    known = np.full(len(graph.group_kinds), -1, np.int64)
    memory = (np.zeros(1024, np.int32), np.zeros(1024, np.float32))
    used = 0
    for row in range(len(subjects)):
        subject = subjects[row]
        touched[0] = 0
        _walk_from(graph, subject, paths, row, scratch)
        for link in range(graph.starts[subject], graph.starts[subject + 1]):
            fact = graph.facts[link]
            if known[fact] < 0:
                known[fact] = used
                memory, used = _remember(graph, fact, scratch, memory, used)
            place = known[fact]
            for entry in range(place + 1, place + 1 + memory[0][place]):
                _support(scratch, memory[0][entry], SUBJECT, memory[1][entry])
        _by_answers(graph, subject, kind, scratch)
        _take_best(graph, scratch.group_of_kind[subject], scratch, answers[row], evidence[row])


@compiled
def _walk_from(
    graph: Incidence, start: int, paths: tuple[Counts, Floats, NDArray[np.bool_]], stamp: int, scratch: _Scratch
) -> None:
    """Follow the rules' bodies from a subject; each body counts once for each answer."""
    offsets, confidences, live = paths
    entities, longest, kinds = len(graph.starts) - 1, len(offsets) - 1, 2 * graph.relations
    node, edge, code = np.zeros(longest, np.int64), np.zeros(longest, np.int64), np.zeros(longest, np.int64)
    depth, met, mask = 0, 0, mask_for(scratch.room[start])
    node[0], edge[0] = start, graph.starts[start]
    while depth >= 0:
        if edge[depth] == graph.starts[node[depth] + 1]:
            depth -= 1
            continue
        link = edge[depth]
        edge[depth] += 1
        chain = code[depth] * kinds + graph.kinds[link]
        body = offsets[depth] + chain
        if confidences[body] == 0 and not live[body]:
            continue
        other = graph.others[link]
        if visited(node, depth, other):
            continue
        new = confidences[body] > 0 and is_new((scratch.keys, scratch.stamps), mask, stamp + 1, body * entities + other)
        if new:
            met += 1
            _support(scratch, other, min(depth, 2), confidences[body])
        if met >= scratch.room[start]:
            break
        if live[body]:
            depth += 1
            node[depth], edge[depth], code[depth] = other, graph.starts[other], chain


@compiled
def _remember(
    graph: Incidence, fact: int, scratch: _Scratch, memory: tuple[NDArray[np.int32], Floats], used: int
) -> tuple[tuple[NDArray[np.int32], Floats], int]:
    """Count what the entities of which a fact is true are linked to; keep those links that it makes likely."""
    first, last = graph.group_starts[fact], graph.group_starts[fact + 1]
    listed = 0
    for member in graph.others[first:last]:
        group = scratch.group_of_kind[member]
        if group < 0:
            continue
        for answer in graph.others[graph.group_starts[group] : graph.group_starts[group + 1]]:
            if scratch.counts[answer] == 0:
                scratch.listed[listed] = answer
                listed += 1
            scratch.counts[answer] += 1
    entries, confidences = memory
    if used + listed + 1 > len(entries):
        entries = np.concatenate((entries, np.zeros(len(entries) + listed + 1, np.int32)))
        confidences = np.concatenate((confidences, np.zeros(len(confidences) + listed + 1, np.float32)))
    place = used
    used += 1
    for answer in scratch.listed[:listed]:
        confidence = scratch.counts[answer] / (last - first + PESSIMISM)
        if scratch.counts[answer] >= LEAST_SUPPORT and confidence >= LEAST_CONFIDENCE:
            entries[used], confidences[used] = answer, confidence
            used += 1
        scratch.counts[answer] = 0
    entries[place] = used - place - 1
    return (entries, confidences), used


@compiled
def _by_answers(graph: Incidence, subject: int, kind: int, scratch: _Scratch) -> None:
    """Count what is true of the answers that are known, and support whatever else it is true of."""
    group = scratch.group_of_kind[subject]
    if group < 0:
        return
    listed = 0
    for answer in graph.others[graph.group_starts[group] : graph.group_starts[group + 1]]:
        for link in range(graph.starts[answer], graph.starts[answer + 1]):
            fact = graph.facts[link]
            if scratch.counts[fact] == 0:
                scratch.listed[listed] = fact
                listed += 1
            scratch.counts[fact] += 1
    for fact in scratch.listed[:listed]:
        first, last = graph.group_starts[fact], graph.group_starts[fact + 1]
        confidence = scratch.counts[fact] / (last - first + PESSIMISM)
        if fact != group and scratch.counts[fact] >= LEAST_SUPPORT and confidence >= LEAST_CONFIDENCE:
            for member in graph.others[first:last]:
                _support(scratch, member, ANSWER, confidence)
        scratch.counts[fact] = 0


@compiled
def _support(scratch: _Scratch, answer: int, of_class: int, confidence: float) -> None:
    """Note that one more rule speaks for an answer."""
    own = scratch.evidence[answer]
    fresh = True
    for each in range(CLASSES):
        fresh = fresh and own[each * COLUMNS + COLUMNS - 1] == 0
    if fresh:
        scratch.touched[0] += 1
        scratch.touched[scratch.touched[0]] = answer
    base = of_class * COLUMNS
    own[base + STRONGEST] += _weight(confidence)
    own[base + COLUMNS - 1] += 1
    place = base + STRONGEST - 1
    if confidence <= own[place]:
        return
    while place > base and own[place - 1] < confidence:
        own[place] = own[place - 1]
        place -= 1
    own[place] = confidence


@compiled
def _take_best(graph: Incidence, group: int, scratch: _Scratch, answers: NDArray[np.int32], evidence: Floats) -> None:
    """Write the candidates with the most evidence, and forget all others."""
    if group >= 0:
        for answer in graph.others[graph.group_starts[group] : graph.group_starts[group + 1]]:
            scratch.evidence[answer] = 0
    count = scratch.touched[0]
    listed = scratch.touched[1 : count + 1]
    belief = np.zeros(count, np.float32)
    for place in range(count):
        belief[place] = _belief(scratch.evidence[listed[place]])
    best = np.argsort(-belief, kind="mergesort")[: len(answers)]
    for place in range(len(best)):
        if belief[best[place]] > 0:
            answers[place] = listed[best[place]]
            evidence[place] = scratch.evidence[listed[best[place]]]
    for answer in listed:
        scratch.evidence[answer] = 0


@compiled
def beliefs(evidence: Floats) -> Floats:
    """Give what the strongest rules of all classes say together, for rows of evidence; 0 where no rule speaks."""
    found = np.zeros(len(evidence), np.float32)
    for row in range(len(evidence)):
        found[row] = _belief(evidence[row])
    return found


@compiled
def _belief(own: Floats) -> float:
    """Join the strongest few rules of every class by noisy-or."""
    total = 0.0
    for each in range(CLASSES):
        for place in range(each * COLUMNS, each * COLUMNS + STRONGEST):
            total += _weight(own[place])
    return total


@compiled
def _weight(confidence: float) -> float:
    """Give -log(1 - confidence): weights add where rules are joined by noisy-or."""
    weight: float = -np.log(1 - min(confidence, SUREST))
    return weight
