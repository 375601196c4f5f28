"""GraphQL queries on the review: what waits for people, and what they said."""

from api import review as answers
from api.graphql.asking import AskedInfo, ProposalId
from api.graphql.limits import page_size
from api.graphql.review_types import Decision, Effort, LinkType, Proposal
from bifrost import review
from bifrost.errors import UnknownName


def link_types(info: AskedInfo) -> list[LinkType]:
    """The link types in force, by name."""
    return [LinkType.of(counted) for counted in review.link_types(info.context.project)]


def proposals(info: AskedInfo, kind: str | None = None, route: str | None = None, first: int = 50) -> list[Proposal]:
    """Proposals, the most useful question first; route "ask" gives the open ones."""
    found = answers.chosen(info.context.project, kind, route)
    return [Proposal.of(routed) for routed in found[: page_size(first)]]


def next_question(info: AskedInfo) -> Proposal | None:
    """The question whose answer saves most further work; null when there is nothing to ask."""
    found = review.next_questions(info.context.project)
    return Proposal.of(found[0]) if found else None


def effort(info: AskedInfo) -> Effort:
    """What answering has cost and saved, over time."""
    return Effort.of(review.effort(info.context.project))


def proposal(info: AskedInfo, proposal_id: ProposalId) -> Proposal | None:
    """One proposal; null when there is none."""
    try:
        return Proposal.of(review.find_proposal(info.context.project, proposal_id))
    except UnknownName:
        return None


def decisions(info: AskedInfo, first: int = 50) -> list[Decision]:
    """The decision log, newest first."""
    latest = info.context.project.catalog.decisions()[-page_size(first) :]
    return [Decision.of(decision) for decision in reversed(latest)]
