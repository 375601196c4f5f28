"""Where each proposal goes: in, before a person, or out. A pure function of proposals, decisions and policy."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bifrost.config import Linking
from bifrost.model import Decision, Proposal, ProposalKind, Route, RuleKind, Verdict


def route(
    proposals: Iterable[Proposal], decisions: Mapping[str, Decision], policy: Linking
) -> list[tuple[Proposal, Route]]:
    """Route every proposal; a person's word comes before the policy's, and outlives the evidence.

    A link type that a person accepted stays in force when today's evidence no longer proposes it.
    """
    routed = {proposal.id: (proposal, _route_one(proposal, decisions, policy)) for proposal in proposals}
    for key, decision in decisions.items():
        if key not in routed and decision.verdict is Verdict.ACCEPT:
            routed[key] = (decision.proposal, Route.ACCEPTED)
    return [_named(proposal, where, decisions) for proposal, where in routed.values()]


def _route_one(proposal: Proposal, decisions: Mapping[str, Decision], policy: Linking) -> Route:
    decision = decisions.get(proposal.id)
    if decision and decision.verdict is Verdict.ACCEPT:
        return Route.ACCEPTED
    if decision and decision.verdict is Verdict.REJECT:
        return Route.DROPPED
    # A predicted link is a guess about the world, not a reading of a source: only a person can make it a fact.
    predicted = proposal.rule.kind is RuleKind.PREDICTED
    if proposal.probability >= policy.precision and not predicted:
        return Route.ACCEPTED
    # That two fields agree unlocks no link: it is asked only where the answer is more likely yes than no.
    least = max(policy.ask_above, 0.5) if proposal.kind is ProposalKind.SAME_FIELD else policy.ask_above
    return Route.ASK if proposal.probability >= least else Route.DROPPED


def _named(proposal: Proposal, where: Route, decisions: Mapping[str, Decision]) -> tuple[Proposal, Route]:
    decision = decisions.get(proposal.id)
    if decision and decision.name and proposal.kind is ProposalKind.LINK_TYPE:
        return replace(proposal, name=decision.name), where
    return proposal, where
