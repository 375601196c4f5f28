"""From the decision log to what it teaches: which answers count for which proposals."""

from collections.abc import Iterable

import numpy as np

from bifrost.asking.beliefs import Answered
from bifrost.asking.calibration import stated_log_odds
from bifrost.decisions import OWN_MODELS
from bifrost.model import Decision, Proposal, ProposalKind, Verdict

PLAIN = (Verdict.ACCEPT, Verdict.REJECT)


def type_of(proposal: Proposal) -> str:
    """Name the type of link whose answers a proposal shares: the tables, or the link's name and how it was found."""
    if proposal.kind is ProposalKind.SAME_ENTITY:
        return type_of_pairs(proposal)
    if proposal.kind is ProposalKind.CLAIM:
        return f"{proposal.rule.kind.value} {proposal.name}"
    if proposal.kind is ProposalKind.LINK_TYPE:
        return f"link types by {proposal.rule.kind.value}"
    return "fields"


def type_of_pairs(proposal: Proposal) -> str:
    """Name the type of the pairs of records of two tables."""
    return " = ".join(sorted(f"{end.source}/{end.table}" for end in (proposal.start, proposal.end)))


def teaches(decision: Decision) -> bool:
    """Tell whether an answer says that something stated was right or wrong; of what people entered nothing was."""
    return decision.verdict in PLAIN and not decision.proposal.model.startswith(OWN_MODELS)


def answered(decisions: Iterable[Decision], kind: ProposalKind) -> Answered:
    """Collect the answers about one kind of proposal, each with what was stated when it was asked."""
    mine = [each for each in decisions if each.proposal.kind is kind and teaches(each)]
    return Answered(
        tuple(type_of(each.proposal) for each in mine),
        stated_log_odds(np.array([each.proposal.probability for each in mine])),
        np.array([each.verdict is Verdict.ACCEPT for each in mine], bool),
    )
