"""What is asked next: types first, the most saved first, some by chance, and every answer counts at once."""

from dataclasses import replace

import numpy as np
import pytest

from bifrost import review
from bifrost.asking.calibration import UNTAUGHT, log_odds_of
from bifrost.asking.order import ONE_IN, Question, in_batches
from bifrost.asking.questions import Questions
from bifrost.asking.trust import Trust
from bifrost.asking.worth import worth
from bifrost.config import Linking
from bifrost.model import Decision, End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict
from bifrost.project import create_project
from bifrost.testing.graphs import snapshot_of

POLICY = Linking(precision=0.95, ask_above=0.3)


def _type(name, probability=0.7, links=10, source="a", kind=RuleKind.REFERENCE):
    ends = End(source, name, (f"{name}_no",)), End(source, "batches", ("batch_no",))
    return Proposal(ProposalKind.LINK_TYPE, *ends, probability, name, Rule(kind), estimated_links=links)


def _pair(number, probability):
    ends = End("a", "t", iri=f"i:{number}"), End("b", "t", iri=f"j:{number}")
    return Proposal(ProposalKind.SAME_ENTITY, *ends, probability, "same_as", Rule(RuleKind.SAME_THING), model="m")


def _asked(proposals, decisions=()):
    standing = review.effective(decisions)
    trust = Trust.of(standing.values(), POLICY)
    return Questions.of([(each, Route.ASK) for each in proposals], standing, trust)


def _said(proposal, right, seq, name=""):
    return Decision(proposal, Verdict.ACCEPT if right else Verdict.REJECT, by="ann", seq=seq, name=name)


def test_questions_about_types_come_before_single_links_and_the_most_links_first():
    few, many = _type("few", links=5), _type("many", links=500)
    found = _asked([_pair(1, 0.6), few, many]).next(5)
    assert found == [many.id, few.id]
    only_pairs = _asked([_pair(1, 0.6), few, many], [_said(few, True, 1), _said(many, True, 2)])
    assert only_pairs.next(5) == [_pair(1, 0.6).id]


def test_the_likelier_link_is_worth_more_and_one_that_is_in_gains_none():
    stated = np.array([log_odds_of(each) for each in (0.2, 0.4, 0.99)])
    low, high, inside = worth(UNTAUGHT, stated, np.array([False, False, True]))
    assert low < high
    assert inside == 0


def test_links_that_wait_for_the_bar_make_an_answer_worth_more():
    stated = np.full(50, log_odds_of(0.8))
    alone = worth(UNTAUGHT, stated[:1], np.zeros(1, bool))
    in_company = worth(UNTAUGHT, stated, np.zeros(50, bool))
    assert in_company[0] > 5 * alone[0]


def test_a_batch_asks_about_everything_at_most_once_and_partly_by_chance():
    questions = [Question(number, 1 / (1 + number), (number // 2,)) for number in range(200)]
    chosen = in_batches(questions, 10, already=0, chance=np.random.default_rng(1))
    assert len({number // 2 for number in chosen}) == 10
    by_worth = {2 * number for number in range(10)}
    assert len(set(chosen) - by_worth) >= 10 // ONE_IN - 1
    assert set(chosen) - by_worth


def test_links_that_are_in_unasked_are_checked_now_and_then():
    proposals = [_pair(number, 0.5) for number in range(5)] + [_pair(number, 0.99) for number in range(100, 200)]
    asked = set(_asked(proposals).next(20))
    assert asked & {each.id for each in proposals[5:]}


def test_enough_right_answers_let_in_what_is_as_likely_and_nine_change_nothing():
    waiting = [_pair(number, 0.9) for number in range(100, 140)]
    told = [_said(_pair(number, 0.85), True, number + 1) for number in range(80)]
    before, after = (dict(_asked(waiting, log).routed) for log in (told[:9], told))
    assert set(before.values()) == {Route.ASK}
    assert set(after.values()) == {Route.ACCEPTED}


def test_a_type_that_people_accepted_in_one_plant_is_no_question_in_the_next():
    first, second = _type("returns", 0.6), _type("returns", 0.6, source="other_plant")
    known = _asked([second], [_said(first, True, 1, name="made_from")])
    assert dict(known.routed) == {second: Route.ACCEPTED}
    rejected = _asked([second], [_said(first, False, 1)])
    assert dict(rejected.routed) == {second: Route.ASK}


@pytest.fixture
def project(tmp_path):
    project = create_project(tmp_path, "base: https://kg.example.org/\n")
    proposals = [(_pair(number, 0.3 + 0.006 * number), Route.ASK) for number in range(100)]
    snapshot = snapshot_of(project, {}, [*proposals, (_type("orders"), Route.ASK)])
    project.catalog.move_head("snapshot", snapshot.digest)
    return project


def test_an_answer_changes_the_next_question_without_linking_again(project):
    first = review.next_questions(project)[0].proposal
    assert first.kind is ProposalKind.LINK_TYPE
    review.decide(project, first.id, Verdict.ACCEPT, by="ann")
    second = review.next_questions(project)[0].proposal
    assert second.kind is ProposalKind.SAME_ENTITY
    review.undo(project, first.id, by="ann")
    assert review.next_questions(project)[0].proposal == first


def test_the_same_log_gives_the_same_questions(project):
    asked = [each.proposal.id for each in review.next_questions(project, 5)]
    assert asked == [each.proposal.id for each in review.next_questions(project, 5)]


def test_the_effort_curve_counts_every_answer_and_the_links_that_stand(project):
    links = _type("orders")
    review.decide(project, links.id, Verdict.ACCEPT, by="ann")
    review.decide(project, links.id, Verdict.UNDO, by="ann")
    review.decide(project, links.id, Verdict.REJECT, by="ann")
    review.decide(project, _pair(3, 0.318).id, Verdict.ACCEPT, by="ann")
    effort = review.effort(project)
    assert [(step.decisions, step.links, step.manual_decisions) for step in effort.curve] == [
        (1, 10, 10),
        (2, 0, 0),
        (3, 0, 10),
        (4, 1, 11),
    ]
    assert effort.decisions == 4


def test_a_predicted_link_is_never_checked_as_if_it_were_in():
    predicted = replace(_pair(1, 0.999), kind=ProposalKind.CLAIM, rule=Rule(RuleKind.PREDICTED))
    known = _asked([predicted])
    assert dict(known.routed) == {predicted: Route.ASK}
