"""Predicted links over REST and GraphQL."""

from typing import Any

from fastapi.testclient import TestClient

from api.app import create_app
from api.graphql.service import execute
from bifrost import review
from bifrost.project import Project

BASE = "https://kg.example.org/entity/plant"
PREDICTIONS = "/api/v1/predictions"


def ask(project: Project, query: str, **variables: Any) -> dict[str, Any]:
    answer = execute(project, query, variables)
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


def test_tails_heads_relations_and_scores_agree_over_rest(read_web: TestClient, untouched: Any) -> None:
    batch, truth = untouched.gap
    link = {"subject": batch, "link_type": "supplier", "object": truth}
    scored = read_web.post(f"{PREDICTIONS}/score", json=[link, link]).json()
    assert scored[0] == scored[1]
    for what, left_out in (("tails", "object"), ("heads", "subject"), ("relations", "link_type")):
        given = {name: value for name, value in link.items() if name != left_out}
        found = read_web.get(f"{PREDICTIONS}/{what}", params={**given, "count": 40}).json()
        assert scored[0] in found, what
    assert scored[0]["subject"] == {"iri": batch, "label": batch.rsplit("/", 1)[-1]}


def test_rules_come_over_rest_only_where_they_are_asked_for(read_web: TestClient, untouched: Any) -> None:
    given = {"subject": untouched.gap[0], "link_type": "supplier", "count": 1}
    assert read_web.get(f"{PREDICTIONS}/tails", params=given).json()[0]["because"] == []
    (told,) = read_web.get(f"{PREDICTIONS}/tails", params={**given, "explain": True}).json()
    assert {"rule", "path"} <= {each["feature"] for each in told["because"]}


def test_what_is_wrong_is_said_with_the_status_that_the_others_have(
    read_web: TestClient, untouched: Any, unlinked: Project
) -> None:
    batch, truth = untouched.gap
    unknown = read_web.get(f"{PREDICTIONS}/tails", params={"subject": f"{BASE}/none", "link_type": "supplier"})
    untyped = read_web.get(f"{PREDICTIONS}/heads", params={"object": truth, "link_type": "owner"})
    many = read_web.post(f"{PREDICTIONS}/score", json=[{"subject": "a", "link_type": "b", "object": "c"}] * 5_001)
    strange = read_web.post(f"{PREDICTIONS}/score", json=[{"subject": batch, "predicate": "supplier", "object": truth}])
    unnamed = read_web.post("/api/v1/models/fused/none/use")
    assert [each.status_code for each in (unknown, untyped, many, strange, unnamed)] == [404, 404, 422, 422, 404]
    assert "there is no entity" in unknown.json()["error"]["message"]
    assert "known: material, supplier, warehouse" in untyped.json()["error"]["message"]
    with TestClient(create_app(unlinked), base_url="http://localhost") as client:
        missing = client.get(f"{PREDICTIONS}/tails", params={"subject": batch, "link_type": "supplier"})
        assert client.get("/api/v1/models").json() == []
    assert (missing.status_code, missing.json()["error"]["code"]) == (503, "ModelMissing")


def test_nothing_is_asked_and_nothing_scored_for_an_empty_list(read_web: TestClient) -> None:
    assert read_web.post(f"{PREDICTIONS}/score", json=[]).json() == []
    assert read_web.post(f"{PREDICTIONS}/proposals", json=[]).json() == []


def test_links_become_questions_over_rest(plant_web: TestClient, plant: Any) -> None:
    batch, truth = plant.gap
    link = {"subject": batch, "link_type": "supplier", "object": truth}
    made = plant_web.post(f"{PREDICTIONS}/proposals", json=[link])
    assert made.status_code == 201
    (question,) = made.json()
    assert (question["route"], question["decision"], question["kind"]) == ("ask", None, "claim")
    shown = plant_web.get(f"/api/v1/proposals/{question['id']}").json()
    assert {**shown, "because": []} == {**question, "because": []}
    assert [each["feature"] for each in shown["because"]] == [each["feature"] for each in question["because"]]
    assert plant_web.post("/api/v1/decisions", json={"id": question["id"], "verdict": "accept"}).status_code == 201
    again = plant_web.post(f"{PREDICTIONS}/proposals", json=[link])
    assert again.status_code == 422
    assert "somebody answered this question" in again.json()["error"]["message"]


def test_models_are_listed_and_put_in_force_over_rest(read_web: TestClient) -> None:
    (model,) = read_web.get("/api/v1/models").json()
    assert (model["in_force"], model["because"], model["compared"]) == (True, "no model yet", None)
    assert 0 < model["metrics"]["held_out_mrr"] <= 1
    assert read_web.post(f"/api/v1/models/{model['name']}/use").json() == model


def test_one_field_of_graphql_predicts_what_is_left_out(untouched: Any) -> None:
    batch, truth = untouched.gap
    query = """query ($subject: ID, $type: String, $object: ID) {
        predictedLinks(subject: $subject, type: $type, object: $object, first: 40) {
            subject { iri label } type object { iri label } probability calibrated known because { feature }
        }
    }"""
    link = {"subject": batch, "type": "supplier", "object": truth}
    (scored,) = ask(untouched.project, query, **link)["predictedLinks"]
    assert (scored["type"], scored["known"], scored["because"]) == ("supplier", False, [])
    for left_out in link:
        given = {name: value for name, value in link.items() if name != left_out}
        assert scored in ask(untouched.project, query, **given)["predictedLinks"], left_out
    refused = execute(untouched.project, query, {"subject": batch})
    assert "give two of subject, link type and object" in refused["errors"][0]["message"]


def test_graphql_explains_where_it_is_asked_to(untouched: Any) -> None:
    batch, _ = untouched.gap
    query = """query ($subject: ID) {
        predictedLinks(subject: $subject, type: "supplier", first: 1, explain: true) { because { feature weight } }
    }"""
    (link,) = ask(untouched.project, query, subject=batch)["predictedLinks"]
    assert {"rule", "path"} <= {each["feature"] for each in link["because"]}


def test_links_become_questions_and_models_come_into_force_in_graphql(plant: Any) -> None:
    batch, truth = plant.gap
    mutation = """mutation ($links: [LinkInput!]!) { proposeLinks(links: $links) { id route name decision { seq } } }"""
    links = [{"subject": batch, "type": "supplier", "object": truth}]
    (made,) = ask(plant.project, mutation, links=links)["proposeLinks"]
    assert (made["route"], made["name"], made["decision"]) == ("ask", "supplier", None)
    assert review.find_proposal(plant.project, made["id"]).open
    (model,) = ask(plant.project, "{ linkModels { name inForce heldOutMrr worse answers } }")["linkModels"]
    assert (model["inForce"], model["worse"], model["answers"]) == (True, False, 0)
    used = ask(plant.project, "mutation ($name: String!) { useLinkModel(name: $name) { name } }", name=model["name"])
    assert used["useLinkModel"]["name"] == model["name"]
