"""REST under /api/v1: sources, runs, proposals, decisions, search, counts and predicted links."""

from fastapi import APIRouter

from api.failures import failures
from api.rest import graph, link_models, predictions, review, runs, sources
from bifrost.project import Project

PREFIX = "/api/v1"


def routes(project: Project) -> APIRouter:
    """Collect the REST routes of one project."""
    router = APIRouter(prefix=PREFIX)
    for part in (sources, runs, review, graph, predictions, link_models):
        router.include_router(part.routes(project), responses=failures(422))
    return router
