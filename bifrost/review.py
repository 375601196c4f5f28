"""Review: the open proposals, what people said to them, and what follows for link types."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from bifrost.asking.effort import Effort, effort_curve
from bifrost.asking.questions import Questions
from bifrost.asking.trust import Trust
from bifrost.decisions import effective, is_own
from bifrost.errors import ConfigInvalid, UnknownName
from bifrost.model import Decision, End, LinkType, Proposal, ProposalKind, Route, RuleKind, Verdict
from bifrost.project import Project
from bifrost.snapshots import Snapshot

LONGEST_NAME = 100
TAUGHT, REQUESTED = "taught", "requested"
"""The heads of the proposals that people asked for: by example, and by making predicted links questions."""

MOST_KEPT = 200
MOST_REQUESTED = 10_000

__all__ = ["effective"]


@dataclass(frozen=True, slots=True)
class RoutedProposal:
    """A proposal, where it goes by all answers so far, and the latest decision that counts."""

    proposal: Proposal
    route: Route
    decision: Decision | None = None

    @property
    def open(self) -> bool:
        """Tell whether a person should still look at it."""
        return self.route is Route.ASK and self.decision is None

    def as_json(self) -> dict[str, Any]:
        """Give the form of `bifrost proposals --json` and of the API."""
        decided = self.decision
        return {
            **self.proposal.as_json(),
            "route": self.route.value,
            "decision": decided
            and {
                "verdict": decided.verdict.value,
                "name": decided.name,
                "by": decided.by,
                **({"corrected": decided.corrected.id} if decided.corrected else {}),
            },
        }


@dataclass(frozen=True, slots=True)
class CountedLinkType:
    """A link type in force and the number of links it has now."""

    link_type: LinkType
    links: int
    drifting: bool = False
    """True while its accepted links are being corrected too often: more is asked until checks are right again."""


def current_proposals(project: Project) -> list[RoutedProposal]:
    """List the proposals of the latest link: open questions about types first, then by what their answers save.

    What nobody answered goes where the answers since then would send it, also before the next link.
    """
    known = questions(project)
    return [
        RoutedProposal(proposal, route, known.decisions.get(proposal.id))
        for proposal, route in sorted(known.routed, key=lambda each: known.key(*each))
    ]


def next_questions(project: Project, count: int = 1) -> list[RoutedProposal]:
    """Give what to ask next: as open proposals are listed, mixed with exploration and checks of accepted links."""
    known = questions(project)
    by_id = {proposal.id: (proposal, route) for proposal, route in known.routed}
    return [RoutedProposal(*by_id[key], known.decisions.get(key)) for key in known.next(count)]


def trust(project: Project) -> Trust:
    """Give what the decision log teaches, by the project's policy."""
    return _read(project).trust


def questions(project: Project) -> Questions:
    """Give the latest link's proposals in the light of every answer since."""
    return _read(project).questions


def open_proposals(project: Project) -> list[RoutedProposal]:
    """List what a person should look at, the most useful question first."""
    return [routed for routed in current_proposals(project) if routed.open]


def find_proposal(project: Project, proposal_id: str) -> RoutedProposal:
    """Give one proposal, also one that people were shown by example, or that only the decision log still knows.

    Raises:
        UnknownName: neither the latest link nor the log knows it, and nobody asked for it.
    """
    asked_for = {each.id: each for each in taught(project)}
    for routed in current_proposals(project):
        if routed.proposal.id == proposal_id:
            return replace(routed, proposal=asked_for.get(proposal_id, routed.proposal))
    log = project.catalog.decisions()
    logged = {each.id: each for entry in log for each in (entry.proposal, entry.corrected) if each}
    known = {**logged, **asked_for}
    if proposal_id not in known:
        raise UnknownName("proposal", proposal_id, ())
    return RoutedProposal(known[proposal_id], Route.DROPPED, effective(log).get(proposal_id))


def taught(project: Project) -> list[Proposal]:
    """List the proposals that people asked for by example and may still decide on, the latest first."""
    return _kept(project, TAUGHT)


def remember_taught(project: Project, proposals: Sequence[Proposal]) -> None:
    """Keep what was found by example until somebody decides; the oldest of many are forgotten."""
    _keep(project, TAUGHT, proposals, MOST_KEPT)


def request(project: Project, proposals: Sequence[Proposal]) -> None:
    """Ask people about links that a program found worth asking about; they stay open until somebody decides."""
    _keep(project, REQUESTED, proposals, MOST_REQUESTED)


def _kept(project: Project, head: str) -> list[Proposal]:
    digest = project.catalog.head(head)
    return [Proposal.from_json(entry) for entry in project.staging.json(digest)] if digest else []


def _keep(project: Project, head: str, proposals: Sequence[Proposal], most: int) -> None:
    kept = {each.id: each for each in (*proposals, *_kept(project, head))}
    kept |= {each.id: each for each in proposals}
    entries = [each.as_json() for each in kept.values()][:most]
    project.catalog.move_head(head, project.staging.put_json(entries))


