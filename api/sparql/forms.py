"""The forms in which a SPARQL answer travels."""

from collections.abc import Callable, Mapping

from fastapi.responses import PlainTextResponse, Response

from api.sparql.negotiation import negotiated
from graph_store.triples.service import SparqlResult

Writer = Callable[[SparqlResult], str]

_ROWS: Mapping[str, Writer] = {
    "application/sparql-results+json": SparqlResult.json,
    "application/json": SparqlResult.json,
    "application/sparql-results+xml": SparqlResult.xml,
    "application/xml": SparqlResult.xml,
    "text/csv": SparqlResult.csv,
    "text/tab-separated-values": SparqlResult.tsv,
}
_TRIPLES: Mapping[str, Writer] = {
    "text/turtle": SparqlResult.turtle,
    "application/n-triples": SparqlResult.ntriples,
    "application/ld+json": SparqlResult.json,
    "text/plain": SparqlResult.ntriples,
}


def answer(result: SparqlResult, accept: str) -> Response:
    """Write a result in the form that the caller likes best; 406 names the forms there are."""
    forms = _TRIPLES if result.is_graph else _ROWS
    media_type = negotiated(accept, tuple(forms))
    if media_type is None:
        return PlainTextResponse(f"this answer comes as {', '.join(forms)}\n", 406)
    return Response(forms[media_type](result), media_type=media_type, headers={"Vary": "Accept"})
