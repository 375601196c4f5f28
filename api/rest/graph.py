"""REST: search, entities and counts."""

from fastapi import APIRouter

from api.totals import totals
from bifrost.project import Project


def routes(project: Project) -> APIRouter:
    """Serve the graph of one project."""
    router = APIRouter(tags=["Graph"])

    @router.get("/summary", summary="Count what the project holds")
    def summary() -> dict[str, int]:
        """Give the counts of the start page."""
        return totals(project)

    return router
