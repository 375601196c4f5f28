"""Answers of people, checked before they enter the log: verdicts by name, links by their ends."""

from enum import StrEnum
from typing import TypeVar

from bifrost import review
from bifrost.errors import EntityMissing, UnknownName
from bifrost.model import Decision, End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict
from bifrost.project import Project
from graph_store.entities.graph import open_graph


def verdict_of(name: str) -> Verdict:
    """Read a verdict: accept, reject, skip or undo.

    Raises:
        UnknownName: it is none of them.
    """
    return _choice("verdict", name, Verdict)


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


def assert_link(project: Project, link: tuple[str, str, str], *, by: str, reason: str) -> Decision:
    """Append a person's link (start, type, end) to the log as a claim that is accepted already.

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
    return review.append(project, Decision(claim, Verdict.ACCEPT, by=by, name=name, reason=reason))


_Choice = TypeVar("_Choice", bound=StrEnum)


def _choice(what: str, name: str, choices: type[_Choice]) -> _Choice:
    known = {choice.value: choice for choice in choices}
    if name not in known:
        raise UnknownName(what, name, known)
    return known[name]
