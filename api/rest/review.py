"""REST: proposals, and decisions as entries of the log."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api import review as answers
from api.identity import person
from api.moments import in_utc
from api.review import chosen, verdict_of
from bifrost import link_types, names, review
from bifrost.lessons import Correction, Lesson
from bifrost.model import Decision
from bifrost.names import Name
from bifrost.project import Project


class Answer(BaseModel):
    """A person's answer to one proposal."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="the proposal")
    verdict: str = Field(description="accept, reject, skip or undo")
    name: str = Field(default="", description="a name for the link type; empty keeps the suggested one")
    reason: str = ""


class LoggedDecision(BaseModel):
    """An entry of the decision log."""

    seq: int
    proposal: str
    kind: str
    suggested_name: str
    verdict: str
    name: str
    by: str
    at: datetime | None
    reason: str
    corrected: str = Field(description="the proposal that a person put in the place of this one, or empty")

    @classmethod
    def of(cls, decision: Decision) -> "LoggedDecision":
        """Show a decision of the domain."""
        return cls(
            seq=decision.seq,
            proposal=decision.proposal.id,
            kind=decision.proposal.kind.value,
            suggested_name=decision.proposal.name,
            verdict=decision.verdict.value,
            name=decision.name,
            by=decision.by,
            at=in_utc(decision.at),
            reason=decision.reason,
            corrected=decision.corrected.id if decision.corrected else "",
        )


class Change(BaseModel):
    """What a person changes about a proposal; what is left out stays as it was suggested."""

    model_config = ConfigDict(extra="forbid")

    start: str = Field(default="", description="source/table.field, or the IRI of an entity")
    end: str = Field(default="", description="source/table.field, or the IRI of an entity")
    transform: str = Field(default="", description="what both sides go through, such as compact")
    reverse: bool = Field(default=False, description="let the links lead the other way")
    name: str = Field(default="", description="the link type's name; empty keeps the suggested one")
    reason: str = ""


class Examples(BaseModel):
    """Pairs of things that a new type of link should join."""

    model_config = ConfigDict(extra="forbid")

    name: str
    pairs: list[tuple[str, str]] = Field(description="two IRIs each, or source/table/key")
    denied: list[tuple[str, str]] = Field(default=[], description="pairs that it must not join")


class NewName(BaseModel):
    """Another name for a link type."""

    model_config = ConfigDict(extra="forbid")

    name: str
    reason: str = ""


class SaidName(BaseModel):
    """What a person says of a name in texts."""

    model_config = ConfigDict(extra="forbid")

    text: str
    label: str = Field(description="the label that it was given, such as ORG")
    instead: str = Field(default="", description="the label that it should have; empty when it is no name")
    source: str = Field(default="", description="only in the documents of this source")


class Appended(BaseModel):
    """How many answers entered the log: all of them, or none."""

    appended: int


def routes(project: Project) -> APIRouter:
    """Serve the review of one project."""
    router = APIRouter(tags=["Review"])

    @router.get("/proposals", summary="List the proposals")
    def list_proposals(
        kind: str | None = None, route: str | None = None, first: int = Query(50, ge=1, le=500)
    ) -> list[dict[str, Any]]:
        """Give the proposals of the latest link, the most useful question first; `route=ask` gives the open ones."""
        return [routed.as_json() for routed in chosen(project, kind, route)[:first]]

    @router.get("/next-question", summary="Ask what to ask next")
    def next_question(first: int = Query(1, ge=1, le=100)) -> list[dict[str, Any]]:
        """Give the questions whose answers save most work, mixed with checks of what is in unasked."""
        return [routed.as_json() for routed in review.next_questions(project, first)]

    @router.get("/effort", summary="Show the effort curve")
    def show_effort() -> dict[str, Any]:
        """Give the answers and the links gained over time, beside deciding every link by hand."""
        return review.effort(project).as_json()

    @router.get("/proposals/{proposal}", summary="Show a proposal")
    def show_proposal(proposal: str) -> dict[str, Any]:
        """Give one proposal with its evidence and the decision that counts."""
        return review.find_proposal(project, proposal).as_json()

    @router.post("/decisions", summary="Answer proposals", status_code=201)
    def decide(answers: Answer | list[Answer], request: Request) -> Appended:
        """Append one answer, or many of which all or none enter the log."""
        given = answers if isinstance(answers, list) else [answers]
        entries = [(each.id, verdict_of(each.verdict), each.name, each.reason) for each in given]
        return Appended(appended=review.decide_many(project, entries, by=person(project, request.headers)))

    @router.post("/proposals/{proposal}/correction", summary="Correct a proposal", status_code=201)
    def correct(proposal: str, change: Change, request: Request) -> LoggedDecision:
        """Put another proposal in the place of this one; one undo restores both."""
        correction = Correction(change.start, change.end, change.transform, change.reverse)
        by = person(project, request.headers)
        given = answers.correct(project, proposal, correction, by=by, name=change.name, reason=change.reason)
        return LoggedDecision.of(given)

    @router.post("/teach", summary="Teach a link type by examples")
    def teach(examples: Examples) -> list[dict[str, Any]]:
        """Give the rules that link the pairs, the likeliest first; accept one by a decision on its id."""
        lesson = Lesson(examples.name, tuple(examples.pairs), tuple(examples.denied))
        return [routed.as_json() for routed in answers.teach(project, lesson)]

    @router.post("/link-types/{name}/rename", summary="Rename a link type", status_code=201)
    def rename(name: str, to: NewName, request: Request) -> Appended:
        """Give a link type another name; its links follow."""
        by = person(project, request.headers)
        return Appended(appended=link_types.rename(project, name, to.name, by=by, reason=to.reason))

    @router.post("/link-types/{name}/restore", summary="Restore a deleted link type", status_code=201)
    def restore(name: str, request: Request) -> Appended:
        """Take back the deletion of a link type."""
        return Appended(appended=link_types.restore(project, name, by=person(project, request.headers)))

    @router.delete("/link-types/{name}", summary="Delete a link type")
    def delete(name: str, request: Request) -> Appended:
        """Delete a link type with all its links, also those that people asserted."""
        return Appended(appended=link_types.delete(project, name, by=person(project, request.headers)))

    @router.post("/names", summary="Correct a name in texts", status_code=201)
    def correct_name(said: SaidName, request: Request) -> LoggedDecision:
        """Say that a text is no name of this label, or is one of another; the next extraction honours it."""
        name = Name(said.text, said.label, said.source)
        return LoggedDecision.of(names.correct(project, name, said.instead, by=person(project, request.headers)))

    @router.get("/decisions", summary="Read the decision log")
    def list_decisions(after: int = Query(0, ge=0), first: int = Query(100, ge=1, le=500)) -> list[LoggedDecision]:
        """Give entries in their order, from the one after `after`."""
        return [LoggedDecision.of(decision) for decision in project.catalog.decisions(after)[:first]]

    @router.get("/link-types", summary="List the link types")
    def list_link_types() -> list[dict[str, Any]]:
        """Give the link types in force with the number of their links."""
        return [
            {
                "name": counted.link_type.name,
                "proposal": counted.link_type.proposal,
                "from": counted.link_type.start.as_json(),
                "to": counted.link_type.end.as_json(),
                "rule": counted.link_type.rule.kind.value,
                "links": counted.links,
                "decided": counted.link_type.decided,
                "confidence": counted.link_type.confidence,
                "drifting": counted.drifting,
            }
            for counted in review.link_types(project)
        ]

    return router
