"""Teach a type of link by examples: the rules that may be meant, the likeliest first, with what else they link."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bifrost import engine, review
from bifrost.decisions import effective
from bifrost.errors import ConfigInvalid, NothingTaught
from bifrost.extraction import Extraction
from bifrost.lessons import Lesson
from bifrost.model import LinkType, Proposal, ProposalKind, Reason, Route, RuleKind, Table
from bifrost.project import Project
from bifrost.snapshots import Snapshot
from linker.paths.measuring import Graph, labels_of
from linker.references.links import reference_links
from linker.teaching.joins import EXAMPLES, Joins
from linker.teaching.ranking import Candidate, ranked
from linker.teaching.things import Thing, Things
from linker.teaching.walks import path_candidates
from linker.teaching.wording import similar_candidates, text_fields

MODEL = "teaching/1"
MOST_SHOWN = 5
_SHOWN_AT_LEAST = 0.001
"""Rules that are less likely than this are not worth a line."""

Pairs = Sequence[tuple[Thing, Thing]]


@dataclass(frozen=True, slots=True)
class School:
    """What a lesson works on: the tables, and the links in force."""

    project: Project
    tables: dict[str, Table]
    profiles: str
    """Digest of their profiles; empty where there are none."""
    snapshot: Snapshot
    in_force: tuple[LinkType, ...]
    connection: Any

    @classmethod
    def of(cls, project: Project) -> "School":
        """Read the extraction and the latest link.

        Raises:
            ConfigInvalid: nothing was extracted yet.
        """
        head, snapshot = project.catalog.head("extraction"), project.snapshot()
        if head is None:
            raise ConfigInvalid("teach", ["there is nothing to learn from yet: run bifrost first"])
        extraction, decisions = Extraction.load(project.staging, head), effective(project.catalog.decisions())
        in_force = tuple(
            review.as_link_type(proposal, decisions.get(proposal.id))
            for proposal, route in review.load_routes(project, snapshot)
            if proposal.kind is ProposalKind.LINK_TYPE and route is Route.ACCEPTED
        )
        connection = engine.connect(project.cache_folder("spill"))
        connection.execute("SET enable_progress_bar = false")
        tables = {table.id: table for table in extraction.tables}
        return cls(project, tables, extraction.profiles, snapshot, in_force, connection)


def teach(project: Project, lesson: Lesson) -> list[Proposal]:
    """Give the rules that link the examples, the likeliest first, and keep them for a decision.

    Raises:
        EntityMissing: an example names nothing that is in the graph.
        NothingTaught: no rule links the examples better than chance.
        ConfigInvalid: the name cannot name a link type, or there is no usable pair.
    """
    proposals = learn(School.of(project), lesson)
    review.remember_taught(project, proposals)
    return proposals


def learn(school: School, lesson: Lesson) -> list[Proposal]:
    """Do the same with what a lesson works on at hand, and keep nothing."""
    project, name = school.project, review.checked_name(lesson.name)
    _check(lesson)
    things = Things(project, school.tables, school.connection)
    pairs, denied = things.pairs(lesson.pairs), things.pairs(lesson.denied)
    candidates = _candidates(school, pairs, denied)
    found = ranked(candidates, len(pairs), len(denied))
    if not found:
        raise NothingTaught(name, _tried(candidates, len(pairs)))
    shown = [each for each in found if each[1] >= _SHOWN_AT_LEAST][:MOST_SHOWN] or found[:1]
    return _labelled(school, [_proposal(school, each, name, (pairs, len(denied))) for each in shown])


def _check(lesson: Lesson) -> None:
    if not lesson.pairs:
        raise ConfigInvalid("pairs", ["give at least one pair of things that the link should join; three are better"])
    for start, end in (*lesson.pairs, *lesson.denied):
        if start == end:
            raise ConfigInvalid("pairs", [f"{start!r} is paired with itself"])
    if both := set(lesson.pairs) & set(lesson.denied):
        raise ConfigInvalid("pairs", [f"{' and '.join(min(both))!r} is an example and denied as well"])


def _candidates(school: School, pairs: Pairs, denied: Pairs) -> list[Candidate]:
    walkable = [each for each in school.in_force if each.rule.kind not in (RuleKind.PATH, RuleKind.SAME_THING)]
    with Graph(school.project, school.snapshot.units, walkable) as graph:
        found = path_candidates(graph, school.tables, pairs, denied)
    joins = Joins(school.project, school.tables, school.connection)
    found += joins.candidates(pairs, denied)
    if not any(len(each.covered) == len(pairs) for each, _ in ranked(found, len(pairs), len(denied))):
        staging, digest = school.project.staging, school.profiles
        texts = text_fields(staging.table([digest])) if digest else {}
        found += similar_candidates(joins, texts, pairs, denied)
    return found


def _tried(candidates: Sequence[Candidate], examples: int) -> str:
    if not candidates:
        return (
            "no two fields of them agree as they are, through a transformation or in a part, no path of up to three "
            "links leads from one to the other, and their texts share no rare words"
        )
    best = max(candidates, key=lambda each: (len(each.covered), -each.links))
    way = next(reason.value for reason in best.notes)
    return f"the best one ({way}) links {len(best.covered)} of {examples}, and {best.links:,} pairs in all"


def _proposal(school: School, found: tuple[Candidate, float], name: str, given: tuple[Pairs, int]) -> Proposal:
    candidate, probability = found
    pairs, denied = given
    proposal = Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=candidate.start,
        end=candidate.end,
        probability=round(probability, 4),
        name=name,
        rule=candidate.rule,
        examples=candidate.examples or _others(school, candidate, pairs),
        estimated_links=candidate.links,
        because=(*candidate.notes, *candidate.evidence(len(pairs), denied)),
        model=MODEL,
    )
    known = {each.proposal: each.name for each in school.in_force}
    if proposal.id not in known:
        return proposal
    note = Reason("in force already", f"as {known[proposal.id]!r}; accepting this gives it the new name and rule")
    return replace(proposal, because=(note, *proposal.because))


def _labelled(school: School, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Give the proposals with labels in place of the IRIs of their examples."""
    iris = [iri for each in proposals for pair in each.examples for iri in pair]
    labels = labels_of(school.connection, school.project, school.snapshot.units, iris)
    return [
        replace(each, examples=tuple((labels[start], labels[end]) for start, end in each.examples))
        for each in proposals
    ]


def _others(school: School, candidate: Candidate, pairs: Pairs) -> tuple[tuple[str, str], ...]:
    """Give some of the other pairs (IRIs) that a rule between fields links."""
    start, end = candidate.start, candidate.end
    ends = (end, start) if candidate.rule.turned else (start, end)
    given = {(head, tail) for one, other in pairs for _, head in one.records for _, tail in other.records}
    rows: list[tuple[str, str]] = []
    for batch in reference_links(school.project, school.tables, *ends, candidate.rule):
        linked = zip(batch["from_row"].to_pylist(), batch["to_row"].to_pylist(), strict=True)
        rows += [pair[::-1] if candidate.rule.turned else pair for pair in linked]
        rows = [pair for pair in rows if pair not in given and not (start == end and pair[0] == pair[1])]
        if len(rows) >= EXAMPLES:
            break
    record, chosen = school.project.namer.record, rows[:: max(1, len(rows) // EXAMPLES)][:EXAMPLES]
    return tuple(
        (record(start.source, start.table, head), record(end.source, end.table, tail)) for head, tail in chosen
    )
