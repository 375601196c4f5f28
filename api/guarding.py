"""The checks that every application of ours stands behind."""

from fastapi import FastAPI

from api.failures import UnexpectedErrors
from api.security import BodyLimit, KnownHosts, SafeHeaders, SameOrigin
from bifrost.project import Project


def guard(app: FastAPI, project: Project) -> None:
    """Put the checks around the routes; the one added last sees a request first."""
    serving = project.settings.serving
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(BodyLimit, limit_bytes=int(serving.body_limit_mb * 1e6))
    app.add_middleware(SameOrigin)
    app.add_middleware(KnownHosts, names=[serving.host, *serving.allowed_hosts])
    app.add_middleware(SafeHeaders)
