"""REST: versions of the model of links, and which one is in force."""

from fastapi import APIRouter

from api.failures import failures
from api.predictions import LinkModel, link_models, use_link_model
from bifrost.project import Project


def routes(project: Project) -> APIRouter:
    """Serve the models of one project."""
    router = APIRouter(prefix="/models", tags=["Predictions"])

    @router.get("", summary="List the models of links")
    def list_models() -> list[LinkModel]:
        """Give every version with what it learned from and how it compared, the latest first."""
        return link_models(project)

    # A model's name holds a slash.
    @router.post("/{name:path}/use", summary="Put a model in force", responses=failures(404))
    def use(name: str) -> LinkModel:
        """Go back to an earlier model, or forward to a later one; the next question and the next link use it."""
        return use_link_model(project, name)

    return router
