"""The published graph as GraphQL shows it."""

from collections.abc import Iterable, Sequence

import strawberry

from api.graphql.graph_types import (
    Entity,
    EntityPage,
    EntitySummary,
    Fact,
    Link,
    Neighbourhood,
    NeighbourhoodEdge,
    NeighbourhoodNode,
    SearchHit,
    Support,
    TypeCount,
    TypeRef,
)
from graph_store.entities import views
from graph_store.entities.graph import Graph
from graph_store.search.service import Hit


def shown_entity(view: views.EntityView) -> Entity:
    """Show an entity with all that is known about it."""
    return Entity(
        iri=strawberry.ID(view.iri),
        label=view.label,
        types=_types(view.types),
        sources=list(view.sources),
        facts=[_fact(fact) for fact in view.facts],
        redirected_from=view.redirected_from,
        all_links=[_link(link) for link in view.links],
    )


def shown_page(page: views.EntityPage) -> EntityPage:
    """Show a page of entities."""
    nodes = [_summary(each) for each in page.entities]
    return EntityPage(nodes=nodes, next_cursor=page.next, total=page.total)


def shown_hits(graph: Graph, hits: Sequence[Hit]) -> list[SearchHit]:
    """Show search results, with the names of their classes."""
    terms = {iri: graph.term(iri) for iri in {iri for hit in hits for iri in hit.types}}
    return [
        SearchHit(
            iri=strawberry.ID(hit.iri),
            label=hit.label,
            types=_types(terms[iri] for iri in hit.types),
            score=hit.score,
            snippet=hit.snippet,
        )
        for hit in hits
    ]


def shown_type(counted: views.TypeCount) -> TypeCount:
    """Show a class and its size."""
    kind = counted.type
    return TypeCount(iri=strawberry.ID(kind.iri), label=kind.label, source=counted.source, count=counted.count)


def shown_neighbourhood(found: views.Neighbourhood) -> Neighbourhood:
    """Show the surroundings of an entity."""
    return Neighbourhood(
        nodes=[_node(node) for node in found.nodes],
        edges=[_edge(edge) for edge in found.edges],
        truncated=found.truncated,
    )


def _node(node: views.Node) -> NeighbourhoodNode:
    kind = node.types[0].label if node.types else ""
    return NeighbourhoodNode(iri=strawberry.ID(node.iri), label=node.label, type=kind)


def _edge(edge: views.Edge) -> NeighbourhoodEdge:
    return NeighbourhoodEdge(
        start=strawberry.ID(edge.start),
        end=strawberry.ID(edge.end),
        name=edge.predicate.label,
        predicate=edge.predicate.iri,
        confidence=edge.confidence,
    )


def _types(terms: Iterable[views.Term]) -> list[TypeRef]:
    return [_term(term) for term in terms]


def _term(term: views.Term) -> TypeRef:
    return TypeRef(iri=strawberry.ID(term.iri), label=term.label)


def _summary(summary: views.Summary) -> EntitySummary:
    return EntitySummary(
        iri=strawberry.ID(summary.iri),
        label=summary.label,
        types=_types(summary.types),
        sources=list(summary.sources),
    )


def _fact(fact: views.Fact) -> Fact:
    return Fact(
        property=_term(fact.property), value=fact.value, datatype=fact.datatype, supports=_supports(fact.supports)
    )


def _link(link: views.Link) -> Link:
    return Link(
        name=link.predicate.label,
        predicate=link.predicate.iri,
        direction=link.direction,
        entity=_summary(link.entity),
        supports=_supports(link.supports),
    )


def _supports(supports: Iterable[views.Support]) -> list[Support]:
    return [
        Support(source=each.source, item=each.item, place=each.place, method=each.method, confidence=each.confidence)
        for each in supports
    ]
