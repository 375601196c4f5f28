import json

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from bifrost.model import Proposal
from bifrost.project import Project

DECISIONS = "/api/v1/decisions"


def log_of(project: Project) -> list[str]:
    return [decision.verdict.value for decision in project.catalog.decisions()]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "graph.example.org:80", "[::1"])
def test_a_foreign_host_name_is_refused_against_rebinding(web: TestClient, host: str) -> None:
    answer = web.get("/health", headers={"Host": host})
    assert answer.status_code == 421
    assert "serving.allowed_hosts" in answer.json()["error"]["message"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8765", "127.0.0.1:8765", "[::1]:8765"])
def test_names_and_addresses_of_this_machine_are_answered(web: TestClient, host: str) -> None:
    assert web.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_origin_cannot_change_anything(
    web: TestClient, reviewed: Project, asked: Proposal, headers: dict[str, str]
) -> None:
    mutation = {"query": f'mutation {{ decide(id: "{asked.id}", verdict: "accept") {{ seq }} }}'}
    for path, body in ((DECISIONS, {"id": asked.id, "verdict": "accept"}), ("/graphql", mutation)):
        assert web.post(path, json=body, headers=headers).status_code == 403
    assert log_of(reviewed) == []


def test_the_servers_own_pages_may_change_things(web: TestClient, reviewed: Project, asked: Proposal) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    answer = web.post(DECISIONS, json={"id": asked.id, "verdict": "accept"}, headers=headers)
    assert answer.status_code == 201
    assert log_of(reviewed) == ["accept"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_a_plain_form_can_send_is_refused(
    web: TestClient, reviewed: Project, asked: Proposal, kind: str
) -> None:
    body = json.dumps({"id": asked.id, "verdict": "accept"})
    answer = web.post(DECISIONS, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert log_of(reviewed) == []


def test_a_change_cannot_come_by_get(web: TestClient, reviewed: Project, asked: Proposal) -> None:
    mutation = f'mutation {{ decide(id: "{asked.id}", verdict: "accept") {{ seq }} }}'
    answer = web.get("/graphql", params={"query": mutation})
    assert answer.json()["errors"]
    assert log_of(reviewed) == []


def test_every_answer_forbids_framing_sniffing_and_foreign_scripts(web: TestClient) -> None:
    for path in ("/", "/docs", "/graphql", "/health", "/api/v1/nothing", "/api/v1/summary"):
        headers = web.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_above_the_limit_is_refused(reviewed: Project, announced: bool) -> None:
    small = reviewed.settings.serving.model_copy(update={"body_limit_mb": 0.001})
    reviewed.settings = reviewed.settings.model_copy(update={"serving": small})
    body = b'{"query": "' + b"#" * 2_000 + b'"}'
    with TestClient(create_app(reviewed), base_url="http://localhost") as client:
        content = body if announced else iter([body[:1_500], body[1_500:]])
        answer = client.post("/graphql", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "serving.body_limit_mb" in answer.json()["error"]["message"]


def test_markup_in_values_is_never_served_as_a_page(web: TestClient, asked: Proposal) -> None:
    question = {"query": "{ proposals { name } }"}
    for answer in (web.post("/graphql", json=question), web.get("/api/v1/proposals")):
        assert asked.name in answer.text
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/<script>alert(1)</script>", "/api/<script>alert(1)</script>"):
        answer = web.get(path)
        assert "text/html" not in answer.headers["content-type"] or "alert(1)" not in answer.text


def test_an_unexpected_error_tells_only_where_the_log_has_it(
    web: TestClient, reviewed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(type(reviewed.catalog), "runs", break_down)
    rest = web.get("/api/v1/runs")
    assert rest.status_code == 500
    graphql = web.post("/graphql", json={"query": "{ runs { id } }"})
    for answer in (rest.text, graphql.text):
        assert "hunter2" not in answer
        assert "Runtime" not in answer
        assert "log has it under" in answer
