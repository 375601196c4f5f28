"""GraphQL over HTTP: POST with JSON, GET for reading, and a query page for browsers."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.graphql.service import ALL, READING, execute, schema
from api.identity import person
from api.pages import page
from bifrost.errors import QueryInvalid
from bifrost.project import Project


class Question(BaseModel):
    """A GraphQL request as clients send it."""

    model_config = ConfigDict(populate_by_name=True)

    query: str = Field(min_length=1)
    variables: dict[str, Any] | None = None
    operation_name: str | None = Field(default=None, alias="operationName")


def routes(project: Project) -> APIRouter:
    """Serve the schema of one project at /graphql."""
    router = APIRouter(tags=["GraphQL"])

    @router.post("/graphql", summary="Ask or change the graph in GraphQL")
    async def ask(question: Question, request: Request) -> JSONResponse:
        """Answer `{query, variables, operationName}`; failures are in `errors`, as GraphQL says."""
        by = person(project, request.headers)
        answer = await run_in_threadpool(
            execute, project, question.query, question.variables, operation=question.operation_name, by=by, allowed=ALL
        )
        return JSONResponse(answer)

    @router.get("/graphql", summary="The query page, or a reading query in the address")
    async def page_or_answer(request: Request, query: str | None = None, variables: str | None = None) -> Response:
        """Answer `?query=`; without one, give the query page. Changes need POST."""
        if query is None:
            return page("graphql.html")
        given = _variables(variables)
        by = person(project, request.headers)
        answer = await run_in_threadpool(execute, project, query, given, by=by, allowed=READING)
        return JSONResponse(answer)

    @router.get("/graphql/schema.graphql", summary="The schema as text")
    def schema_text() -> Response:
        """Give the schema definition."""
        return Response(schema().as_str(), media_type="text/plain")

    return router


def _variables(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        value = Question.model_validate_json(f'{{"query": "-", "variables": {text}}}')
    except ValueError as error:
        raise QueryInvalid("GraphQL", "variables must be a JSON object") from error
    return value.variables
