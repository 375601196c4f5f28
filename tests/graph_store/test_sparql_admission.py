"""Queries that would leave the graph are refused, however they are written."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pyoxigraph import Store

from bifrost.errors import QueryInvalid
from graph_store.triples.admission import admit
from graph_store.triples.workers import Process

KNOWN = {"ex": "http://127.0.0.1:PORT/", "service_desk": "http://x/"}
CALLS = [
    "SELECT * { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { sErViCe <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { SERVICE<http://127.0.0.1:PORT/>{ ?s ?p ?o } }",
    "SELECT * { SERVICEex:a { ?s ?p ?o } }",
    "SELECT * { SERVICESILENTex:a { ?s ?p ?o } }",
    "PREFIX SERVICEex: <http://x/> SELECT * { SERVICEex:a { ?s ?p ?o } }",
    "PREFIX : <http://127.0.0.1:PORT/> SELECT * { SERVICE:a { ?s ?p ?o } }",
    "SELECT * { VALUES ?a { ex:a } SERVICE?a{ ?s ?p ?o } }",
    "SELECT * { ?s ?p true SERVICE ex:a { ?s ?p ?o } }",
    "SELECT * { ?s ?p trueSERVICEex:a { ?s ?p ?o } }",
    "SELECT * { ?s ?p 1SERVICE ex:a { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?a, ?b FILTER(?a<?b)SERVICE#>\nex:a{ ?s ?p ?o } }",
    "SELECT * { ?s ?p <http://x/\\u0041#> . SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p 'a#' . SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p '''it''s''' . SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    'SELECT * { ?s ?p "a\\\\" . SERVICE <http://127.0.0.1:PORT/> { ?s ?p "b" } }',
    "SELECT * { # a comment\rSERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ex:a.SERVICE ex:a { ?s ?p ?o } }",
    "SELECT * { ?s ?p _:b.SERVICE ex:a { ?s ?p ?o } }",
    "SELECT * { ?s ?p 'a'@en.SERVICE ex:a { ?s ?p ?o } }",
    "SELECT * { { SELECT * { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } } } }",
    "ASK { FILTER EXISTS { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } } }",
]
HARMLESS = [
    "SELECT ?service { ?service ?p ?o }",
    "SELECT $SERVICE { $SERVICE ?p ?o }",
    "SELECT * { ?s ?p 'SERVICE <http://x/> {}' }",
    'SELECT * { ?s ?p """a "quoted" SERVICE""" }',
    "SELECT * { ?s ?p ?o } # SERVICE <http://x/> {}",
    "SELECT * { ?s <http://x/service#y> ?o . ?o <http://x/(a)> ?z }",
    "SELECT * { ?s ex:service ?o ; ex:self-service ?p }",
    "SELECT * { ?s service_desk:ticket ?o }",
    "SELECT * { ?s ?p 'x'@en-service }",
    "SELECT * { _:service ?p ?o }",
]
UPDATES = [
    "INSERT DATA { <x:s> <x:p> <x:o> }",
    "PREFIX ex: <http://x/> DELETE WHERE { ?s ex:p ?o }",
    "# SELECT\nDROP ALL",
    "LOAD <http://127.0.0.1/>",
    "CLEAR DEFAULT",
    "WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
]


@pytest.mark.parametrize("text", CALLS)
def test_calls_to_other_servers_are_refused(text: str) -> None:
    with pytest.raises(QueryInvalid, match="SERVICE is not allowed"):
        admit(text, KNOWN)


@pytest.mark.parametrize("text", HARMLESS)
def test_the_word_service_elsewhere_is_no_call(text: str) -> None:
    admit(text, KNOWN)


@pytest.mark.parametrize("text", UPDATES)
def test_updates_are_refused(text: str) -> None:
    with pytest.raises(QueryInvalid, match="updates are refused"):
        admit(text, KNOWN)


def test_very_long_queries_are_refused() -> None:
    with pytest.raises(QueryInvalid, match="longer than"):
        admit("SELECT * { }" + " " * 600_000, {})


class _Recorder(BaseHTTPRequestHandler):
    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_error(404)

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[int]:
    listening = HTTPServer(("127.0.0.1", 0), _Recorder)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield listening.server_port
    listening.shutdown()
    listening.server_close()


def test_the_query_process_reaches_no_server_even_if_the_check_let_a_call_through(server: int, tmp_path: Path) -> None:
    Store(str(tmp_path / "store")).flush()
    process, answers = Process(), []
    try:
        for text in CALLS:
            request = {
                "query": text.replace("PORT", str(server)),
                "prefixes": {name: iri.replace("PORT", str(server)) for name, iri in KNOWN.items()},
                "base": None,
                "graphs": None,
                "timeout_seconds": 10,
                "folder": str(tmp_path / "store"),
            }
            answers.append(process.ask(request, deadline=time.monotonic() + 30)[0])
    finally:
        process.stop()
    assert _Recorder.seen == []
    assert "Permission denied" in answers[0]["reason"]
