"""REST: search, entities, counts and rejects."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.totals import totals
from bifrost.errors import EntityMissing
from bifrost.project import Project
from graph_store.entities import entity
from graph_store.search.service import search


class Hit(BaseModel):
    """A search result."""

    iri: str
    label: str
    types: list[str] = Field(description="IRIs of its classes")
    score: float
    snippet: str


class RejectState(BaseModel):
    """Something that could not be read, with the place and the reason."""

    source: str
    item: str
    place: str
    stage: str
    reason: str


def routes(project: Project) -> APIRouter:
    """Serve the graph of one project."""
    router = APIRouter(tags=["Graph"])

    @router.get("/search", summary="Search by words and by meaning")
    def find(
        text: str,
        first: int = Query(20, ge=1, le=500),
        types: Annotated[list[str] | None, Query(description="classes, by IRI or name")] = None,
        sources: Annotated[list[str] | None, Query()] = None,
    ) -> list[Hit]:
        """Give the entities that match best; any text is a valid query."""
        hits = search(project, text, limit=first, types=types or (), sources=sources or ())
        return [Hit(**asdict(hit)) for hit in hits]

    @router.get("/entity", summary="Show an entity")
    def show_entity(iri: str) -> dict[str, Any]:
        """Give an entity with its facts, its links, and for each of them the places where it was seen."""
        view = entity(project, iri)
        if view is None:
            raise EntityMissing(iri)
        return asdict(view)

    @router.get("/summary", summary="Count what the project holds")
    def summary() -> dict[str, int]:
        """Give the counts of the start page."""
        return totals(project)

    @router.get("/rejects", summary="List what could not be read")
    def list_rejects(source: str | None = None, first: int = Query(100, ge=1, le=500)) -> list[RejectState]:
        """Give places that could not be read, with the reason, of one source or of all."""
        return [RejectState(**asdict(reject)) for reject in project.catalog.rejects(source)[:first]]

    return router
