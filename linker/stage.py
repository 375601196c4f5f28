"""The link stage: proposals from what was extracted, routes from decisions and policy, a snapshot from what is in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from bifrost import __version__, review
from bifrost.asking.lessons import type_of_pairs
from bifrost.asking.trust import Bars, Trust
from bifrost.decisions import effective
from bifrost.digests import digest_of
from bifrost.extraction import Documents
from bifrost.model import (
    Decision,
    ItemKind,
    LinkType,
    Proposal,
    ProposalKind,
    Route,
    RuleKind,
    StageReport,
    Table,
)
from bifrost.ports import Progress, Scope
from bifrost.project import Project
from bifrost.schemas import IDENTITY
from bifrost.snapshots import Snapshot
from linker.assembly.documents import assemble_documents, assemble_mentions
from linker.assembly.names import assemble_names
from linker.assembly.paths import assemble_paths
from linker.assembly.records import assemble_records
from linker.assembly.redirects import assemble_redirects
from linker.assembly.references import FIELD_RULES, assemble_references
from linker.assembly.statements import assemble_assertions, assemble_ontology, denied_links
from linker.assembly.writing import VERSION, Assembly
from linker.claims import link_claims, propose_claims
from linker.claims.facts import assemble_claims
from linker.counting import counts
from linker.evidence import Evidence, read_evidence
from linker.labels import label_fields
from linker.learning.models.registry import IN_FORCE
from linker.routing import ROUTING, open_bars, route

STEPS = 5


@dataclass(frozen=True, slots=True)
class Stated:
    """What texts say about records."""

    mentions: pa.Table
    """`bifrost.schemas.MENTION_LINKS`"""
    claims: pa.Table
    """`linker.claims.linked.LINKED`"""
    unknown: Mapping[str, pa.Table]
    """Source -> names that no record bears (`linker.mentions.unknown.UNKNOWN`)"""


class LinkStage:
    """Links what was extracted; with the same extraction and decisions there is nothing to do."""

    name: ClassVar[str] = "link"

    def run(self, project: Project, scope: Scope, progress: Progress) -> StageReport:
        """Move the head `snapshot` to the graph that follows from the extraction and the decisions."""
        head = project.catalog.head("extraction")
        if head is None:
            return StageReport(self.name, {"facts": 0})
        decisions = effective(project.catalog.decisions())
        given = _given(project, head, decisions)
        known = project.catalog.checkpoint("link", "*", given)
        if known is None or not project.staging.has(known):
            snapshot = _link(project, read_evidence(project, head, decisions), progress)
            known = snapshot.digest
            # Linking may have put a new model in force, which is then part of what the snapshot follows from.
            project.catalog.finish_unit("link", "*", _given(project, head, decisions), known)
            _forget_units(project, snapshot)
        project.catalog.move_head("snapshot", known)
        return StageReport(self.name, counts(project))


def _link(project: Project, evidence: Evidence, progress: Progress) -> Snapshot:
    with progress.task("link", STEPS) as task:
        found = _discover(project, evidence, progress)
        task.advance()
        resolution = _resolve(project, evidence, progress)
        task.advance()
        mentions = _link_mentions(project, evidence, progress)
        claims = _link_claims(project, evidence, mentions.hits)
        proposals = [
            *(*found, *resolution.types, *resolution.questions),
            *(*mentions.types, *mentions.questions, *propose_claims(claims)),
            *evidence.same_fields(found),
        ]
        proposals = review.with_own_rules(proposals, evidence.decisions)
        trust = Trust.of(evidence.decided, project.settings.linking)
        routes = route(proposals, evidence.decisions, project.settings.linking, trust)
        task.advance()
        bars = open_bars(proposals, evidence.decisions, trust)
        identity = _identify(project, evidence, _above(resolution, bars, project.settings.linking.precision), routes)
        denied = denied_links(project.namer, evidence.decided)
        assembly = Assembly(project, {table.id: table for table in evidence.tables}, identity, denied=denied)
        _assemble(assembly, evidence, routes, Stated(mentions.links, claims, mentions.unknown))
        task.advance()
        predicted = _predict(assembly, evidence, progress)
        routes += route(predicted, _about(evidence.decisions, predicted), project.settings.linking, trust)
        # Paths follow the links that everything else found, and the learner must not learn what follows anyway.
        routes += _follow_paths(assembly, evidence, routes)
        task.advance()
    return Snapshot.store(
        project.staging,
        assembly.units,
        identity=project.staging.put_table(identity).digest,
        proposals=review.store_routes(project, {proposal.id: (proposal, where) for proposal, where in routes}.values()),
    )


def _discover(project: Project, evidence: Evidence, progress: Progress) -> list[Proposal]:
    from linker.references.discover import discover

    return discover(project, evidence.tables, evidence.profiles, evidence.matches, progress)


def _resolve(project: Project, evidence: Evidence, progress: Progress) -> Any:
    from linker.resolution import resolve
    from linker.resolution.near_duplicates import near_duplicates

    found = resolve(project, evidence.tables, evidence.profiles, evidence.matches, evidence.decided, progress)
    return found.with_those_of(near_duplicates(project, evidence.tables, evidence.extraction.documents or {}))


def _link_mentions(project: Project, evidence: Evidence, progress: Progress) -> Any:
    from linker.mentions import link_mentions

    return link_mentions(project, evidence.extraction, evidence.profiles, progress)


def _link_claims(project: Project, evidence: Evidence, hits: pa.Table) -> pa.Table:
    precision = project.settings.linking.precision
    return link_claims(project, evidence.extraction.documents or {}, hits, precision=precision)


def _above(resolution: Any, bars: Bars, precision: float) -> dict[str, pa.Table]:
    """Give the scored pairs that go in unasked, by the proposal of their link type."""
    return {
        each.id: pairs.filter(pc.greater_equal(pairs["probability"], bars.get(type_of_pairs(each), precision)))
        for each in resolution.types
        if (pairs := resolution.pairs.get(each.id)) is not None
    }


def _identify(
    project: Project, evidence: Evidence, pairs_of: Mapping[str, pa.Table], routes: Sequence[tuple[Proposal, Route]]
) -> pa.Table:
    from linker.resolution.identity import identify

    tables = {table.id: table for table in evidence.tables}
    accepted = [
        (tables[f"{each.start.source}/{each.start.table}"], tables[f"{each.end.source}/{each.end.table}"], pairs)
        for each, where in routes
        if where is Route.ACCEPTED
        and each.rule.kind is RuleKind.SAME_THING
        and (pairs := pairs_of.get(each.id)) is not None
    ]
    digest = project.snapshot().identity
    previous = project.staging.table([digest]) if digest else None
    return identify(project, accepted, 0.0, evidence.decided, previous).cast(IDENTITY)


def _assemble(assembly: Assembly, evidence: Evidence, routes: Sequence[tuple[Proposal, Route]], stated: Stated) -> None:
    project, documents = assembly.project, evidence.extraction.documents or {}
    labels = label_fields(evidence.tables, evidence.profiles)
    for table in evidence.tables:
        found_in = documents[table.source].documents if _in_documents(table, documents) else ()
        assemble_records(assembly, table, labels[table.id], found_in)
        assemble_redirects(assembly, table)
    for source, found in documents.items():
        assemble_documents(assembly, source, found)
    link_types = _link_types(evidence, routes)
    for link_type in link_types:
        if link_type.rule.kind in FIELD_RULES:
            assemble_references(assembly, link_type)
    assemble_mentions(assembly, link_types, stated.mentions, project.settings.linking.precision)
    assemble_claims(assembly, link_types, stated.claims)
    for source, names in stated.unknown.items():
        assemble_names(assembly, source, names)
    assemble_assertions(assembly, evidence.decided)
    same_fields = [proposal for proposal, where in routes if _is_same_field(proposal, where)]
    assemble_ontology(assembly, link_types, same_fields, evidence.decided)


def _link_types(evidence: Evidence, routes: Sequence[tuple[Proposal, Route]]) -> list[LinkType]:
    return [
        review.as_link_type(proposal, evidence.decisions.get(proposal.id))
        for proposal, where in sorted(routes, key=lambda entry: (-entry[0].probability, entry[0].id))
        if proposal.kind is ProposalKind.LINK_TYPE and where is Route.ACCEPTED
    ]


def _follow_paths(
    assembly: Assembly, evidence: Evidence, routes: Sequence[tuple[Proposal, Route]]
) -> list[tuple[Proposal, Route]]:
    """Add the links of accepted paths, and give proposals of new ones: only people make a path a type of link."""
    from linker.paths.proposing import propose_paths

    link_types = _link_types(evidence, routes)
    assemble_paths(assembly, link_types, evidence.decisions)
    proposed = propose_paths(assembly, link_types)
    return route(proposed, _about(evidence.decisions, proposed), assembly.project.settings.linking)


def _predict(assembly: Assembly, evidence: Evidence, progress: Progress) -> list[Proposal]:
    project = assembly.project
    if not project.settings.linking.graph_learning:
        return []
    from linker.learning.predict import predict_links
    from linker.learning.proposing.reading import learnable

    links, entities = learnable(assembly)
    return predict_links(project, links, entities, evidence.decided, progress)


def _is_same_field(proposal: Proposal, where: Route) -> bool:
    return proposal.kind is ProposalKind.SAME_FIELD and where is Route.ACCEPTED


def _in_documents(table: Table, documents: Mapping[str, Documents]) -> bool:
    return table.origin is ItemKind.FILE and table.source in documents


def _about(decisions: dict[str, Decision], proposals: Sequence[Proposal]) -> dict[str, Decision]:
    ids = {proposal.id for proposal in proposals}
    return {key: decision for key, decision in decisions.items() if key in ids}


def _given(project: Project, head: str, decisions: dict[str, Decision]) -> str:
    counted = sorted((key, each.verdict.value, each.name, each.seq) for key, each in decisions.items())
    model, policy = project.catalog.head(IN_FORCE), project.settings.linking.model_dump()
    return digest_of([__version__, VERSION, ROUTING, head, counted, policy, project.settings.base, model])


def _forget_units(project: Project, snapshot: Snapshot) -> None:
    units = project.catalog.checkpoints("link")
    project.catalog.drop_checkpoints("link", [name for name in units if name != "*" and name not in snapshot.units])
