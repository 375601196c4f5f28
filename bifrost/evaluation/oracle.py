"""A reviewer who answers from planted truth: for measuring effort, never for real graphs."""

from dataclasses import dataclass

from bifrost.evaluation.scoring import true_pairs
from bifrost.evaluation.truth import SAME, TrueType, Truth
from bifrost.model import Proposal, ProposalKind, RuleKind, Verdict
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


def true_types(truth: Truth, proposal: Proposal) -> list[TrueType]:
    """List the true types that a proposed link type stands for; the one with the same field first."""
    start, end = proposal.start, proposal.end
    if proposal.rule.kind is RuleKind.SAME_THING:
        ends = ((start, end), (end, start))
        return [
            true
            for true in truth.types
            if true.name == SAME
            and any(
                truth.names(left, true.from_source, true.from_item) and truth.names(right, true.to_source, true.to_item)
                for left, right in ends
            )
        ]
    found = [
        true
        for true in truth.types
        if true.name != SAME
        and truth.names(start, true.from_source, true.from_item)
        and truth.names(end, true.to_source, true.to_item)
        and _same_field(proposal, true)
    ]
    field = start.fields[0].lower() if start.fields else ""
    return sorted(found, key=lambda true: true.from_field.lower() != field)


def _same_field(proposal: Proposal, true: TrueType) -> bool:
    """A mention in a cell of a document's table is a mention; a column of a database must be the very one."""
    if not true.from_field or proposal.rule.kind is RuleKind.MENTION:
        return True
    return [field.lower() for field in proposal.start.fields] == [true.from_field.lower()]
