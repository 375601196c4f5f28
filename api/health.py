"""Whether the server can answer: for load balancers, service managers and people."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from bifrost import __version__
from bifrost.project import Project


class Health(BaseModel):
    """The state of the server."""

    status: str = Field(description="ok, or failing when the catalog cannot be read")
    version: str
    snapshot: str | None = Field(description="digest of the latest linked graph")


def routes(project: Project) -> APIRouter:
    """Serve the state of one project."""
    router = APIRouter(tags=["Health"])

    @router.get("/health", summary="Tell whether the server works")
    def health(response: Response) -> Health:
        """Answer 200 when the catalog can be read, 503 when it cannot."""
        try:
            return Health(status="ok", version=__version__, snapshot=project.catalog.head("snapshot"))
        except SQLAlchemyError:
            response.status_code = 503
            return Health(status="failing", version=__version__, snapshot=None)

    return router
