"""The application that predicts links and nothing else, for programs that need no more of a project."""

from fastapi import APIRouter, FastAPI

from api import health, rest
from api.failures import failures
from api.guarding import guard, new_app
from api.rest import link_models, predictions
from bifrost.project import Project

_ABOUT = """
Predicted links of one Bifrost project: the likeliest tails, heads and types of links, and how likely given links are.
A prediction is never a fact: it can be made a question, which people answer.
"""


def create_link_app(project: Project) -> FastAPI:
    """Build the application of one project, with the routes that the whole server has for this."""
    app = new_app(project, "Bifrost: predicted links", _ABOUT)
    router = APIRouter(prefix=rest.PREFIX)
    for part in (predictions, link_models):
        router.include_router(part.routes(project), responses=failures(422))
    app.include_router(health.routes(project))
    app.include_router(router)
    guard(app, project)
    return app
