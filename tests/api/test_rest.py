import time

import pytest
from fastapi.testclient import TestClient

from bifrost.model import Proposal, Source
from bifrost.project import Project

SOURCES = "/api/v1/sources"
FILES = {"name": "files", "kind": "folder", "config": {"path": "files"}}


def test_a_source_is_registered_tested_previewed_and_removed(web: TestClient) -> None:
    assert web.post(SOURCES, json=FILES).status_code == 201
    assert [source["name"] for source in web.get(SOURCES).json()] == ["files"]
    assert web.post(f"{SOURCES}/files/test").json()["answer"]
    listed = web.get(f"{SOURCES}/files/preview").json()
    assert [item["key"] for item in listed["items"]] == ["lots.csv"]
    assert "L-1" in web.get(f"{SOURCES}/files/preview", params={"item": "lots.csv"}).json()["text"]
    assert web.delete(f"{SOURCES}/files", params={"dry_run": True}).json()["applied"] is False
    assert web.get(f"{SOURCES}/files").status_code == 200
    assert web.delete(f"{SOURCES}/files").json()["applied"] is True
    assert web.get(f"{SOURCES}/files").status_code == 404


def test_the_same_name_cannot_be_registered_twice(web: TestClient) -> None:
    web.post(SOURCES, json=FILES)
    answer = web.post(SOURCES, json=FILES)
    assert answer.status_code == 409
    assert "exists already" in answer.json()["error"]["message"]


def test_wrong_settings_are_named_with_the_valid_ones(web: TestClient) -> None:
    answer = web.post(SOURCES, json={**FILES, "config": {"path": "files", "speed": 3}})
    assert answer.status_code == 422
    assert "speed: unknown key; valid:" in answer.json()["error"]["message"]
    unknown = web.post(SOURCES, json={**FILES, "kind": "telepathy"})
    assert "folder" in unknown.json()["error"]["message"]


@pytest.mark.parametrize("place", [f"{SOURCES}/none", f"{SOURCES}/none/preview", "/api/v1/proposals/none"])
def test_unknown_names_are_not_found_with_a_sentence(web: TestClient, place: str) -> None:
    answer = web.get(place)
    assert answer.status_code == 404
    assert "there is no" in answer.json()["error"]["message"]


def test_secrets_never_come_back(web: TestClient, reviewed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCK_PASSWORD", "canary-7391")
    stock = {"host": "127.0.0.1", "port": 1, "database": "stock", "user": "reader", "connect_timeout_seconds": 2}
    config = {**stock, "password": "${env:STOCK_PASSWORD}"}
    added = web.post(SOURCES, json={"name": "stock", "kind": "postgresql", "config": config})
    assert added.status_code == 201, added.text
    written_out = Source("old", "postgresql", {**stock, "password": "canary-7391"})
    reviewed.catalog.register(written_out)  # past the check that refuses a secret in clear
    answers = [
        added,
        web.get(f"{SOURCES}/old"),
        web.get(SOURCES),
        web.post(f"{SOURCES}/stock/test"),
        web.get(f"{SOURCES}/stock/preview"),
        web.post("/graphql", json={"query": "{ sources { name kind description } }"}),
        web.post(SOURCES, json={"name": "other", "kind": "postgresql", "config": {"password": "canary-7391", "x": 1}}),
    ]
    assert [answer.status_code for answer in answers[:4]] == [201, 200, 200, 502]
    assert not [answer.text for answer in answers if "canary-7391" in answer.text]


def test_one_answer_or_many_enter_the_log_all_or_none(
    web: TestClient, reviewed: Project, asked: Proposal, accepted: Proposal
) -> None:
    bad = [{"id": asked.id, "verdict": "accept"}, {"id": "none", "verdict": "accept"}]
    assert web.post("/api/v1/decisions", json=bad).status_code == 404
    assert reviewed.catalog.decisions() == []
    good = [{"id": asked.id, "verdict": "accept", "name": "from"}, {"id": accepted.id, "verdict": "reject"}]
    assert web.post("/api/v1/decisions", json=good).json() == {"appended": 2}
    assert web.post("/api/v1/decisions", json={"id": asked.id, "verdict": "undo"}).json() == {"appended": 1}
    log = web.get("/api/v1/decisions").json()
    assert [(entry["seq"], entry["verdict"]) for entry in log] == [(1, "accept"), (2, "reject"), (3, "undo")]
    assert [entry["seq"] for entry in web.get("/api/v1/decisions", params={"after": 2}).json()] == [3]


def test_proposals_are_narrowed_by_route(web: TestClient, asked: Proposal, accepted: Proposal) -> None:
    everything = [entry["id"] for entry in web.get("/api/v1/proposals").json()]
    assert everything == [asked.id, accepted.id]
    open_ones = web.get("/api/v1/proposals", params={"route": "ask"}).json()
    assert [entry["id"] for entry in open_ones] == [asked.id]


def test_a_run_goes_on_in_the_background_and_its_end_is_seen(web: TestClient) -> None:
    web.post(SOURCES, json=FILES)
    started = web.post("/api/v1/runs", json={"stages": ["crawl"], "sources": ["files"]})
    assert started.status_code == 202
    assert started.json()["stages"] == ["crawl"]
    ends = time.monotonic() + 20
    while (state := web.get("/api/v1/runs").json())["running"] and time.monotonic() < ends:
        time.sleep(0.05)
    assert state["failure"] is None
    assert [(run["stage"], run["state"]) for run in state["runs"]] == [("crawl", "done")]
    assert web.get(f"{SOURCES}/files").json()["items"] == 1


def test_a_second_run_is_refused_while_one_holds_the_project(web: TestClient, reviewed: Project) -> None:
    with reviewed.exclusive():
        answer = web.post("/api/v1/runs", json={"stages": ["crawl"]})
    assert answer.status_code == 409
    assert answer.json()["error"]["retryable"] is True


def test_unknown_stages_are_named_with_the_valid_ones(web: TestClient) -> None:
    answer = web.post("/api/v1/runs", json={"stages": ["bake"]})
    assert answer.status_code == 404
    assert "crawl, extract, link, publish" in answer.json()["error"]["message"]


def test_malformed_bodies_name_the_field_and_not_its_value(web: TestClient) -> None:
    answer = web.post(SOURCES, json={"name": "files", "kind": "folder", "password": "canary-7391"})
    assert answer.status_code == 422
    assert "body.password" in answer.json()["error"]["message"]
    assert "canary-7391" not in answer.text
