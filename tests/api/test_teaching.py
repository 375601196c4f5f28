"""Corrections, names of link types, and lessons through GraphQL and REST."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.graphql.service import execute
from bifrost import review
from bifrost.decisions import effective
from bifrost.model import RuleKind, Verdict
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from bifrost.runner import run_stages

SETTINGS = """
base: https://kg.example.org/
linking: {graph_learning: false, precision: 0.9}
extraction: {embeddings: false, workers: 1}
sources:
  plant: {kind: folder, path: ../data}
"""


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Orders of batches of suppliers, published; tests of this module change it in their order."""
    folder: Path = tmp_path_factory.mktemp("plant")
    rows = {
        "suppliers.csv": ["supplier_id,name", *(f"S-{n:02d},Works {n} of {n * 7919}" for n in range(6))],
        "batches.csv": ["batch_id,supplier_id", *(f"B-{n:04d},S-{n % 6:02d}" for n in range(40))],
        "orders.csv": ["order_no,batch_id", *(f"PO-{n:06d},B-{n * 7 % 40:04d}" for n in range(80))],
    }
    (folder / "data").mkdir()
    for name, lines in rows.items():
        (folder / "data" / name).write_text("\n".join(lines) + "\n")
    project = create_project(folder / "home", SETTINGS)
    run_stages(project, Scope(), Silent(), ("crawl", "extract", "link", "publish"))
    return project


@pytest.fixture
def client(plant: Project) -> TestClient:
    return TestClient(create_app(plant), base_url="http://localhost", raise_server_exceptions=False)


def ask(project: Project, query: str, **variables: Any) -> dict[str, Any]:
    answer = execute(project, query, variables)
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


def pairs(*orders: int) -> list[list[str]]:
    return [[f"plant/orders/PO-{n:06d}", f"plant/suppliers/S-{n * 7 % 40 % 6:02d}"] for n in orders]


TEACH = """mutation ($pairs: [[String!]!]!) {
  teach(name: "made with", pairs: $pairs) { id name rule estimatedLinks examples decision { seq } }
}"""


def test_a_lesson_gives_rules_that_a_decision_accepts(plant: Project) -> None:
    best, *_ = ask(plant, TEACH, pairs=pairs(3, 8, 20))["teach"]
    assert (best["name"], best["rule"], best["estimatedLinks"], best["decision"]) == ("made with", "path", 80, None)
    decide = 'mutation ($id: ID!) { decide(id: $id, verdict: "accept") { proposal { name } } }'
    assert ask(plant, decide, id=best["id"])["decide"]["proposal"]["name"] == "made with"
    stages = ask(plant, "mutation { apply { stage } }")["apply"]
    assert [each["stage"] for each in stages] == ["extract", "link", "publish"]
    counted = {each["name"]: each["links"] for each in ask(plant, "{ linkTypes { name links } }")["linkTypes"]}
    assert counted["made with"] == 80


def test_rest_teaches_as_well_and_refuses_what_nothing_links(client: TestClient) -> None:
    answer = client.post("/api/v1/teach", json={"name": "x", "pairs": pairs(3, 8)})
    assert [each["rule"]["kind"] for each in answer.json()][:1] == ["path"]
    missing = client.post("/api/v1/teach", json={"name": "x", "pairs": [["plant/orders/none", "plant/suppliers/S-01"]]})
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "EntityMissing")
    wrong = [["plant/orders/PO-000001", "plant/suppliers/S-00"], ["plant/orders/PO-000002", "plant/suppliers/S-04"]]
    refused = client.post("/api/v1/teach", json={"name": "x", "pairs": wrong})
    assert refused.status_code == 422
    assert "no rule links the examples of 'x' better than chance" in refused.json()["error"]["message"]


