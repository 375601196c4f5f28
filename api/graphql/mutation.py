"""GraphQL mutations: every change is a decision in the log; `apply` lets the next link and publish happen now."""

import strawberry

from api import review as answers
from api.graphql import prediction_queries
from api.graphql.asking import AskedInfo, Kind, ProposalId, mutation
from api.graphql.review_types import CorrectionInput, Decision, Proposal
from api.graphql.work_types import StageReport
from api.review import assert_link, verdict_of
from bifrost import link_types, names, review
from bifrost.lessons import Lesson
from bifrost.model import Verdict
from bifrost.names import Name
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.runner import APPLY, run_stages


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


def remove_link(
    info: AskedInfo, start: strawberry.ID, kind: Kind, end: strawberry.ID, reason: str | None = None
) -> Decision:
    """Say that a link is wrong; it leaves the graph with the next link run, whatever rule or text yields it."""
    asked, link = info.context, (start, kind, end)
    given = assert_link(asked.project, link, by=asked.by, reason=reason or "", verdict=Verdict.REJECT)
    return Decision.of(given)


def correct(info: AskedInfo, proposal_id: ProposalId, correction: CorrectionInput) -> Decision:
    """Put another proposal in the place of this one: other ends, direction or rule; one undo restores both."""
    asked = info.context
    given = answers.correct(
        asked.project,
        proposal_id,
        correction.as_correction(),
        by=asked.by,
        name=correction.name,
        reason=correction.reason,
    )
    return Decision.of(given)


def teach(info: AskedInfo, name: str, pairs: list[list[str]], denied: list[list[str]] | None = None) -> list[Proposal]:
    """Find the rules behind example pairs (IRIs, or source/table/key), the likeliest first; accept one with decide."""
    lesson = Lesson(name, answers.pairs_of(pairs), answers.pairs_of(denied or []))
    return [Proposal.of(routed) for routed in answers.teach(info.context.project, lesson)]


def rename_link_type(info: AskedInfo, name: str, to: str, reason: str | None = None) -> int:
    """Give a link type another name; its links follow. Answers how many entries the log got."""
    return link_types.rename(info.context.project, name, to, by=info.context.by, reason=reason or "")


def delete_link_type(info: AskedInfo, name: str, reason: str | None = None) -> int:
    """Delete a link type with all its links, also those that people asserted. Answers how many entries the log got."""
    return link_types.delete(info.context.project, name, by=info.context.by, reason=reason or "")


def restore_link_type(info: AskedInfo, name: str) -> int:
    """Take back the deletion of a link type. Answers how many entries the log got."""
    return link_types.restore(info.context.project, name, by=info.context.by)


def correct_name(
    info: AskedInfo, text: str, label: str, instead: str | None = None, source: str | None = None
) -> Decision:
    """Say that a text is no name of this label, or is one of another; in all sources, or in one."""
    name = Name(text, label, source or "")
    return Decision.of(names.correct(info.context.project, name, instead or "", by=info.context.by))


def apply(info: AskedInfo) -> list[StageReport]:
    """Apply decisions now: extract what they change, link, then publish. Answers when all are done."""
    reports = run_stages(info.context.project, Scope(), Silent(), APPLY)
    return [StageReport.of(report) for report in reports]


@strawberry.type
class Mutation:
    """Changes. Those of the graph are entries in the decision log."""

    decide = mutation(decide)
    undo = mutation(undo)
    add_link = mutation(add_link)
    remove_link = mutation(remove_link)
    correct = mutation(correct)
    teach = mutation(teach)
    rename_link_type = mutation(rename_link_type)
    delete_link_type = mutation(delete_link_type)
    restore_link_type = mutation(restore_link_type)
    correct_name = mutation(correct_name)
    propose_links = mutation(prediction_queries.propose_links)
    use_link_model = mutation(prediction_queries.use_link_model)
    apply = mutation(apply)