def _forget(project: Project, decided: Iterable[Decision]) -> None:
    """From now on the log knows what was decided; the question may be asked again by others in their own words."""
    ids = {decision.proposal.id for decision in decided}
    for head in (TAUGHT, REQUESTED):
        known = _kept(project, head)
        if any(each.id in ids for each in known):
            entries = [each.as_json() for each in known if each.id not in ids]
            project.catalog.move_head(head, project.staging.put_json(entries))


def decide(
    project: Project, proposal_id: str, verdict: Verdict, *, by: str, name: str = "", reason: str = ""
) -> Decision:
    """Append a person's answer to the log; the next link applies it.

    Raises:
        UnknownName: there is no such proposal.
        ConfigInvalid: the name cannot name a link type.
    """
    proposal = find_proposal(project, proposal_id).proposal
    return append(project, checked(Decision(proposal, verdict, by=by, name=name, reason=reason)))


def decide_many(project: Project, answers: Sequence[tuple[str, Verdict, str, str]], *, by: str) -> int:
    """Append many answers (proposal id, verdict, name, reason) in one transaction: all or none.

    Raises:
        UnknownName: one of the proposals does not exist; nothing is appended then.
        ConfigInvalid: one of the names cannot name a link type; nothing is appended then.
    """
    known = {routed.proposal.id: routed.proposal for routed in current_proposals(project)}
    known |= {each.id: each for each in taught(project)}
    decisions = [
        checked(
            Decision(known.get(key) or find_proposal(project, key).proposal, verdict, by=by, name=name, reason=reason)
        )
        for key, verdict, name, reason in answers
    ]
    count = len(project.catalog.append(decisions))
    _forget(project, decisions)
    return count


def undo(project: Project, proposal_id: str, *, by: str) -> Decision:
    """Take back the latest decision on a proposal by appending to the log.

    Raises:
        UnknownName: there is no such proposal.
    """
    return decide(project, proposal_id, Verdict.UNDO, by=by)


def correct(
    project: Project, proposal_id: str, corrected: Proposal, *, by: str, name: str = "", reason: str = ""
) -> Decision:
    """Put a person's own proposal in the place of a suggested one; one entry, so that one undo restores both.

    Raises:
        UnknownName: there is no such proposal.
        ConfigInvalid: the name cannot name a link type, or nothing was corrected.
    """
    suggested = find_proposal(project, proposal_id).proposal
    if (corrected.id, corrected.rule) == (suggested.id, suggested.rule):
        raise ConfigInvalid("correction", ["it changes nothing: give other ends, a direction, or a transformation"])
    entry = Decision(suggested, Verdict.CORRECT, by=by, name=name, reason=reason, corrected=corrected)
    return append(project, checked(entry))


def checked(decision: Decision) -> Decision:
    """Give a decision that may enter the log, its name without spaces around it.

    Raises:
        ConfigInvalid: the name cannot name a link type, or a rename or a correction lacks what it is to become.
    """
    if decision.verdict is Verdict.CORRECT and decision.corrected is None:
        raise ConfigInvalid("correction", ["give the other ends, the direction, or the transformation"])
    if decision.verdict is Verdict.RENAME and not decision.name.strip():
        raise ConfigInvalid("name", ["a rename needs the new name"])
    # A deletion keeps the name under which it can be taken back.
    name = decision.name or (decision.proposal.name if decision.verdict is Verdict.DELETE else "")
    return replace(decision, name=checked_name(name)) if name else decision


def with_own_rules(proposals: Iterable[Proposal], decisions: Mapping[str, Decision]) -> list[Proposal]:
    """Give the proposals with the rules and names that people gave them: what a person said outlives the evidence."""
    own = {key: decision.proposal for key, decision in decisions.items() if is_own(decision)}
    return [
        replace(each, rule=own[each.id].rule, name=own[each.id].name) if each.id in own else each for each in proposals
    ]


def append(project: Project, decision: Decision) -> Decision:
    """Append a decision whose proposal may be the person's own (an assertion)."""
    seq = project.catalog.append([decision])[0]
    _forget(project, [decision])
    return next(each for each in project.catalog.decisions(after=seq - 1) if each.seq == seq)


