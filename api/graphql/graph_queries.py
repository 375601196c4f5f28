"""GraphQL queries on the published graph."""

import strawberry

from api.graphql import graph_types as types_of_graph
from api.graphql.asking import AskedInfo, OptionalKind
from api.graphql.graph_view import shown_entity, shown_hits, shown_neighbourhood, shown_page, shown_type
from api.graphql.limits import page_size
from bifrost.errors import GraphEmpty, QueryInvalid
from graph_store import entities as graph
from graph_store.entities.graph import open_graph
from graph_store.search.service import search as find

DEEPEST_NEIGHBOURHOOD = 3


def entity(info: AskedInfo, iri: strawberry.ID) -> types_of_graph.Entity | None:
    """One entity with its facts, links and supports, also under the IRI of one merged into it; null when unknown."""
    view = graph.entity(info.context.project, iri)
    return shown_entity(view) if view else None


def entities(
    info: AskedInfo, kind: OptionalKind = None, source: str | None = None, first: int = 20, after: str | None = None
) -> types_of_graph.EntityPage:
    """Entities of a class (its IRI or name) and of a source, page by page."""
    project, size = info.context.project, page_size(first)
    return shown_page(graph.entities(project, kind, source=source, first=size, after=after))


def search(
    info: AskedInfo, text: str, first: int = 20, types: list[str] | None = None, sources: list[str] | None = None
) -> list[types_of_graph.SearchHit]:
    """Entities found by words and by meaning, the best first."""
    project, size = info.context.project, page_size(first)
    hits = find(project, text, limit=size, types=types or (), sources=sources or ())
    return shown_hits(open_graph(project), hits)


def types(info: AskedInfo) -> list[types_of_graph.TypeCount]:
    """The classes of the graph and their sizes; none before anything is published."""
    try:
        return [shown_type(counted) for counted in graph.types(info.context.project)]
    except GraphEmpty:
        return []


def neighbourhood(info: AskedInfo, iri: strawberry.ID, depth: int = 1, limit: int = 60) -> types_of_graph.Neighbourhood:
    """The entities within `depth` links of one (at most 3), at most `limit`, and the links among them."""
    if not 1 <= depth <= DEEPEST_NEIGHBOURHOOD:
        raise QueryInvalid("GraphQL", f"depth must lie between 1 and {DEEPEST_NEIGHBOURHOOD}, not {depth}")
    size = page_size(limit, "limit")
    return shown_neighbourhood(graph.neighbourhood(info.context.project, iri, depth=depth, limit=size))
