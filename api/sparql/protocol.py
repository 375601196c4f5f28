"""SPARQL 1.1 protocol, query operation (https://www.w3.org/TR/sparql11-protocol/): GET, form POST and direct POST."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response

from api.failures import sentence, status_of
from api.sparql.forms import answer
from bifrost.errors import BifrostError, QueryInvalid
from bifrost.project import Project
from graph_store.triples.service import query

_FORM = "application/x-www-form-urlencoded"
_DIRECT = "application/sparql-query"
_UPDATES_REFUSED = "updates are not accepted: the graph changes through decisions and runs"
_RETRY_SECONDS = "5"
_DESCRIBED_GET = {
    "parameters": [
        {"name": "query", "in": "query", "required": True, "schema": {"type": "string"}},
        {
            "name": "default-graph-uri",
            "in": "query",
            "description": "a graph to ask instead of all; may be repeated",
            "schema": {"type": "array", "items": {"type": "string"}},
        },
    ]
}
_DESCRIBED_POST = {
    "requestBody": {
        "required": True,
        "content": {
            _DIRECT: {"schema": {"type": "string"}, "example": "SELECT * WHERE { ?s ?p ?o } LIMIT 10"},
            _FORM: {"schema": {"type": "object", "properties": {"query": {"type": "string"}}}},
        },
    }
}


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the graphs that make up its default graph; none means all."""

    query: str
    graphs: tuple[str, ...] = ()


def routes(project: Project) -> APIRouter:
    """Serve SPARQL queries on one project at /sparql."""
    router = APIRouter(tags=["SPARQL"])

    @router.get("/sparql", summary="Ask in SPARQL 1.1, with ?query=", openapi_extra=_DESCRIBED_GET)
    async def get(request: Request) -> Response:
        """Answer `?query=`, optionally over `default-graph-uri`s; the Accept header chooses the form."""
        return await _answered(project, request)

    @router.post(
        "/sparql", summary="Ask in SPARQL 1.1, with the query as the body or in a form", openapi_extra=_DESCRIBED_POST
    )
    async def post(request: Request) -> Response:
        """Answer a body of `application/sparql-query`, or the field `query` of a form."""
        return await _answered(project, request)

    return router


async def _answered(project: Project, request: Request) -> Response:
    accept = request.headers.get("accept", "")
    try:
        question = await _question(request)
        return await run_in_threadpool(_ask, project, question, accept)
    except BifrostError as error:
        status = status_of(error)
        headers = {"Retry-After": _RETRY_SECONDS} if status == 503 else None
        return PlainTextResponse(sentence(project, error) + "\n", status, headers)


def _ask(project: Project, question: Question, accept: str) -> Response:
    return answer(query(project, question.query, graphs=question.graphs or None), accept)


async def _question(request: Request) -> Question:
    """Read the query as the protocol's section 2.1 allows it to come."""
    parameters = parse_qs(request.url.query, keep_blank_values=True)
    if request.method == "POST":
        media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
        body = (await request.body()).decode("utf-8", errors="replace")
        if media_type == _FORM:
            parameters = parse_qs(body, keep_blank_values=True)
        elif media_type == _DIRECT:
            parameters = {**parameters, "query": [body]}
        elif media_type == "application/sparql-update":
            raise QueryInvalid("SPARQL", _UPDATES_REFUSED)
        else:
            raise QueryInvalid("SPARQL", f"send the body as {_DIRECT} or {_FORM}")
    return _read(parameters)


def _read(parameters: dict[str, list[str]]) -> Question:
    if "update" in parameters:
        raise QueryInvalid("SPARQL", _UPDATES_REFUSED)
    if "named-graph-uri" in parameters:
        raise QueryInvalid("SPARQL", "named-graph-uri is not supported: write FROM NAMED in the query")
    queries = parameters.get("query", [])
    if len(queries) != 1:
        raise QueryInvalid("SPARQL", "give exactly one query, for example ?query=SELECT * WHERE { ?s ?p ?o } LIMIT 10")
    return Question(queries[0], tuple(parameters.get("default-graph-uri", ())))