def checked_name(name: str) -> str:
    """Give a link type's name without spaces around it.

    Raises:
        ConfigInvalid: it is empty, too long, or holds control characters.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ConfigInvalid("name", [f"a link type's name is one line of 1 to {LONGEST_NAME} characters"])
    return name


def link_types(project: Project) -> list[CountedLinkType]:
    """List the link types in force, by name, with the number of their links or merged records."""
    snapshot, known = project.snapshot(), _read(project)
    decisions = known.decisions
    in_force = [
        CountedLinkType(
            as_link_type(proposal, decisions.get(proposal.id)),
            _links(project, snapshot, proposal),
            known.trust.drifts_from(proposal),
        )
        for proposal, route in load_routes(project, snapshot)
        if proposal.kind is ProposalKind.LINK_TYPE and route is Route.ACCEPTED
    ]
    return sorted(in_force, key=lambda each: (each.link_type.name, each.link_type.proposal))


def _links(project: Project, snapshot: Snapshot, proposal: Proposal) -> int:
    if proposal.rule.kind is RuleKind.SAME_THING:
        return _merged(project, snapshot, proposal.start, proposal.end)
    unit = snapshot.units.get(links_unit(proposal))
    return unit.rows if unit else 0


def _merged(project: Project, snapshot: Snapshot, start: End, end: End) -> int:
    """Count the records of one table that carry the name of a record of the other."""
    import pyarrow.compute as pc

    if not snapshot.identity:
        return 0
    identity = project.staging.table([snapshot.identity])
    return sum(
        identity.filter(
            (pc.field("source") == one.source)
            & (pc.field("table") == one.table)
            & pc.starts_with(pc.field("iri"), project.namer.record(other.source, other.table, ""))
        ).num_rows
        for one, other in {(start, end), (end, start)}
    )


def as_link_type(proposal: Proposal, decision: Decision | None) -> LinkType:
    """Name a link type as the person did, else as the proposal suggests."""
    return LinkType(
        name=(decision.name if decision and decision.name else proposal.name),
        start=proposal.start,
        end=proposal.end,
        rule=proposal.rule,
        confidence=proposal.probability,
        proposal=proposal.id,
        decided=decision is not None and decision.verdict is Verdict.ACCEPT,
    )


def links_unit(proposal: Proposal) -> str:
    """Name the snapshot's unit that holds the links of a link type."""
    return f"links:{proposal.id}"


def store_routes(project: Project, routes: Iterable[tuple[Proposal, Route]]) -> str:
    """Stage the proposals of a link with their routes and return the digest."""
    entries = [{**proposal.as_json(), "route": route.value} for proposal, route in routes]
    return project.staging.put_json(sorted(entries, key=lambda entry: str(entry["id"])))


def load_routes(project: Project, snapshot: Snapshot) -> list[tuple[Proposal, Route]]:
    """Read what `store_routes` staged for a snapshot."""
    if not snapshot.proposals:
        return []
    return [(Proposal.from_json(entry), Route(entry["route"])) for entry in project.staging.json(snapshot.proposals)]


def summary(project: Project) -> dict[str, int]:
    """Count what the project holds."""
    snapshot = project.snapshot()
    counted = link_types(project)
    kinds = [each.links for each in counted]
    items = project.catalog.items()
    asserted = snapshot.units.get("assertions")
    return {
        "sources": len(project.catalog.sources()),
        "items": len(items),
        "records": sum(item.rows or 0 for item in items),
        "facts": snapshot.facts,
        "link_types": len(kinds),
        "links": sum(kinds) + (asserted.rows if asserted else 0),
        "open_proposals": len(open_proposals(project)),
        "drifting_link_types": sum(each.drifting for each in counted),
        "decisions": len(project.catalog.decisions()),
        "rejects": len(project.catalog.rejects()),
    }


@dataclass(frozen=True)
class _Read:
    """What one state of the log and of the graph says; computed once for each."""

    decisions: Mapping[str, Decision]
    trust: Trust
    questions: Questions


def _read(project: Project) -> _Read:
    heads = project.catalog.head("snapshot"), project.catalog.head(REQUESTED)
    return _read_once(project, project.catalog.last_decision(), *heads)


@lru_cache(maxsize=4)
def _read_once(project: Project, _last: int, snapshot: str | None, requested: str | None) -> _Read:
    decisions = effective(project.catalog.decisions())
    trusted = Trust.of(decisions.values(), project.settings.linking)
    wanted = {each.id for each in _kept(project, REQUESTED)}
    stored = _stored(project, snapshot, requested)
    return _Read(decisions, trusted, Questions.of(stored, decisions, trusted, requested=wanted))


@lru_cache(maxsize=4)
def _stored(project: Project, snapshot: str | None, _requested: str | None) -> tuple[tuple[Proposal, Route], ...]:
    """Give what the latest link proposed, and what was requested besides."""
    routed = load_routes(project, Snapshot.load(project.staging, snapshot))
    known = {proposal.id for proposal, _ in routed}
    return (*routed, *((each, Route.ASK) for each in _kept(project, REQUESTED) if each.id not in known))


def effort(project: Project) -> Effort:
    """Say what answering has cost and saved: from the log and the latest snapshot alone."""
    log = project.catalog.decisions()
    counted = {each.link_type.proposal: each for each in link_types(project)}
    unlocked = {key: each.links for key, each in counted.items()}
    asserted = project.snapshot().units.get("assertions")
    single = asserted.rows if asserted else 0
    curve = effort_curve(log, unlocked)
    links = sum(unlocked.values()) + single
    turned_down = curve[-1].manual_decisions - curve[-1].links if curve else 0
    unasked = sum(each.links for each in counted.values() if not each.link_type.decided)
    return Effort(len(log), links, unasked, links + turned_down, curve)
