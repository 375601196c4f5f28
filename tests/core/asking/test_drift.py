"""The alarm for a type of link: rare while links are right, fast when they are not, and it ends."""

from dataclasses import replace

import numpy as np

from bifrost.asking.drift import FALSE_ALARM_AFTER, alarmed, drifts
from bifrost.asking.trust import Trust
from bifrost.config import Linking
from bifrost.model import Decision, End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict

PAIR = Proposal(
    ProposalKind.SAME_ENTITY,
    End("a", "t", iri="i:0"),
    End("b", "t", iri="j:0"),
    0.98,
    "same_as",
    Rule(RuleKind.SAME_THING),
)
TYPE = replace(PAIR, kind=ProposalKind.LINK_TYPE, start=End("a", "t"), end=End("b", "t"))


def _pair(number, probability=0.98):
    return replace(PAIR, start=End("a", "t", iri=f"i:{number}"), probability=probability)


def _said(*right, probability=0.98):
    return [
        Decision(_pair(number, probability), Verdict.ACCEPT if each else Verdict.REJECT, by="ann", seq=number + 1)
        for number, each in enumerate(right)
    ]


def test_false_alarms_are_as_rare_as_stated_at_just_the_permitted_share_of_errors():
    chance = np.random.default_rng(3)
    waits = []
    for _ in range(20):
        right = (chance.random(2_500) >= 0.05).tolist()
        waits.append(next((at for at in range(25, 2_500, 25) if alarmed(right[:at], 0.95)), 2_500))
    assert np.mean(waits) >= FALSE_ALARM_AFTER


def test_a_few_corrections_in_a_row_raise_the_alarm():
    assert not alarmed([False, False], 0.95)
    assert alarmed([True] * 50 + [False] * 5, 0.95)


def test_right_checks_end_the_alarm():
    raised = [False] * 5
    assert alarmed([*raised, *[True] * 10], 0.95)
    assert not alarmed([*raised, *[True] * 60], 0.95)


def test_answers_to_doubtful_questions_raise_no_alarm():
    assert drifts(_said(*[False] * 20, probability=0.6), 0.95) == []


def test_a_drifting_type_is_asked_about_again_until_it_is_resolved():
    policy = Linking(precision=0.95)
    drifting = Trust.of(_said(*[False] * 5), policy)
    asked = [_pair(100)]
    assert [each.type_name for each in drifting.drifts if each.raised] == ["a/t = b/t"]
    assert drifting.drifts_from(TYPE)
    assert drifting.route(asked[0], drifting.bars(asked)) is Route.ASK
    resolved = Trust.of(_said(*[False] * 5, *[True] * 400), policy)
    assert not resolved.drifts_from(TYPE)
    assert resolved.route(asked[0], resolved.bars(asked)) is Route.ACCEPTED
