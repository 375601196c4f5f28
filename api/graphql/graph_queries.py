"""GraphQL queries on the published graph."""

import strawberry

from api.graphql import graph_types as graph
from api.graphql import graph_view
from api.graphql.asking import AskedInfo, OptionalKind
from api.graphql.limits import page_size


def entity(info: AskedInfo, iri: strawberry.ID) -> graph.Entity | None:
    """One entity with its facts, links and supports, also under the IRI of one merged into it; null when unknown."""
    return graph_view.entity(info.context.project, iri)


def entities(
    info: AskedInfo, kind: OptionalKind = None, source: str | None = None, first: int = 20, after: str | None = None
) -> graph.EntityPage:
    """Entities of a class or source, page by page."""
    page = graph_view.Page(page_size(first), after)
    return graph_view.entities(info.context.project, kind, source, page)


def search(
    info: AskedInfo, text: str, first: int = 20, types: list[str] | None = None, sources: list[str] | None = None
) -> list[graph.SearchHit]:
    """Entities found by words and by meaning, the best first."""
    return graph_view.search(info.context.project, text, page_size(first), types=types or (), sources=sources or ())


def types(info: AskedInfo) -> list[graph.TypeCount]:
    """The classes of the graph and their sizes."""
    return graph_view.types(info.context.project)


def neighbourhood(info: AskedInfo, iri: strawberry.ID, depth: int = 1, limit: int = 60) -> graph.Neighbourhood:
    """The entities within `depth` links of one, at most `limit`, and the links among them."""
    return graph_view.neighbourhood(info.context.project, iri, depth=depth, limit=page_size(limit, "limit"))
