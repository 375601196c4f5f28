import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.failures import status_of
from bifrost import errors
from bifrost.model import Crawled, CrawlState, Proposal, Source
from bifrost.project import Project, create_project

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


# ---- registration

STOCK = {"host": "127.0.0.1", "port": 1, "database": "stock", "user": "reader", "connect_timeout_seconds": 2}


def test_a_secret_in_clear_is_encrypted_and_comes_back_as_a_reference(web: TestClient, reviewed: Project) -> None:
    common = {"owner": "buying", "rate_limit": 2.5, "schedule": "0 3 * * *"}
    body = {"name": "stock", "kind": "postgresql", "config": {**STOCK, "password": "canary-7391"}, **common}
    added = web.post(SOURCES, json=body)
    assert added.status_code == 201, added.text
    assert added.json()["config"]["password"] == "${secret:stock/password}"
    assert {name: added.json()[name] for name in common} == common
    assert reviewed.secrets.resolve("${secret:stock/password}") == "canary-7391"
    assert "canary-7391" not in web.post(f"{SOURCES}/stock/test").text + web.get(SOURCES).text


def test_a_source_is_changed_paused_and_resumed(web: TestClient) -> None:
    web.post(SOURCES, json={**FILES, "schedule": "@daily", "description": "papers"})
    changed = web.patch(f"{SOURCES}/files", json={"config": {"exclude": ["*.tmp"]}, "schedule": None})
    assert changed.status_code == 200, changed.text
    assert changed.json()["config"] == {"path": "files", "exclude": ["*.tmp"]}
    assert (changed.json()["schedule"], changed.json()["description"]) == (None, "papers")
    assert web.patch(f"{SOURCES}/files", json={"paused": True}).json()["paused"] is True
    assert web.patch(f"{SOURCES}/files", json={"paused": False}).json()["paused"] is False
    assert web.patch(f"{SOURCES}/files", json={"config": {"exclude": None}}).json()["config"] == {"path": "files"}


def test_what_was_shown_may_be_sent_back(web: TestClient, reviewed: Project) -> None:
    web.post(SOURCES, json={"name": "stock", "kind": "postgresql", "config": {**STOCK, "password": "canary-7391"}})
    shown = web.get(f"{SOURCES}/stock").json()["config"]
    assert web.patch(f"{SOURCES}/stock", json={"config": {**shown, "port": 2}}).status_code == 200
    assert reviewed.secrets.resolve("${secret:stock/password}") == "canary-7391"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"config": {"speed": 3}}, 422, "speed: unknown key; valid:"),
        ({"schedule": "at dawn"}, 422, "schedule: Value error, must be a cron expression"),
        ({"kind": "sqlite"}, 422, "body.kind"),
        ({"paused": None}, 422, "body.paused"),
        ({"rate_limit": 0}, 422, "body.rate_limit"),
        ({"config": {"path": "${secret:other/password}"}}, 422, "belongs to another source"),
    ],
)
def test_a_wrong_change_is_refused_with_a_sentence(
    web: TestClient, body: dict[str, object], status: int, says: str
) -> None:
    before = web.post(SOURCES, json=FILES).json()
    answer = web.patch(f"{SOURCES}/files", json=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]["message"]
    assert web.get(f"{SOURCES}/files").json() == before


def test_a_declared_source_is_changed_in_its_file(tmp_path: Path) -> None:
    declared = create_project(tmp_path / "declared", "sources: {files: {kind: folder, path: files}}\n")
    with TestClient(create_app(declared), base_url="http://localhost") as web:
        for answer in (web.patch(f"{SOURCES}/files", json={"paused": True}), web.delete(f"{SOURCES}/files")):
            assert answer.status_code == 409
            assert "is declared in bifrost.yaml" in answer.json()["error"]["message"]
        assert web.get(f"{SOURCES}/files").json()["declared"] is True


def test_a_source_in_use_is_not_removed(web: TestClient, reviewed: Project) -> None:
    web.post(SOURCES, json=FILES)
    with reviewed.crawling("files"):
        answer = web.delete(f"{SOURCES}/files")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "SourceBusy")
    assert answer.json()["error"]["retryable"] is True


