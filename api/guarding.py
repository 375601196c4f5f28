"""What every application of ours begins with, and the checks that it stands behind."""

from fastapi import FastAPI

from api import rest
from api.failures import UnexpectedErrors, answer_failures
from api.security import BodyLimit, KnownHosts, SafeHeaders, SameOrigin
from bifrost import __version__
from bifrost.project import Project


def new_app(project: Project, title: str, about: str) -> FastAPI:
    """Begin an application that answers failures as all do, and describes itself offline."""
    app = FastAPI(
        title=title,
        version=__version__,
        description=about,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{rest.PREFIX}/openapi.json",
    )
    answer_failures(app, project)
    return app


def guard(app: FastAPI, project: Project) -> None:
    """Put the checks around the routes; the one added last sees a request first."""
    serving = project.settings.serving
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(BodyLimit, limit_bytes=int(serving.body_limit_mb * 1e6))
    app.add_middleware(SameOrigin)
    app.add_middleware(KnownHosts, names=[serving.host, *serving.allowed_hosts])
    app.add_middleware(SafeHeaders)
