"""Failures as answers: Bifrost's own sentences reach the caller, everything else stays in the log."""

import secrets as random_text
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bifrost import errors
from bifrost.project import Project

_STATUS: tuple[tuple[type[errors.BifrostError], int], ...] = (
    (errors.UnknownName, 404),
    (errors.EntityMissing, 404),
    (errors.AlreadyThere, 409),
    (errors.ProjectBusy, 409),
    (errors.SourceBusy, 409),
    (errors.SourceDeclared, 409),
    (errors.RetractionGuarded, 409),
    (errors.RowsUnselected, 409),
    (errors.CapabilityMissing, 400),
    (errors.ConfigInvalid, 422),
    (errors.NothingTaught, 422),
    (errors.SecretMissing, 422),
    (errors.QueryInvalid, 400),
    (errors.QueryTimeout, 503),
    (errors.GraphEmpty, 503),
    (errors.ModelMissing, 503),
    (errors.NothingToFit, 409),
    (errors.StoreUnreadable, 503),
    (errors.StorageFull, 507),
    (errors.SecretKeyUnusable, 500),
    (errors.PluginBroken, 501),
    (errors.SourceUnreachable, 502),
    (errors.SourceRefused, 502),
    (errors.SourceDamaged, 502),
    (errors.ConnectorFailed, 502),
    (errors.ItemUnreadable, 502),
)
_MEANINGS = {
    400: "the source's kind, or the language, has no such question",
    404: "there is no such thing; the message names those that are",
    409: "it is taken, declared elsewhere, or in use; the message says what to do",
    422: "something given is wrong; the message names it, and never its value",
    500: "an error of the server; its log says more",
    503: "nothing is published, or no model is fitted yet; the message says what to run",
    502: "a source did not answer, refused, or gave what cannot be read",
    507: "the disk is full",
}
log = structlog.get_logger()


class FailureDetail(BaseModel):
    """What went wrong."""

    message: str = Field(description="a sentence for people: what, where, what to do")
    code: str = Field(description="the kind of error, for programs", examples=["SourceUnreachable"])
    retryable: bool = Field(description="true when the same request may work later")


class Failure(BaseModel):
    """The shape of every answer that is no success."""

    error: FailureDetail


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the failures of a route for OpenAPI."""
    return {status: {"model": Failure, "description": _MEANINGS[status]} for status in statuses}


def status_of(error: errors.BifrostError) -> int:
    """Give the HTTP status that says the same as the error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def described(project: Project, error: errors.BifrostError) -> dict[str, Any]:
    """Give the error's sentence and whether a retry can help."""
    return {
        "message": sentence(project, error),
        "code": type(error).__name__,
        "retryable": error.retryable,
    }


def sentence(project: Project, error: errors.BifrostError) -> str:
    """Give what the error says, without secrets and without the place of the project on this machine."""
    return project.secrets.mask(str(error)).replace(str(project.home), "the project")


def recorded(error: BaseException) -> dict[str, Any]:
    """Log an unexpected error and give what the caller may know: where to find it."""
    reference = random_text.token_hex(4)
    log.error("unexpected error", reference=reference, exc_info=error)
    return {
        "message": f"an unexpected error; the server's log has it under {reference}",
        "code": "Unexpected",
        "retryable": False,
    }


def answer_failures(app: FastAPI, project: Project) -> None:
    """Turn errors of every route into JSON answers of one shape."""

    async def known(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, errors.BifrostError)
        return JSONResponse({"error": described(project, error)}, status_of(error))

    async def refused(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return failure(error.status_code, str(error.detail), "Refused")

    async def malformed(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        # Never the value itself: it may be a secret.
        problems = [f"{'.'.join(str(step) for step in each['loc'])}: {each['msg']}" for each in error.errors()]
        return failure(422, "; ".join(problems), "Malformed")

    app.add_exception_handler(errors.BifrostError, known)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, malformed)


def failure(status: int, message: str, code: str) -> JSONResponse:
    """Answer with a failure that is no error of Bifrost's tree."""
    return JSONResponse({"error": {"message": message, "code": code, "retryable": False}}, status)


class UnexpectedErrors:
    """Answers 500 without internals when a route raises what nobody expected."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and catch what falls out."""
        started = False

        async def noticing(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noticing)
        except Exception as error:  # noqa: BLE001 - the last place before the caller: logged, never shown
            described_error = recorded(error)
            if scope["type"] == "http" and not started:
                await JSONResponse({"error": described_error}, 500)(scope, receive, send)
