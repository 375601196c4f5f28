import json

import pytest
from fastapi.testclient import TestClient

from bifrost.project import Project

LABELS = "SELECT ?label WHERE { ?lot a stock:Lots ; rdfs:label ?label } ORDER BY ?label"
BUILD = "CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s rdfs:label ?o }"
DIRECT = {"Content-Type": "application/sparql-query"}


def names(text: str) -> list[str]:
    return [row["label"]["value"] for row in json.loads(text)["results"]["bindings"]]


def test_a_query_comes_by_get_by_form_or_as_the_body(graph_web: TestClient) -> None:
    answers = [
        graph_web.get("/sparql", params={"query": LABELS}),
        graph_web.post("/sparql", data={"query": LABELS}),
        graph_web.post("/sparql", content=LABELS, headers=DIRECT),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/sparql-results+json"
        assert names(answer.text) == ["Lot L-1", "Lot L-2"]


@pytest.mark.parametrize(
    ("accept", "query", "media_type", "part"),
    [
        ("application/sparql-results+xml", LABELS, "application/sparql-results+xml", "<literal>Lot L-1</literal>"),
        ("text/csv", LABELS, "text/csv", "Lot L-1\r\n"),
        ("text/tab-separated-values", LABELS, "text/tab-separated-values", '"Lot L-1"\n'),
        ("application/sparql-results+json", "ASK { ?s ?p ?o }", "application/sparql-results+json", "true"),
        ("*/*", BUILD, "text/turtle", '"Steelworks Aachen"'),
        ("application/n-triples", BUILD, "application/n-triples", '"Steelworks Aachen" .'),
        ("application/ld+json", BUILD, "application/ld+json", '"Steelworks Aachen"'),
    ],
)
def test_the_accept_header_chooses_the_form(
    graph_web: TestClient, accept: str, query: str, media_type: str, part: str
) -> None:
    answer = graph_web.post("/sparql", content=query, headers={**DIRECT, "Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == media_type
    assert part in answer.text


def test_a_form_that_does_not_exist_is_not_acceptable(graph_web: TestClient) -> None:
    answer = graph_web.get("/sparql", params={"query": LABELS}, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "text/csv" in answer.text


def test_the_default_graph_can_be_one_graph_or_several(graph_web: TestClient) -> None:
    graph = "https://graph.example.org/graph/"
    count = "SELECT (COUNT(DISTINCT ?s) AS ?label) WHERE { ?s a ?type }"
    for chosen, expected in (([], "3"), (["stock"], "2"), (["buying"], "1"), (["stock", "buying"], "3")):
        parameters = {"query": count, "default-graph-uri": [graph + name for name in chosen]}
        assert names(graph_web.get("/sparql", params=parameters).text) == [expected]


@pytest.mark.parametrize(
    "update",
    ["INSERT DATA { <a:a> <a:b> <a:c> }", "DELETE WHERE { ?s ?p ?o }", "DROP ALL", "LOAD <http://127.0.0.1:1/x>"],
)
def test_updates_are_refused_however_they_come(graph_web: TestClient, update: str) -> None:
    answers = [
        graph_web.get("/sparql", params={"query": update}),
        graph_web.get("/sparql", params={"update": update}),
        graph_web.post("/sparql", data={"update": update}),
        graph_web.post("/sparql", content=update, headers=DIRECT),
        graph_web.post("/sparql", content=update, headers={"Content-Type": "application/sparql-update"}),
    ]
    for answer in answers:
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text.startswith("SPARQL query: ")
    total = "SELECT (COUNT(*) AS ?label) WHERE { ?s a ?type }"
    assert names(graph_web.get("/sparql", params={"query": total}).text) == ["3"]


@pytest.mark.parametrize("query", ["SELEC ?s", "SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", ""])
def test_queries_that_cannot_run_get_a_sentence(graph_web: TestClient, query: str) -> None:
    answer = graph_web.get("/sparql", params={"query": query})
    assert answer.status_code == 400
    assert answer.text.startswith("SPARQL query: ")


def test_no_query_or_two_queries_are_refused(graph_web: TestClient) -> None:
    assert graph_web.get("/sparql").status_code == 400
    assert graph_web.get("/sparql", params={"query": [LABELS, LABELS]}).status_code == 400


def test_a_query_that_runs_too_long_is_stopped_and_may_be_tried_again(
    graph_web: TestClient, published: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = published.settings.stores.model_copy(update={"query_timeout_seconds": 0.3})
    monkeypatch.setattr(published, "settings", published.settings.model_copy(update={"stores": stores}))
    wide = "SELECT (COUNT(*) AS ?n) WHERE { " + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(9)) + " }"
    answer = graph_web.get("/sparql", params={"query": wide})
    assert answer.status_code == 503
    assert "stopped after 0.3 s" in answer.text
    assert answer.headers["retry-after"]


def test_before_anything_is_published_the_answer_says_what_to_do(web: TestClient) -> None:
    answer = web.get("/sparql", params={"query": LABELS})
    assert answer.status_code == 503
    assert "bifrost run" in answer.text
