"""The published graph as GraphQL shows it."""

from dataclasses import dataclass
from typing import Any

from api.graphql import graph_types as graph
from bifrost.project import Project


@dataclass(frozen=True, slots=True)
class Page:
    """How many, and after which."""

    first: int
    after: str | None = None


def entity(project: Project, iri: str) -> graph.Entity | None: ...
def entities(project: Project, kind: str | None, source: str | None, page: Page) -> graph.EntityPage: ...
def search(project: Project, text: str, first: int, *, types: Any, sources: Any) -> list[graph.SearchHit]: ...
def types(project: Project) -> list[graph.TypeCount]: ...
def neighbourhood(project: Project, iri: str, *, depth: int, limit: int) -> graph.Neighbourhood: ...
