"""The application: every way to ask one project, behind the same checks."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api import health, rest, website
from api.graphql import route as graphql
from api.guarding import guard, new_app
from api.pages import ASSETS, page
from api.sparql import protocol as sparql
from bifrost.project import Project

_ABOUT = """
The REST part of a Bifrost server. Register sources, start runs, review proposals, search.

The same server answers **GraphQL** at [/graphql](/graphql) and the **SPARQL 1.1 protocol** at `/sparql`.
Changes are accepted as JSON from this server's own pages or from programs. Every change to the graph is an entry of
the decision log; nothing writes to a store directly.
"""


def create_app(project: Project) -> FastAPI:
    """Build the application of one project."""
    app = new_app(project, "Bifrost", _ABOUT)
    for router in (health.routes(project), graphql.routes(project), sparql.routes(project), rest.routes(project)):
        app.include_router(router)
    _serve_offline_pages(app)
    website.serve_pages(app)
    guard(app, project)
    return app


def _serve_offline_pages(app: FastAPI) -> None:
    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return page("docs.html")

    swagger = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/docs/assets", StaticFiles(directory=swagger), name="swagger")
    app.mount("/docs/pages", StaticFiles(directory=ASSETS), name="offline pages")
