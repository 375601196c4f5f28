from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.graphql.service import execute
from bifrost.iris import Namer
from bifrost.model import ProposalKind, Verdict
from bifrost.project import Project
from bifrost.testing.graphs import entity

NAMER = Namer("https://graph.example.org/")
LOT, OTHER_LOT = entity("L-1", "stock", "lots"), entity("L-2", "stock", "lots")
SUPPLIER = entity("7", "buying", "suppliers")
NOWHERE = entity("none", "stock", "lots")


def ask(project: Project, query: str, **variables: Any) -> dict[str, Any]:
    answer = execute(project, query, variables)
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


def complaint(project: Project, query: str, **variables: Any) -> str:
    (error,) = execute(project, query, variables)["errors"]
    return str(error["message"])


def test_an_entity_shows_its_facts_with_every_place_they_were_seen(published: Project) -> None:
    query = """query ($iri: ID!) { entity(iri: $iri) {
        label sources redirectedFrom types { iri label }
        facts { property { label } value datatype supports { source item place confidence } } } }"""
    shown = ask(published, query, iri=LOT)["entity"]
    assert (shown["label"], shown["sources"], shown["redirectedFrom"]) == ("Lot L-1", ["stock"], None)
    assert [each["iri"] for each in shown["types"]] == [NAMER.type("stock", "lots")]
    grade = next(fact for fact in shown["facts"] if fact["property"]["label"] == "grade")
    assert grade["value"] == "S355 <b>steel</b>"
    assert [(each["item"], each["place"]) for each in grade["supports"]] == [
        ("lots", "row 1"),
        ("report.pdf", "page 2"),
    ]
    assert grade["supports"][1]["confidence"] == pytest.approx(0.8)


def test_links_are_seen_from_both_ends_and_can_be_narrowed_by_direction(published: Project) -> None:
    query = """query ($iri: ID!) { entity(iri: $iri) {
        out: links(direction: "out") { predicate direction entity { iri label } supports { method confidence } }
        in: links(direction: "in") { predicate direction entity { iri } } links { direction } } }"""
    lot, supplier = (ask(published, query, iri=iri)["entity"] for iri in (LOT, SUPPLIER))
    (delivered,) = lot["out"]
    assert (delivered["predicate"], delivered["entity"]["label"]) == (NAMER.link("delivered by"), "Steelworks Aachen")
    assert delivered["supports"][0]["method"] == "reference"
    assert delivered["supports"][0]["confidence"] == pytest.approx(0.9)
    assert lot["in"] == []
    assert [link["entity"]["iri"] for link in supplier["in"]] == [LOT, OTHER_LOT]
    assert len(supplier["links"]) == 2


def test_an_unknown_entity_is_null(published: Project) -> None:
    for iri in (NOWHERE, "no iri at all", "<script>"):
        assert ask(published, "query ($iri: ID!) { entity(iri: $iri) { label } }", iri=iri) == {"entity": None}


def test_pages_of_a_class_give_every_entity_once(published: Project) -> None:
    query = """query ($after: String) { entities(type: "Lots", first: 1, after: $after) {
        nodes { iri label types { label } sources } nextCursor total } }"""
    first = ask(published, query)["entities"]
    second = ask(published, query, after=first["nextCursor"])["entities"]
    assert [node["iri"] for page in (first, second) for node in page["nodes"]] == [LOT, OTHER_LOT]
    assert first["total"] == 2
    assert second["nextCursor"] is None


def test_classes_are_counted_and_the_summary_counts_entities(published: Project) -> None:
    data = ask(published, "{ types { iri source count } summary { entities facts sources rejects openProposals } }")
    assert [(each["source"], each["count"]) for each in data["types"]] == [("stock", 2), ("buying", 1)]
    assert data["summary"]["entities"] == 3
    assert data["summary"]["facts"] == 12


def test_search_names_the_classes_of_what_it_finds(published: Project) -> None:
    query = (
        'query ($types: [String!]) { search(text: "steelworks", types: $types) { iri label types { label } score } }'
    )
    (hit,) = ask(published, query)["search"]
    assert (hit["iri"], hit["label"], [each["label"] for each in hit["types"]]) == (
        SUPPLIER,
        "Steelworks Aachen",
        ["Suppliers"],
    )
    assert ask(published, query, types=["Lots"])["search"] == []


