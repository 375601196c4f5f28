"""A reviewer who answers from planted truth: for measuring effort, never for real graphs."""

from dataclasses import dataclass

from bifrost.evaluation.scoring import true_pairs
from bifrost.evaluation.truth import SAME, Truth, true_types
from bifrost.model import Proposal, ProposalKind, Verdict
from bifrost.project import Project


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict, and the name that the truth gives to a link type."""

    verdict: Verdict
    name: str = ""


def answer(project: Project, truth: Truth, proposal: Proposal) -> Answer:
    """Say what a person who knows the truth would say."""
    if proposal.kind is ProposalKind.LINK_TYPE:
        matching = true_types(truth, proposal)
        return Answer(Verdict.ACCEPT, matching[0].name) if matching else Answer(Verdict.REJECT)
    if proposal.kind is ProposalKind.SAME_FIELD:
        return Answer(Verdict.SKIP)
    names = (SAME,) if proposal.kind is ProposalKind.SAME_ENTITY else None
    pairs = true_pairs(project, truth, names)
    ends = (proposal.start.iri, proposal.end.iri)
    known = ends in pairs or (names is not None and ends[::-1] in pairs)
    return Answer(Verdict.ACCEPT if known else Verdict.REJECT)