def test_the_kinds_are_listed_with_the_schema_of_their_settings(web: TestClient) -> None:
    kinds = {kind["kind"]: kind for kind in web.get(f"{SOURCES}/kinds").json()}
    assert kinds["folder"]["settings"]["required"] == ["path"]
    assert kinds["folder"]["capabilities"]["files"] is True
    assert kinds["postgresql"]["secrets"] == ["password"]
    assert kinds["postgresql"]["settings"]["additionalProperties"] is False


def test_the_crawls_of_a_source_are_listed_newest_first(web: TestClient, reviewed: Project) -> None:
    web.post(SOURCES, json=FILES)
    assert web.get(f"{SOURCES}/files/crawls").json() == []
    reviewed.catalog.crawled(Crawled("files", CrawlState.COMPLETE, counts={"added": 1}))
    reviewed.catalog.crawled(Crawled("files", CrawlState.PARTIAL, ("gone",), {"sub": "denied"}, retryable=True))
    crawls = web.get(f"{SOURCES}/files/crawls").json()
    assert [crawl["state"] for crawl in crawls] == ["partial", "complete"]
    assert crawls[0]["failed_scopes"] == {"sub": "denied"}
    assert crawls[0]["ended"].endswith("Z")
    assert len(web.get(f"{SOURCES}/files/crawls", params={"first": 1}).json()) == 1
    assert web.get(f"{SOURCES}/files").json()["last_crawl"] == "partial"
    assert web.get(f"{SOURCES}/none/crawls").status_code == 404
    asked = web.post("/graphql", json={"query": "{ sources { lastCrawl rows declared } }"}).json()
    assert asked["data"]["sources"] == [{"lastCrawl": "partial", "rows": 0, "declared": False}]


def test_a_kind_without_single_records_says_so(web: TestClient) -> None:
    web.post(SOURCES, json=FILES)
    answer = web.get(f"{SOURCES}/files/record", params={"item": "lots.csv", "key": "1"})
    assert answer.status_code == 400
    assert "cannot give single records" in answer.json()["error"]["message"]
    assert web.get(f"{SOURCES}/files/record", params={"item": "lots.csv"}).status_code == 422


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.SourceBusy("a"), 409),
        (errors.RetractionGuarded("a", 3, 4, 0.2), 409),
        (errors.RowsUnselected("a", "t", 3), 409),
        (errors.SourceDeclared("a", "change it"), 409),
        (errors.CapabilityMissing("a", "folder", "fly"), 400),
        (errors.SourceUnreachable("a", "x"), 502),
        (errors.SourceRefused("a", "x"), 502),
        (errors.SourceDamaged("a", "x"), 502),
        (errors.ConnectorFailed("a", "x"), 502),
        (errors.SecretMissing("a", "x"), 422),
        (errors.SecretKeyUnusable("a", "x"), 500),
        (errors.PluginBroken("a", "b", "c"), 501),
    ],
)
def test_every_error_of_a_source_has_its_status(error: errors.BifrostError, status: int) -> None:
    assert status_of(error) == status


def test_openapi_describes_every_route_of_sources_with_its_failures(web: TestClient) -> None:
    paths = web.get("/api/v1/openapi.json").json()["paths"]
    operations = {
        (path, method): operation
        for path, methods in paths.items()
        if path.startswith(SOURCES)
        for method, operation in methods.items()
    }
    assert len(operations) == 10
    for (path, method), operation in operations.items():
        assert operation["summary"], path
        assert operation["description"], path
        failing = {status: each for status, each in operation["responses"].items() if status >= "400"}
        assert ("404" in failing) == ("{name}" in path), (path, method)
        assert {each["content"]["application/json"]["schema"]["$ref"] for each in failing.values()} == {
            "#/components/schemas/Failure"
        }
        assert not [each["name"] for each in operation.get("parameters", ()) if not each.get("description")]
