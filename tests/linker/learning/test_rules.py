"""Rules: walks are counted exactly, planted rules are found, and nothing explains itself."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linker.learning.graph import Integers, build_graph, unique_rows
from linker.learning.rules.alone import RulesAlone, believed
from linker.learning.rules.evidence import ANSWER, CLASSES, COLUMNS, STRONGEST, SUBJECT, SUREST, apply_rules
from linker.learning.rules.explaining import explain
from linker.learning.rules.incidence import group_of, incidence_of
from linker.learning.rules.mined import PESSIMISM, affordable_length, mine
from linker.learning.rules.walks import bodies_up_to, walk
from linker.learning.rules.wording import worded

ENTITIES, RELATIONS = 7, 2
LIVES, WORKS, LIES = 0, 1, 2


def _links(rows: list[tuple[int, int, int]]) -> Integers:
    return unique_rows(np.array(rows, np.int64).reshape(-1, 3))


random_links = st.lists(
    st.tuples(st.integers(0, ENTITIES - 1), st.integers(0, RELATIONS - 1), st.integers(0, ENTITIES - 1)),
    min_size=1,
    max_size=25,
).map(_links)


def _counted_by_hand(
    links: Integers, longest: int
) -> tuple[dict[tuple[int, ...], set[tuple[int, int]]], set[tuple[int, int, int]]]:
    both = [(h, r, t) for h, r, t in links.tolist()] + [(t, r + RELATIONS, h) for h, r, t in links.tolist()]
    bodies: dict[tuple[int, ...], set[tuple[int, int]]] = {}
    walks = [((start,), ()) for start in range(ENTITIES)]
    for _ in range(longest):
        walks = [
            ((*nodes, other), (*kinds, kind))
            for nodes, kinds in walks
            for subject, kind, other in both
            if subject == nodes[-1] and other not in nodes
        ]
        for nodes, kinds in walks:
            bodies.setdefault(kinds, set()).add((nodes[0], nodes[-1]))
    return bodies, {(h, r, t) for h, r, t in links.tolist()}


@given(random_links)
@settings(max_examples=60, deadline=None)
def test_walks_are_counted_as_by_hand(links: Integers) -> None:
    graph = incidence_of(links, entities=ENTITIES, relations=RELATIONS)
    bodies = bodies_up_to(3, RELATIONS)
    walked = walk(graph, bodies, 10_000)
    expected, linked = _counted_by_hand(links, 3)
    for body in range(bodies.total):
        pairs = expected.get(tuple(bodies.chain(body)), set())
        assert walked.pairs[body] == len(pairs)
        for relation in range(RELATIONS):
            assert walked.support[relation, body] == sum((h, relation, t) in linked for h, t in pairs)
    assert walked.cut == 0


@given(random_links)
@settings(max_examples=40, deadline=None)
def test_a_body_walked_back_connects_as_many_pairs(links: Integers) -> None:
    bodies = bodies_up_to(3, RELATIONS)
    walked = walk(incidence_of(links, entities=ENTITIES, relations=RELATIONS), bodies, 10_000)
    turned = bodies.turned()
    assert (walked.pairs[turned] == walked.pairs).all()
    assert (turned[turned] == np.arange(bodies.total)).all()


def test_walks_beyond_the_limit_are_cut_and_counted_as_cut() -> None:
    links = _links([(0, 0, other) for other in range(1, 6)])
    graph = incidence_of(links, entities=ENTITIES, relations=RELATIONS)
    assert walk(graph, bodies_up_to(2, RELATIONS), 2).cut > 0


def _town() -> Integers:
    """People 0-19 work in offices 20-23, offices lie in cities 24-25; who works in a city lives there."""
    rows = []
    for person in range(20):
        office = 20 + person % 4
        rows += [(person, WORKS, office), (person, LIVES, 24 + office % 2)]
    rows += [(office, LIES, 24 + office % 2) for office in range(20, 24)]
    return _links([row for row in rows if row[:2] != (3, LIVES)])


def test_a_planted_path_is_found_with_its_confidence() -> None:
    rules = mine(_town(), entities=26, relations=3, longest=2)
    body = int(rules.bodies.offsets[1]) + WORKS * 6 + LIES
    assert rules.of(LIVES)[body] == pytest.approx(19 / (20 + PESSIMISM))
    back = int(rules.turned[body])
    assert rules.of(LIVES + 3)[back] == rules.of(LIVES)[body]


def test_a_link_is_no_reason_for_itself() -> None:
    rules = mine(_town(), entities=26, relations=3, longest=2)
    assert all(rules.of(kind)[kind] == 0 for kind in range(6))


def test_the_missing_link_is_the_best_answer_and_is_explained_by_the_path() -> None:
    rules = mine(_town(), entities=26, relations=3)
    found = apply_rules(rules, LIVES, np.array([3]), 5)
    assert found.answers[0, 0] == 25
    best = explain(rules, 3, LIVES, 25)[0]
    assert (best.by, best.kinds, best.entities) == ("path", (WORKS, LIES), (3, 23, 25))


def test_rules_are_told_with_labels_and_shares() -> None:
    names = [f"thing/{number}" for number in range(26)]
    labels = [f"Person {n}" for n in range(20)] + [f"Office {n}" for n in range(20, 24)] + ["Norda", "Kelvin"]
    entities = pa.table({"iri": names, "type": [""] * 26, "label": labels})
    rows = _town()
    relations = ["lives", "works", "zone"]
    links = pa.table(
        {
            "subject": [names[h] for h in rows[:, 0]],
            "predicate": [relations[r] for r in rows[:, 1]],
            "object": [names[t] for t in rows[:, 2]],
        }
    )
    graph = build_graph(links, entities)
    place = {iri: number for number, iri in enumerate(graph.entities.to_pylist())}
    rules = mine(graph.triples, entities=26, relations=3)
    told = [worded(each, graph) for each in explain(rules, place["thing/3"], LIVES, place["thing/25"], most=5)]
    assert told[0] == "Person 3 -works-> Office 23 -zone-> Kelvin; this way leads to a link 76% of the time"
    assert "Person 3 -works-> Office 23; what this is true of has the link 40% of the time" in told


def test_what_is_known_is_no_candidate() -> None:
    links = _town()
    rules = mine(links, entities=26, relations=3)
    known = {(h, t) for h, r, t in links.tolist() if r == LIVES}
    people = np.arange(20)
    found = apply_rules(rules, LIVES, people, 10).answers
    assert not {(p, int(a)) for p, row in zip(people, found, strict=True) for a in row if a >= 0} & known


def test_constants_speak_from_both_sides() -> None:
    rules = mine(_town(), entities=26, relations=3, longest=1)
    found = apply_rules(rules, LIVES, np.array([3]), 5)
    place = int(np.flatnonzero(found.answers[0] == 25)[0])
    colleagues = 4  # of the five who work in office 23, all but person 3 are known to live in city 25
    assert found.evidence[0, place, SUBJECT * COLUMNS] == pytest.approx(colleagues / (5 + PESSIMISM))
    backwards = apply_rules(rules, LIVES + 3, np.array([25]), 20)
    place = int(np.flatnonzero(backwards.answers[0] == 3)[0])
    assert backwards.evidence[0, place, ANSWER * COLUMNS] == pytest.approx(colleagues / (5 + PESSIMISM))


def test_alone_rules_give_every_entity_a_score_and_the_right_one_the_best() -> None:
    scores = RulesAlone(mine(_town(), entities=26, relations=3)).against_all(np.array([3, 3]), np.array([LIVES, LIVES]))
    assert scores.shape == (2, 26)
    assert (scores.argmax(axis=1) == 25).all()


def test_belief_is_the_noisy_or_of_the_strongest_rules_of_every_class() -> None:
    evidence = np.zeros((2, 3, CLASSES * COLUMNS), np.float32)
    evidence[0, 1, :COLUMNS] = (0.5, 0.25, 0.2, 99, 7)  # what follows the strongest few is no rule
    evidence[0, 1, ANSWER * COLUMNS] = 0.9
    evidence[1, 2, 0] = 1
    belief = believed(evidence)
    assert belief.shape == (2, 3)
    assert 1 - np.exp(-belief[0, 1]) == pytest.approx(1 - 0.5 * 0.75 * 0.8 * 0.1)
    assert belief[1, 2] == pytest.approx(-np.log(1 - SUREST), rel=1e-3)
    assert np.count_nonzero(belief) == 2


def test_answers_come_in_the_order_of_belief() -> None:
    chance = np.random.default_rng(4)
    links = unique_rows(np.stack([chance.integers(size, size=200) for size in (40, 3, 40)], axis=1))
    found = apply_rules(mine(links, entities=40, relations=3, longest=2), LIVES, np.arange(40), 40)
    belief = np.where(found.answers >= 0, believed(found.evidence), 0)
    assert (belief[found.answers >= 0] > 0).all()
    assert (np.diff(belief, axis=1) <= 0).all()
    assert len(np.unique(belief)) > 20
    few = found.evidence.reshape(-1, CLASSES, COLUMNS)
    alone = few[..., -1] <= STRONGEST  # all rules are among the strongest then, and their sum is the same
    weights = -np.log(1 - np.minimum(few[..., :STRONGEST], SUREST)).sum(axis=-1)
    assert few[..., STRONGEST][alone] == pytest.approx(weights[alone], rel=1e-4)


def test_groups_are_found_for_every_question_that_has_answers() -> None:
    links = _town()
    graph = incidence_of(links, entities=26, relations=3)
    asked = {(h, r) for h, r, _ in links.tolist()} | {(t, r + 3) for _, r, t in links.tolist()}
    for entity, kind in itertools.product(range(26), range(6)):
        assert (group_of(graph, entity, kind) >= 0) == ((entity, kind) in asked)


def test_longer_walks_are_left_out_where_they_would_cost_too_much() -> None:
    sparse = incidence_of(_town(), entities=26, relations=3)
    dense = incidence_of(
        _links([(h, 0, t) for h in range(120) for t in range(120) if h != t]), entities=120, relations=1
    )
    assert affordable_length(sparse) == 4
    assert affordable_length(dense) < 4
