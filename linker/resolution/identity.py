"""Which records are one entity, and how the entity is called."""

from collections.abc import Iterable

import pyarrow as pa

from bifrost.extraction import Extraction
from bifrost.model import Decision, ProposalKind, RuleKind, Table, Verdict
from bifrost.project import Project
from linker.resolution.clustering import cluster
from linker.resolution.edges import Edges, collect_edges
from linker.resolution.naming import name_clusters

Accepted = tuple[Table, Table, pa.Table]
"""Two tables of the same things, and their scored pairs (`bifrost.schemas.PAIRS`)."""


def identify(
    project: Project,
    accepted: Iterable[Accepted],
    threshold: float,
    decisions: Iterable[Decision],
    previous: pa.Table | None,
) -> pa.Table:
    """Give the records whose entity is not named after themselves (`bifrost.schemas.IDENTITY`).

    Pairs from `threshold` on merge, the most probable first, as long as no entity gets two records of a table with a
    key (unless people said so: of the pair, or that the table holds duplicates), nor two records that people told
    apart. An entity keeps the name that most of its records had in `previous`; a new one is named after its first
    record by source, table and row.
    """
    known = _tables(project)
    said = list(decisions)
    pairs = sorted(accepted, key=lambda entry: (entry[0].id, entry[1].id))
    known |= {table.id: table for entry in pairs for table in entry[:2]}
    edges = collect_edges(project.namer, list(known.values()), pairs, threshold, said)
    clusters = cluster(edges, _holding_duplicates(said))
    return name_clusters(project, list(known.values()), edges, clusters, previous)


def _tables(project: Project) -> dict[str, Table]:
    head = project.catalog.head("extraction")
    return {table.id: table for table in Extraction.load(project.staging, head).tables} if head else {}


def _holding_duplicates(decisions: Iterable[Decision]) -> frozenset[str]:
    """Name the tables of which people said that they hold the same thing more than once."""
    return frozenset(
        f"{asked.start.source}/{asked.start.table}"
        for decision in decisions
        if (asked := decision.proposal).kind is ProposalKind.LINK_TYPE
        and asked.rule.kind is RuleKind.SAME_THING
        and asked.start == asked.end
        and decision.verdict is Verdict.ACCEPT
    )


__all__ = ["Accepted", "Edges", "identify"]
