"""Probabilities, verdicts, questions and paths."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bifrost.model import Decision, End, Proposal, ProposalKind, Rule, RuleKind, Verdict
from linker.learning.graph import build_graph
from linker.learning.proposing.calibration import fit_scale, sigmoid, verdict_shift
from linker.learning.proposing.paths import Neighbourhoods
from linker.learning.proposing.questions import open_questions
from linker.learning.proposing.verdicts import Verdicts


def test_a_scale_recovers_the_share_of_right_answers() -> None:
    chance = np.random.default_rng(0)
    logits = chance.normal(0, 3, 4_000)
    right = chance.random(4_000) < sigmoid(0.5 * logits - 1.0)
    scale = fit_scale(logits, right)
    assert scale.slope == pytest.approx(0.5, abs=0.06)
    assert scale.offset == pytest.approx(-1.0, abs=0.15)


@given(st.lists(st.tuples(st.floats(-20, 20), st.booleans()), min_size=1, max_size=40))
def test_a_scale_is_finite_and_never_turns_the_order_round(cases: list[tuple[float, bool]]) -> None:
    scale = fit_scale(np.array([logit for logit, _ in cases]), np.array([right for _, right in cases]))
    assert scale.slope >= 0
    assert np.isfinite(scale.log_odds(np.array([-30.0, 30.0]))).all()


@given(st.lists(st.tuples(st.floats(-6, 6), st.booleans()), min_size=1, max_size=20))
def test_one_more_rejection_lowers_and_one_more_acceptance_raises(cases: list[tuple[float, bool]]) -> None:
    stated, accepted = np.array([logit for logit, _ in cases]), np.array([yes for _, yes in cases])
    shift = verdict_shift(stated, accepted)
    assert verdict_shift(np.append(stated, 0.0), np.append(accepted, False)) < shift
    assert verdict_shift(np.append(stated, 0.0), np.append(accepted, True)) > shift


def test_unfilled_references_are_asked_first_and_filled_ones_never(world: Any) -> None:
    graph = build_graph(world.links_table(), world.entities_table())
    first = open_questions(graph)[0]
    asked = {graph.entities[int(head)].as_py() for head in first.heads}
    assert first.functional
    assert asked == {head for head, _ in world.missing}
    assert {graph.type_names[graph.entity_types[tail]].rsplit("/", 1)[-1] for tail in first.tails} == {"supplier"}


def test_types_that_are_skipped_are_never_asked_about(world: Any) -> None:
    graph = build_graph(world.links_table(), world.entities_table())
    assert open_questions(graph, {"https://graph.example.org/ontology/batch"}) == []


def test_a_reference_that_few_of_a_type_have_is_not_expected_of_the_others(make_world: Callable[..., Any]) -> None:
    world = make_world(hidden=0.7)
    assert open_questions(build_graph(world.links_table(), world.entities_table())) == []


def test_paths_read_as_walks_and_prefer_what_is_specific() -> None:
    rows = [
        ("b1", "x/of", "m"),
        ("b2", "x/of", "m"),
        ("b2", "x/supplied_by", "s"),
        ("b1", "x/in", "hub"),
        ("b2", "x/in", "hub"),
        ("b3", "x/in", "hub"),
        ("b4", "x/in", "hub"),
        ("b3", "x/supplied_by", "s"),
        ("p", "x/uses", "b1"),
        ("p", "x/prefers", "s"),
    ]
    names = ("subject", "predicate", "object")
    graph = build_graph(pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)}))
    place = {iri: number for number, iri in enumerate(graph.entities.to_pylist())}
    texts = [path.text for path in Neighbourhoods(graph).paths(place["b1"], place["s"])]
    assert texts == [
        "b1 <-uses- p -prefers-> s",
        "b1 -of-> m <-of- b2 -supplied_by-> s",
        "b1 -in-> hub <-in- b3 -supplied_by-> s",
    ]


def _claim(head: str, verdict: Verdict, *, name: str = "", probability: float = 0.8) -> Decision:
    proposal = Proposal(
        kind=ProposalKind.CLAIM,
        start=End(iri=head),
        end=End(iri="t"),
        probability=probability,
        name="supplied_by",
        rule=Rule(RuleKind.PREDICTED),
        model="compgcn/1",
    )
    return Decision(proposal, verdict, by="anna", name=name)


def test_a_prediction_accepted_under_another_name_counts_as_wrong() -> None:
    right = Verdicts.of([_claim("a", Verdict.ACCEPT)]).shift("x/supplied_by")
    renamed = Verdicts.of([_claim("a", Verdict.ACCEPT, name="made_by")])
    assert right > 0 > renamed.shift("x/supplied_by")
    assert renamed.links(Verdict.ACCEPT) == [("a", "made_by", "t")]


def test_verdicts_on_one_link_type_leave_the_others_alone() -> None:
    verdicts = Verdicts.of([_claim("a", Verdict.REJECT), _claim("b", Verdict.SKIP)])
    assert verdicts.shift("x/supplied_by") < 0
    assert verdicts.shift("x/stored_in") == 0
    assert verdicts.pairs == {("a", "t")}
