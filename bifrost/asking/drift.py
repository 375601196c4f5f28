"""An alarm for each type of link whose accepted links start to be corrected: a one-sided CUSUM.

Page, "Continuous Inspection Schemes" (1954). Each answer about a link that was stated as sure adds the log of how much
likelier it is at a raised share of errors than at the permitted one, never below zero. The mean number of answers
until a false alarm is at least the exponential of the limit (Lorden, "Procedures for Reacting to a Change in
Distribution", 1971).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bifrost.asking.lessons import teaches, type_of
from bifrost.model import Decision, ProposalKind, RuleKind, Verdict

FALSE_ALARM_AFTER = 500
"""At least so many checked links on average between two false alarms, when the precision is just the stated one."""
RAISED = 5.0
"""A share of errors so many times the permitted one is what the alarm is tuned to."""
INSTANCES = (ProposalKind.SAME_ENTITY, ProposalKind.CLAIM)


@dataclass(frozen=True, slots=True)
class Drift:
    """How the checks of one type's accepted links went."""

    type_name: str
    checked: int
    wrong: int
    raised: bool
    """True from the alarm on until checks have been right long enough to bring the sum back to zero."""
    kind: ProposalKind
    name: str
    """The link's name, as the latest checked proposal has it."""


def drifts(decisions: Iterable[Decision], precision: float) -> list[Drift]:
    """Follow the answers about links that were stated with the precision or more, per type, in the order of the log."""
    checks: dict[str, list[Decision]] = {}
    for each in decisions:
        if _checks(each, precision):
            checks.setdefault(type_of(each.proposal), []).append(each)
    return [_drift(name, found, precision) for name, found in checks.items()]


def alarmed(right: Sequence[bool], precision: float) -> bool:
    """Tell whether the alarm stands after these checks."""
    permitted = 1 - precision
    raised_share = min(RAISED * permitted, 0.5)
    for_wrong = math.log(raised_share / permitted)
    for_right = math.log((1 - raised_share) / precision)
    limit, total, raised = math.log(FALSE_ALARM_AFTER), 0.0, False
    for each in right:
        total = min(max(0.0, total + (for_right if each else for_wrong)), limit)
        raised = total >= limit or (raised and total > 0)
    return raised


def _drift(name: str, found: Sequence[Decision], precision: float) -> Drift:
    right = [each.verdict is Verdict.ACCEPT for each in found]
    last = found[-1].proposal
    return Drift(name, len(right), right.count(False), alarmed(right, precision), last.kind, last.name)


def _checks(decision: Decision, precision: float) -> bool:
    asked = decision.proposal
    return (
        asked.kind in INSTANCES
        and teaches(decision)
        and asked.probability >= precision
        and asked.rule.kind is not RuleKind.PREDICTED
    )
