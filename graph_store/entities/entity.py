"""One entity with its facts, links and supports."""

from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from typing import Any

from bifrost.iris import RDF_TYPE, RDFS_LABEL, SAME_AS
from bifrost.project import Project
from graph_store.entities.graph import Graph, Statement, open_graph
from graph_store.entities.supports import facts_about, statements_about, support_of
from graph_store.entities.views import EntityView, Fact, Link, Summary
from graph_store.triples import provenance

MOST_LINKS = 500
"""Links of each direction that are given."""

_NOT_FACTS = frozenset([RDF_TYPE, RDFS_LABEL, SAME_AS])


def entity(project: Project, iri: str) -> EntityView | None:
    """Give all that is known about an entity, also under the IRI of a record that became part of it.

    Raises:
        GraphEmpty: nothing is published yet.
    """
    graph = open_graph(project)
    own = graph.resolve(iri)
    if own is None:
        return None
    rows = facts_about(graph, own).to_pylist()
    outward = _links_out(graph, rows)
    inward = _links_in(graph, own)
    links = (*outward[:MOST_LINKS], *inward[:MOST_LINKS])
    return EntityView(
        iri=own,
        label=graph.label(own),
        types=graph.types(own),
        sources=graph.sources(own),
        facts=tuple(_facts(graph, rows)),
        links=links,
        documents=_documents(graph, links),
        merged=graph.merged_into(own),
        redirected_from=iri if iri != own else None,
        truncated=max(len(outward), len(inward)) > MOST_LINKS,
    )


def _facts(graph: Graph, rows: Sequence[dict[str, Any]]) -> Iterable[Fact]:
    literals = [row for row in rows if row["datatype"] and row["predicate"] not in _NOT_FACTS]
    for (predicate, value, datatype), same in groupby(literals, lambda row: _names(row, "datatype")):
        yield Fact(graph.term(predicate), value, datatype, tuple(dict.fromkeys(map(support_of, same))))


def _links_out(graph: Graph, rows: Sequence[dict[str, Any]]) -> list[Link]:
    links = [row for row in rows if not row["datatype"] and row["predicate"] not in _NOT_FACTS]
    return [
        Link(graph.term(predicate), "out", graph.summary(end), tuple(dict.fromkeys(map(support_of, same))))
        for (predicate, end, _), same in groupby(islice(links, MOST_LINKS * 4), lambda row: _names(row, "datatype"))
    ]


def _links_in(graph: Graph, iri: str) -> list[Link]:
    statements = sorted(islice(graph.links_to(iri), MOST_LINKS + 1), key=_by_predicate)
    supports = statements_about(graph, iri, role=provenance.OBJECT)
    return [
        Link(graph.term(each.predicate), "in", graph.summary(each.start), supports.get(each, ())) for each in statements
    ]


def _documents(graph: Graph, links: Sequence[Link]) -> tuple[Summary, ...]:
    kind = graph.namer.term("Document")
    found = {link.entity.iri: link.entity for link in links if any(each.iri == kind for each in link.entity.types)}
    return tuple(found[iri] for iri in sorted(found))


def _names(row: dict[str, Any], last: str) -> tuple[str, str, str]:
    return row["predicate"], row["object"], row[last]


def _by_predicate(statement: Statement) -> tuple[str, str]:
    return statement.predicate, statement.start
