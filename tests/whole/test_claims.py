"""What texts state about records: proposed, let in by a person, and traced to the page and the words."""

import pytest
import yaml

from bifrost.project import open_project
from tests.whole.conftest import write_world

SUPPLIERS = ["Nordwerk Chemie", "Brandt Pigmente", "Olsen Plast", "Castellano Resine", "Vidal Polymeres"]


@pytest.fixture(scope="module")
def stating(tmp_path_factory):
    """A world whose notes say who inspected what, and what was measured; one denies it, and one asks.

    It was run once; the tests go on from there in their order.
    """
    world = write_world(tmp_path_factory.mktemp("stating"))
    for scan in (world.data / "documents" / "scans").iterdir():
        scan.unlink()
    for number in range(1, 7):
        text = (
            f"Visit {number}.\n\nB-{number:04} was inspected by {SUPPLIERS[number % 5]} on 2025-03-0{number}. "
            f"The viscosity of B-{number:04} was 32{number} mPas.\n"
        )
        (world.data / "documents" / f"note-{number}.txt").write_text(text)
    (world.data / "documents" / "denied.txt").write_text(
        "B-0030 was not inspected by Olsen Plast.\n\nWas B-0031 inspected by Olsen Plast?\n"
    )
    settings = yaml.safe_load((world.home / "bifrost.yaml").read_text())
    settings |= {"extraction": {"embeddings": False}, "stores": {"projections": ["triples"]}}
    (world.home / "bifrost.yaml").write_text(yaml.safe_dump(settings))
    world.call("run")
    return world


def _proposed(world, name):
    return next(each for each in world.call("proposals", "--all") if each["name"] == name)


def _stated(world, name):
    """Give (label of the record, label or value of what is said of it)."""
    link = open_project(world.home).namer.link(name)
    query = (
        f"SELECT ?record ?other WHERE {{ ?s <{link}> ?o . ?s rdfs:label ?record . "
        "OPTIONAL { ?o rdfs:label ?label } BIND(COALESCE(?label, ?o) AS ?other) }"
    )
    return {(row["record"], row["other"]) for row in world.rows(query)}


def test_a_relation_that_texts_state_is_a_question_with_its_phrase(stating):
    proposal = _proposed(stating, "inspect")
    assert proposal["rule"]["kind"] == "claim"
    assert (proposal["from"]["table"], proposal["to"]["table"]) == ("suppliers", "batches")
    assert proposal["estimated_links"] == 6
    assert "was inspected by" in {reason["value"] for reason in proposal["because"]}
    assert proposal["route"] == "ask"
    assert not [quad for quad in stating.quads() if "link/inspect>" in quad]


def test_accepted_relations_give_links_and_values_with_the_words_as_provenance(stating):
    inspect, viscosity = _proposed(stating, "inspect"), _proposed(stating, "viscosity")
    assert (viscosity["from"]["table"], viscosity["to"]["fields"]) == ("batches", ["quantity"])
    stating.call("decide", inspect["id"], "accept", "--name", "inspected")
    stating.call("decide", viscosity["id"], "accept")
    stating.call("run", "--stage", "link", "--stage", "publish")
    numbers = range(1, 7)
    assert _stated(stating, "inspected") == {(SUPPLIERS[number % 5], f"B-{number:04}") for number in numbers}
    assert _stated(stating, "viscosity") == {(f"B-{number:04}", f"32{number} mPa.s") for number in numbers}
    assert [quad for quad in stating.quads() if "B-0003 was inspected by Castellano Resine" in quad]


def test_a_decision_stays_when_less_is_said_and_the_links_go(stating):
    before = _proposed(stating, "inspected")
    for number in range(3, 7):
        (stating.data / "documents" / f"note-{number}.txt").unlink()
    stating.call("run", "--confirm-retraction")
    assert _stated(stating, "inspected") == {("Brandt Pigmente", "B-0001"), ("Olsen Plast", "B-0002")}
    after = _proposed(stating, "inspected")
    assert (after["id"], after["route"]) == (before["id"], "accepted")
