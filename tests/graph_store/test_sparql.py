"""SPARQL on the published graph."""

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bifrost.errors import GraphEmpty, QueryInvalid, QueryTimeout
from bifrost.project import Project
from bifrost.testing.graphs import NAMER, Fact, entity, labelled, linked, typed, valued
from graph_store.triples.service import _pool, query

ORDER, CLIENT = entity("1"), entity("c1", "crm", "clients")
UNITS = {
    "orders": [typed(ORDER), labelled(ORDER, "Order 1"), valued(ORDER, "amount", "12.50", "decimal")],
    "names": [labelled(ORDER, "Order 1", "crm")],
    "clients": [typed(CLIENT, "crm", "clients"), labelled(CLIENT, "Nordwerk", "crm")],
    "links": [linked(ORDER, "placed by", CLIENT, ("shop", "crm"), confidence=0.9, place="page 2, block 1")],
}
SLOW = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?s{each} ?p{each} ?o{each} ." for each in range(14)) + " }"


@pytest.fixture
def published(project: Project, publish: Callable[..., object]) -> Project:
    publish(UNITS)
    return project


def test_nothing_published_is_said_so(project: Project) -> None:
    with pytest.raises(GraphEmpty):
        query(project, "SELECT * { ?s ?p ?o }")


def test_a_select_gives_plain_values(published: Project) -> None:
    result = query(published, "SELECT ?label ?amount ?none { ?s rdfs:label ?label ; shop:amount ?amount }")
    assert result.columns == ("label", "amount", "none")
    assert result.rows == [{"label": "Order 1", "amount": 12.5, "none": None}]


def test_one_query_follows_links_across_sources(published: Project) -> None:
    text = "SELECT ?client { ?order a shop:Orders ; link:placed_by/rdfs:label ?client }"
    assert query(published, text).rows == [{"client": "Nordwerk"}]


def test_a_statement_of_two_sources_counts_once_in_the_union(published: Project) -> None:
    text = f"SELECT (SUM(?amount) AS ?sum) {{ <{ORDER}> rdfs:label ?label ; shop:amount ?amount }}"
    assert query(published, text).rows == [{"sum": 12.5}]
    in_graphs = f"SELECT ?graph {{ GRAPH ?graph {{ <{ORDER}> rdfs:label ?label }} }} ORDER BY ?graph"
    assert [row["graph"] for row in query(published, in_graphs).rows or ()] == [
        NAMER.graph(["crm"]),
        NAMER.graph(["shop"]),
    ]


def test_provenance_is_asked_for_by_its_graph(published: Project) -> None:
    text = """
        SELECT ?document ?place ?confidence {
          GRAPH <https://graph.example.org/graph/-/provenance> {
            ?statement rdf:predicate link:placed_by ; prov:wasDerivedFrom ?document ;
                       bf:place ?place ; bf:confidence ?confidence } }
    """
    document = NAMER.document("shop", "orders.csv")
    expected = {"document": document, "place": "page 2, block 1", "confidence": 0.9}
    assert query(published, text).rows == [expected]


def test_provenance_does_not_mix_with_the_things(published: Project) -> None:
    assert query(published, "ASK { ?s a rdf:Statement }").rows == [{"answer": False}]


def test_a_declared_prefix_wins_over_a_known_one(published: Project) -> None:
    assert query(published, "PREFIX shop: <http://other/> SELECT * { ?s shop:amount ?a }").rows == []


def test_an_unknown_prefix_is_an_error_that_says_where(published: Project) -> None:
    with pytest.raises(QueryInvalid, match="1:"):
        query(published, "SELECT * { ?s nosuch:amount ?a }")


def test_relative_iris_start_at_the_base(published: Project) -> None:
    assert query(published, "ASK { <entity/shop/orders/1> ?p ?o }").rows == [{"answer": True}]


def test_results_come_in_every_form(published: Project) -> None:
    result = query(published, "SELECT ?amount { ?s shop:amount ?amount }")
    assert json.loads(result.json())["head"]["vars"] == ["amount"]
    assert result.csv().split() == ["amount", "12.5"]
    assert result.tsv().splitlines()[0] == "?amount"
    assert "<sparql" in result.xml()
    with pytest.raises(QueryInvalid, match="rows, not triples"):
        result.turtle()


