"""Decisions count in the order of the log; routing is a pure function of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bifrost import review
from bifrost.config import Linking
from bifrost.errors import UnknownName
from bifrost.model import Decision, End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict
from bifrost.project import create_project
from bifrost.testing.graphs import snapshot_of
from linker.routing import route

PROPOSAL = Proposal(
    ProposalKind.LINK_TYPE, End("a", "t", ("f",)), End("b", "u", ("k",)), 0.7, "t_of_u", Rule(RuleKind.REFERENCE)
)
POLICY = Linking(precision=0.95, ask_above=0.3)


def _decision(verdict, name="", proposal=PROPOSAL):
    return Decision(proposal, verdict, by="ann", name=name)


def _routed(probability, *decisions, proposal=PROPOSAL):
    standing = review.effective(decisions)
    return [(each.name, where) for each, where in route([replace(proposal, probability=probability)], standing, POLICY)]


@pytest.mark.parametrize(("probability", "where"), [(0.96, Route.ACCEPTED), (0.5, Route.ASK), (0.1, Route.DROPPED)])
def test_without_a_decision_the_policy_routes_three_ways(probability, where):
    assert _routed(probability) == [("t_of_u", where)]


def test_a_decision_comes_before_the_policy_and_names_the_link_type():
    assert _routed(0.1, _decision(Verdict.ACCEPT, "belongs_to")) == [("belongs_to", Route.ACCEPTED)]
    assert _routed(0.99, _decision(Verdict.REJECT)) == [("t_of_u", Route.DROPPED)]


def test_an_undone_decision_gives_the_earlier_one_its_force_back():
    log = [_decision(Verdict.ACCEPT, "first"), _decision(Verdict.REJECT), _decision(Verdict.UNDO)]
    assert _routed(0.1, *log) == [("first", Route.ACCEPTED)]


def test_an_accepted_type_survives_when_the_evidence_no_longer_proposes_it():
    standing = review.effective([_decision(Verdict.ACCEPT)])
    assert route([], standing, POLICY) == [(PROPOSAL, Route.ACCEPTED)]


def test_a_predicted_link_never_becomes_a_fact_without_a_person():
    predicted = replace(PROPOSAL, kind=ProposalKind.CLAIM, rule=Rule(RuleKind.PREDICTED))
    assert _routed(0.999, proposal=predicted) == [("t_of_u", Route.ASK)]


def test_the_id_of_a_proposal_does_not_depend_on_its_evidence():
    better = replace(PROPOSAL, probability=0.9, examples=(("1", "1"),), rule=Rule(RuleKind.REFERENCE, "compact"))
    assert better.id == PROPOSAL.id
    assert replace(PROPOSAL, end=End("b", "u", ("other",))).id != PROPOSAL.id


@given(
    verdicts=st.lists(st.sampled_from([Verdict.ACCEPT, Verdict.REJECT, Verdict.SKIP]), max_size=6),
)
def test_undoing_as_often_as_deciding_leaves_no_decision(verdicts):
    log = [_decision(verdict) for verdict in verdicts] + [_decision(Verdict.UNDO)] * len(verdicts)
    assert review.effective(log) == {}


def test_a_proposal_survives_its_json_form():
    assert Proposal.from_json(PROPOSAL.as_json()) == PROPOSAL


@pytest.fixture
def project(tmp_path):
    project = create_project(tmp_path, "base: https://kg.example.org/\n")
    project.catalog.move_head("snapshot", snapshot_of(project, {}, [(PROPOSAL, Route.ASK)]).digest)
    return project


def test_an_answered_question_is_no_longer_open(project):
    assert [each.proposal.id for each in review.open_proposals(project)] == [PROPOSAL.id]
    review.decide(project, PROPOSAL.id, Verdict.SKIP, by="ann")
    assert review.open_proposals(project) == []
    review.undo(project, PROPOSAL.id, by="ann")
    assert len(review.open_proposals(project)) == 1


def test_many_answers_are_appended_together_or_not_at_all(project):
    answers = [(PROPOSAL.id, Verdict.ACCEPT, "", ""), ("nothing", Verdict.ACCEPT, "", "")]
    with pytest.raises(UnknownName):
        review.decide_many(project, answers, by="ann")
    assert project.catalog.decisions() == []
