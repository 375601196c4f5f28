"""Where each proposal goes: in, before a person, or out. A pure function of proposals, decisions and policy."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bifrost.asking.trust import Bars, Trust
from bifrost.config import Linking
from bifrost.model import Decision, Proposal, ProposalKind, Route, Verdict

ROUTING = 2
"""Raised whenever the same proposals, decisions and policy may go elsewhere than before."""


def route(
    proposals: Iterable[Proposal],
    decisions: Mapping[str, Decision],
    policy: Linking,
    trust: Trust | None = None,
) -> list[tuple[Proposal, Route]]:
    """Route every proposal; a person's word comes before the policy's, and outlives the evidence.

    A link type that a person accepted stays in force when today's evidence no longer proposes it. `trust` is what all
    answers taught; without it, what `decisions` teach.
    """
    listed = list(proposals)
    trust = trust or Trust.of(decisions.values(), policy)
    bars = open_bars(listed, decisions, trust)
    routed = {each.id: (each, _route_one(each, decisions, trust, bars)) for each in listed}
    for key, decision in decisions.items():
        if key not in routed and decision.verdict is Verdict.ACCEPT:
            routed[key] = (decision.proposal, Route.ACCEPTED)
    return [_named(proposal, where, decisions, trust) for proposal, where in routed.values()]


def open_bars(proposals: Iterable[Proposal], decisions: Mapping[str, Decision], trust: Trust) -> dict[str, float]:
    """Give the bar of every type of link among what nobody answered."""
    return trust.bars(each for each in proposals if each.id not in decisions)


def _route_one(proposal: Proposal, decisions: Mapping[str, Decision], trust: Trust, bars: Bars) -> Route:
    decision = decisions.get(proposal.id)
    if decision and decision.verdict is Verdict.ACCEPT:
        return Route.ACCEPTED
    if decision and decision.verdict is Verdict.REJECT:
        return Route.DROPPED
    return trust.route(proposal, bars)


def _named(proposal: Proposal, where: Route, decisions: Mapping[str, Decision], trust: Trust) -> tuple[Proposal, Route]:
    if proposal.kind is not ProposalKind.LINK_TYPE:
        return proposal, where
    decision = decisions.get(proposal.id)
    name = decision.name if decision else trust.precedents.name(proposal)
    return (replace(proposal, name=name) if name else proposal), where