def test_a_neighbourhood_holds_the_links_among_its_entities(published: Project) -> None:
    query = """query ($iri: ID!, $depth: Int, $limit: Int) { neighbourhood(iri: $iri, depth: $depth, limit: $limit) {
        nodes { iri label type } edges { start end name predicate confidence } truncated } }"""
    near = ask(published, query, iri=LOT)["neighbourhood"]
    assert [node["iri"] for node in near["nodes"]] == [LOT, SUPPLIER]
    assert [(edge["start"], edge["end"]) for edge in near["edges"]] == [(LOT, SUPPLIER)]
    wider = ask(published, query, iri=LOT, depth=2, limit=60)["neighbourhood"]
    assert {node["iri"] for node in wider["nodes"]} == {LOT, SUPPLIER, OTHER_LOT}
    assert not wider["truncated"]
    assert ask(published, query, iri=LOT, depth=2, limit=2)["neighbourhood"]["truncated"]
    assert "depth must lie between 1 and 3" in complaint(published, query, iri=LOT, depth=9)
    assert "there is no entity" in complaint(published, query, iri=NOWHERE)


ADD = """mutation ($start: ID!, $type: String!, $end: ID!) {
  addLink(start: $start, type: $type, end: $end, reason: "phoned them") { seq verdict name proposal { kind name } }
}"""


def test_a_persons_link_is_an_accepted_claim_in_the_log_and_touches_no_store(published: Project) -> None:
    before = len(published.catalog.decisions())
    links = "query ($iri: ID!) { entity(iri: $iri) { links { predicate } } }"
    seen = ask(published, links, iri=LOT)
    added = ask(published, ADD, start=LOT, type=" replaced by ", end=OTHER_LOT)["addLink"]
    assert (added["verdict"], added["proposal"]) == ("accept", {"kind": "claim", "name": "replaced by"})
    (logged,) = published.catalog.decisions()[before:]
    assert (logged.verdict, logged.proposal.kind) == (Verdict.ACCEPT, ProposalKind.CLAIM)
    assert (logged.proposal.start.iri, logged.proposal.end.iri) == (LOT, OTHER_LOT)
    assert logged.reason == "phoned them"
    assert ask(published, links, iri=LOT) == seen


@pytest.mark.parametrize(
    ("start", "name", "end", "sentence"),
    [
        (LOT, "replaced by", NOWHERE, "there is no entity"),
        ("javascript:alert(1)", "replaced by", LOT, "there is no entity"),
        (LOT, "  ", OTHER_LOT, "a link type's name is one line"),
        (LOT, "a\nb", OTHER_LOT, "a link type's name is one line"),
        (LOT, "x" * 201, OTHER_LOT, "a link type's name is one line"),
    ],
)
def test_a_persons_link_needs_two_entities_and_a_name(
    published: Project, start: str, name: str, end: str, sentence: str
) -> None:
    before = published.catalog.decisions()
    assert sentence in complaint(published, ADD, start=start, type=name, end=end)
    assert published.catalog.decisions() == before


def test_before_anything_is_published_questions_get_a_sentence_and_counts_are_zero(reviewed: Project) -> None:
    assert "nothing is published in the project yet" in complaint(reviewed, '{ search(text: "x") { iri } }')
    data = ask(reviewed, "{ types { iri } summary { entities } }")
    assert data == {"types": [], "summary": {"entities": 0}}


def test_rest_gives_the_same_entity_and_finds_it(graph_web: TestClient) -> None:
    (hit,) = graph_web.get("/api/v1/search", params={"text": "Steelworks"}).json()
    assert hit["iri"] == SUPPLIER
    shown = graph_web.get("/api/v1/entity", params={"iri": SUPPLIER}).json()
    assert shown["label"] == "Steelworks Aachen"
    assert graph_web.get("/api/v1/entity", params={"iri": NOWHERE}).status_code == 404
    assert graph_web.get("/api/v1/summary").json()["entities"] == 3
    assert graph_web.get("/api/v1/rejects").json() == []
