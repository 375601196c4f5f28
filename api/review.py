"""Answers of people, checked before they enter the log: verdicts by name, links by their ends."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TypeVar

from bifrost import plugins, review
from bifrost.errors import ConfigInvalid, EntityMissing, UnknownName
from bifrost.lessons import Correction, Lesson
from bifrost.model import Decision, End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict
from bifrost.project import Project
from graph_store.entities.graph import open_graph

ANSWERS = (Verdict.ACCEPT, Verdict.REJECT, Verdict.SKIP, Verdict.UNDO)


def verdict_of(name: str) -> Verdict:
    """Read a verdict: accept, reject, skip or undo; what needs more than a name has calls of its own.

    Raises:
        UnknownName: it is none of them.
    """
    return _choice("verdict", name, ANSWERS)


def chosen(project: Project, kind: str | None, route: str | None) -> list[review.RoutedProposal]:
    """Give the proposals of one kind and route, the most useful question first.

    Those of the route `ask` are given only while nobody has answered them.

    Raises:
        UnknownName: there is no such kind or route.
    """
    wanted_kind = _choice("kind", kind, ProposalKind) if kind else None
    wanted_route = _choice("route", route, Route) if route else None
    return [
        routed
        for routed in review.current_proposals(project)
        if wanted_kind in (None, routed.proposal.kind)
        and wanted_route in (None, routed.route)
        and (routed.open or wanted_route is not Route.ASK)
    ]


def assert_link(
    project: Project, link: tuple[str, str, str], *, by: str, reason: str, verdict: Verdict = Verdict.ACCEPT
) -> Decision:
    """Append a person's link (start, type, end) to the log as a claim that is accepted already, or rejected.

    A rejected link stays out of the graph, whatever rule or text yields it.

    Raises:
        ConfigInvalid: the type has no usable name.
        EntityMissing: an end is not in the graph.
    """
    start, name, end = link
    name = review.checked_name(name)
    graph = open_graph(project)
    for iri in (start, end):
        if graph.resolve(iri) is None:
            raise EntityMissing(iri)
    claim = Proposal(
        kind=ProposalKind.CLAIM,
        start=End(iri=start),
        end=End(iri=end),
        probability=1.0,
        name=name,
        rule=Rule(RuleKind.PREDICTED),
        model="person",
    )
    return review.append(project, Decision(claim, verdict, by=by, name=name, reason=reason))


def correct(
    project: Project, proposal_id: str, correction: Correction, *, by: str, name: str = "", reason: str = ""
) -> Decision:
    """Put a person's own proposal in the place of a suggested one.

    Raises:
        UnknownName: there is no such proposal, table, field or transformation.
        ConfigInvalid: the correction does not fit the kind of proposal, or changes nothing.
    """
    suggested = review.find_proposal(project, proposal_id).proposal
    own: Proposal = plugins.load(plugins.SERVICES, "correct")(project, suggested, correction)
    return review.correct(project, proposal_id, own, by=by, name=name, reason=reason)


def pairs_of(given: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """Read pairs of things.

    Raises:
        ConfigInvalid: one of them is no pair.
    """
    if any(len(each) != 2 for each in given):
        raise ConfigInvalid("pairs", ["each pair has two ends: an IRI, or source/table/key"])
    return tuple((start, end) for start, end in given)


def teach(project: Project, lesson: Lesson) -> list[review.RoutedProposal]:
    """Give the rules that link the examples, the likeliest first; each waits for a decision.

    Raises:
        EntityMissing: an example names nothing that is in the graph.
        NothingTaught: no rule links the examples better than chance.
    """
    proposals: list[Proposal] = plugins.load(plugins.SERVICES, "teach")(project, lesson)
    return [review.RoutedProposal(each, Route.ASK) for each in proposals]


_Choice = TypeVar("_Choice", bound=StrEnum)


def _choice(what: str, name: str, choices: Iterable[_Choice]) -> _Choice:
    known = {choice.value: choice for choice in choices}
    if name not in known:
        raise UnknownName(what, name, known)
    return known[name]