def test_a_correction_is_one_entry_that_names_both_proposals(plant: Project, client: TestClient) -> None:
    (suggested,) = [
        each.proposal
        for each in review.current_proposals(plant)
        if each.proposal.rule.kind is RuleKind.REFERENCE and each.proposal.start.table == "batches"
    ]
    query = """mutation ($id: ID!, $correction: CorrectionInput!) {
      correct(id: $id, correction: $correction) { verdict name proposal { id } corrected { id } } }"""
    given = ask(plant, query, id=suggested.id, correction={"reverse": True, "name": "delivers"})["correct"]
    assert (given["verdict"], given["name"], given["proposal"]["id"]) == ("correct", "delivers", suggested.id)
    standing = effective(plant.catalog.decisions())
    assert standing[suggested.id].verdict is Verdict.REJECT
    assert standing[given["corrected"]["id"]].proposal.rule.turned
    shown = client.get(f"/api/v1/proposals/{suggested.id}").json()
    assert shown["decision"]["corrected"] == given["corrected"]["id"]
    ask(plant, "mutation ($id: ID!) { undo(id: $id) { seq } }", id=given["corrected"]["id"])
    assert suggested.id not in effective(plant.catalog.decisions())


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({}, 422, "it changes nothing"),
        ({"start": "plant/batches.nothing"}, 404, "known: batch_id, supplier_id"),
        ({"start": "nowhere/else"}, 404, "there is no table 'nowhere/else'"),
        ({"transform": "magic"}, 404, "there is no transformation 'magic'"),
        ({"start": "plant/batches"}, 422, "both ends need as many fields"),
        ({"start": "https://kg.example.org/entity/plant/batches/B-0001"}, 422, "takes the place of an entity"),
        ({"colour": "red"}, 422, "colour"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_in_a_sentence(
    plant: Project, client: TestClient, change: dict[str, str], status: int, sentence: str
) -> None:
    before = len(plant.catalog.decisions())
    (suggested,) = [each for each in review.current_proposals(plant) if each.proposal.start.table == "batches"]
    answer = client.post(f"/api/v1/proposals/{suggested.proposal.id}/correction", json=change)
    assert (answer.status_code, sentence in answer.text) == (status, True), answer.text
    assert len(plant.catalog.decisions()) == before


def test_link_types_are_renamed_deleted_and_restored(plant: Project, client: TestClient) -> None:
    assert client.post("/api/v1/link-types/made%20with/rename", json={"name": "made of"}).json() == {"appended": 1}
    rename = 'mutation { renameLinkType(name: "made of", to: "made from") }'
    assert ask(plant, rename) == {"renameLinkType": 1}
    assert client.delete("/api/v1/link-types/made%20from").json() == {"appended": 1}
    assert client.delete("/api/v1/link-types/made%20from").status_code == 404
    assert client.post("/api/v1/link-types/made%20from/restore").json() == {"appended": 1}
    assert ask(plant, 'mutation { deleteLinkType(name: "made from") }') == {"deleteLinkType": 1}
    assert ask(plant, 'mutation { restoreLinkType(name: "made from") }') == {"restoreLinkType": 1}
    names = {each["name"] for each in client.get("/api/v1/link-types").json()}
    assert "made from" in names


def test_a_wrong_link_and_a_wrong_name_are_decisions(plant: Project, client: TestClient) -> None:
    head = "https://kg.example.org/entity/plant/"
    query = """mutation ($start: ID!, $end: ID!) {
      removeLink(start: $start, type: "made from", end: $end) { verdict proposal { kind } } }"""
    removed = ask(plant, query, start=f"{head}orders/PO-000003", end=f"{head}suppliers/S-03")["removeLink"]
    assert removed == {"verdict": "reject", "proposal": {"kind": "claim"}}
    said = client.post("/api/v1/names", json={"text": "N/A", "label": "ORG"}).json()
    assert (said["kind"], said["verdict"]) == ("name", "reject")
    other = 'mutation { correctName(text: "Ultra Seal", label: "PERSON", instead: "PRODUCT") { corrected { name } } }'
    assert ask(plant, other)["correctName"] == {"corrected": {"name": "Ultra Seal"}}
