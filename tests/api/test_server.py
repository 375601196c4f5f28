"""The real server on a free port, asked by the real client."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from api.server import address, make_server, wait_until_started
from bifrost.client import Client
from bifrost.errors import ConfigInvalid, ServerRefused, ServerUnreachable
from bifrost.model import Proposal, Route, Verdict
from bifrost.project import Project


@contextmanager
def served(project: Project) -> Iterator[Client]:
    server = make_server(project, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert wait_until_started(server)
        yield Client(address(server), timeout_seconds=20)
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def client(reviewed: Project) -> Iterator[Client]:
    with served(reviewed) as client:
        yield client


def test_the_client_reviews_and_runs_over_a_real_connection(client: Client, reviewed: Project, asked: Proposal) -> None:
    (suggested,) = client.proposals(route="ask")
    assert (suggested.proposal, suggested.route) == (asked, Route.ASK)
    client.decide(asked.id, "accept", name="delivered by", reason="contract")
    assert client.proposals(route="ask") == []
    assert [(entry.verdict, entry.name) for entry in reviewed.catalog.decisions()] == [(Verdict.ACCEPT, "delivered by")]
    assert client.graphql("{ summary { decisions } }") == {"summary": {"decisions": 1}}
    state = client.run(["crawl"], wait_seconds=20)
    assert state["failure"] is None


def test_the_client_registers_changes_and_removes_sources(client: Client, reviewed: Project) -> None:
    assert "folder" in [kind["kind"] for kind in client.source_kinds()]
    added = client.add_source("files", "folder", {"path": "files"}, {"owner": "stock"})
    assert (added["owner"], [source["name"] for source in client.sources()]) == ("stock", ["files"])
    assert client.change_source("files", {"exclude": ["*.tmp"]})["config"]["exclude"] == ["*.tmp"]
    assert client.pause_source("files")["paused"] is True
    assert client.resume_source("files")["paused"] is False
    assert "files" in client.test_source("files")
    assert client.crawls("files") == []
    with pytest.raises(ServerRefused, match="cannot give single records"):
        client.record("files", "lots.csv", ["1", "2"])
    assert client.remove_source("files", dry_run=True)["applied"] is False
    assert client.remove_source("files")["applied"] is True
    assert reviewed.catalog.sources() == []


def test_the_servers_sentence_reaches_the_caller(client: Client) -> None:
    with pytest.raises(ServerRefused, match="there is no proposal 'none'"):
        client.decide("none", "accept")
    with pytest.raises(ServerRefused, match="Cannot query field"):
        client.graphql("{ nonsense }")
    with pytest.raises(ServerRefused, match="nothing is published in the project yet") as raised:
        client.sparql("ASK { ?s ?p ?o }")
    assert raised.value.retryable


def test_the_client_asks_the_graph_over_a_real_connection(published: Project) -> None:
    with served(published) as client:
        rows = client.sparql("SELECT ?label ?none WHERE { ?lot a stock:Lots ; rdfs:label ?label } ORDER BY ?label")
        assert rows == [{"label": "Lot L-1", "none": None}, {"label": "Lot L-2", "none": None}]
        assert client.sparql("ASK { ?s ?p ?o }") == [{"answer": "true"}]
        built = client.triples("CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s rdfs:label ?o }")
        assert len(built.splitlines()) == 3
        with pytest.raises(ServerRefused, match="SPARQL query: updates"):
            client.sparql("INSERT DATA { <a:b> <a:b> <a:b> }")


def test_a_server_that_is_not_there_may_be_tried_again() -> None:
    with pytest.raises(ServerUnreachable) as raised:
        Client("http://127.0.0.1:9", timeout_seconds=2).search("x")
    assert raised.value.retryable


def test_other_schemes_than_http_are_refused() -> None:
    with pytest.raises(ConfigInvalid):
        Client("file:///etc/passwd")


def test_a_slow_question_does_not_keep_others_waiting(
    client: Client, reviewed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, released = threading.Event(), threading.Event()

    def slow(*_: object) -> list[object]:
        began.set()
        released.wait(20)
        return []

    monkeypatch.setattr(type(reviewed.catalog), "runs", slow)
    asking = threading.Thread(target=client.graphql, args=("{ runs { id } }",))
    asking.start()
    try:
        assert began.wait(10)
        assert client.graphql("{ summary { sources } }") == {"summary": {"sources": 0}}
        assert asking.is_alive()
    finally:
        released.set()
        asking.join(10)
