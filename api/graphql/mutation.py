"""GraphQL mutations: every change is a decision in the log; `apply` lets the next link and publish happen now."""

import strawberry

from api.graphql.asking import AskedInfo, Kind, ProposalId, mutation
from api.graphql.review_types import Decision
from api.graphql.work_types import StageReport
from api.review import assert_link, verdict_of
from bifrost import review
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.runner import run_stages


def decide(
    info: AskedInfo, proposal_id: ProposalId, verdict: str, name: str | None = None, reason: str | None = None
) -> Decision:
    """Answer a proposal: accept, reject or skip; `name` renames a link type."""
    asked, answer = info.context, verdict_of(verdict)
    decision = review.decide(asked.project, proposal_id, answer, by=asked.by, name=name or "", reason=reason or "")
    return Decision.of(decision)


def undo(info: AskedInfo, proposal_id: ProposalId) -> Decision:
    """Take back the latest decision on a proposal."""
    return Decision.of(review.undo(info.context.project, proposal_id, by=info.context.by))


def add_link(
    info: AskedInfo, start: strawberry.ID, kind: Kind, end: strawberry.ID, reason: str | None = None
) -> Decision:
    """Assert a link between two entities; it enters the graph with the next link run."""
    asked = info.context
    return Decision.of(assert_link(asked.project, (start, kind, end), by=asked.by, reason=reason or ""))


def apply(info: AskedInfo) -> list[StageReport]:
    """Apply decisions now: link, then publish. Answers when both are done."""
    reports = run_stages(info.context.project, Scope(), Silent(), ("link", "publish"))
    return [StageReport.of(report) for report in reports]


@strawberry.type
class Mutation:
    """Changes, each an entry in the decision log."""

    decide = mutation(decide)
    undo = mutation(undo)
    add_link = mutation(add_link)
    apply = mutation(apply)