def test_an_ask_comes_in_every_form(published: Project) -> None:
    result = query(published, "ASK { ?s shop:amount ?amount }")
    assert json.loads(result.json())["boolean"] is True
    assert result.csv().split() == ["answer", "true"]
    assert "<boolean>true</boolean>" in result.xml()


def test_a_construct_gives_triples(published: Project) -> None:
    result = query(published, "CONSTRUCT { ?s rdfs:label ?l } WHERE { ?s shop:amount ?a ; rdfs:label ?l }")
    assert result.rows is None
    assert '"Order 1"' in result.turtle()
    assert result.ntriples().count("\n") == 1
    assert json.loads(result.json())[0]["@id"] == ORDER
    with pytest.raises(QueryInvalid, match="triples, not rows"):
        result.csv()


def test_a_describe_gives_triples(published: Project) -> None:
    assert "Nordwerk" in query(published, f"DESCRIBE <{CLIENT}>").ntriples()


def test_only_the_given_graphs_are_seen(published: Project) -> None:
    shop = [NAMER.graph(["shop"])]
    everything = "SELECT ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    seen = {row["o"] for row in query(published, everything, graphs=shop).rows or ()}
    assert "Order 1" in seen
    assert "Nordwerk" not in seen
    assert query(published, everything, graphs=[]).rows == []


@pytest.mark.parametrize("clause", ["FROM", "FROM NAMED"])
def test_a_query_cannot_name_itself_out_of_its_graphs(published: Project, clause: str) -> None:
    crm = NAMER.graph(["crm"])
    text = f"SELECT ?o {clause} <{crm}> {{ {{ ?s ?p ?o }} UNION {{ GRAPH <{crm}> {{ ?s ?p ?o }} }} }}"
    seen = {row["o"] for row in query(published, text, graphs=[NAMER.graph(["shop"])]).rows or ()}
    assert "Nordwerk" not in seen


def test_from_narrows_an_unrestricted_query(published: Project) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM <{NAMER.graph(['shop'])}> {{ ?s ?p ?o }}"
    assert query(published, text).rows == [{"n": 3}]


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_runs(published: Project) -> None:
    began = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"0\.5 s"):
        query(published, SLOW, timeout_seconds=0.5)
    assert time.monotonic() - began < 3
    assert query(published, "ASK { ?s ?p ?o }").rows == [{"answer": True}]


def test_a_query_whose_process_died_is_followed_by_one_that_runs(published: Project) -> None:
    query(published, "ASK { ?s ?p ?o }")
    for process in _pool()._idle:
        os.kill(process._child.pid, signal.SIGKILL)
        process._child.wait()
    assert query(published, "ASK { ?s ?p ?o }").rows == [{"answer": True}]


def test_many_threads_ask_at_once(published: Project) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: query(published, "SELECT ?s { ?s shop:amount ?a }").rows, range(40)))
    assert found == [[{"s": ORDER}]] * 40


def test_a_warm_query_takes_milliseconds(published: Project) -> None:
    query(published, "ASK { ?s ?p ?o }")
    began = time.perf_counter()
    for _ in range(20):
        query(published, f"SELECT * {{ <{ORDER}> ?p ?o }}")
    assert (time.perf_counter() - began) / 20 < 0.1


def test_what_is_published_next_is_seen_at_once(published: Project, publish: Callable[..., object]) -> None:
    query(published, "ASK { ?s ?p ?o }")
    publish({**UNITS, "orders": [typed(ORDER), labelled(ORDER, "Renamed")]})
    labels = query(published, f"SELECT ?l {{ <{ORDER}> rdfs:label ?l }} ORDER BY ?l").rows
    assert labels == [{"l": "Order 1"}, {"l": "Renamed"}]


def test_readers_survive_many_publishes(published: Project, publish: Callable[..., object]) -> None:
    for number in range(4):
        publish({**UNITS, "more": [Fact(ORDER, NAMER.term("round"), str(number))]})
        assert query(published, "SELECT ?n { ?s bf:round ?n }").rows == [{"n": str(number)}]
    assert len(list((published.store_folder("triples") / "views").iterdir())) == 2
