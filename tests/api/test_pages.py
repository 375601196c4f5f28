import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.website import serve_pages


@pytest.mark.parametrize("page", ["/docs", "/graphql"])
def test_pages_load_nothing_from_elsewhere_and_every_part_is_there(web: TestClient, page: str) -> None:
    html = web.get(page).text
    parts = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert parts
    for part in parts:
        assert part.startswith("/")
        answer = web.get(part)
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] in ("text/css", "text/javascript", "application/javascript")
    assert not re.search(r"<script(?![^>]*src=)", html), "the content security policy forbids scripts in the page"


def test_the_documentation_describes_every_route(web: TestClient) -> None:
    described = web.get("/api/v1/openapi.json").json()
    paths = described["paths"]
    assert {"/health", "/graphql", "/sparql", "/api/v1/sources", "/api/v1/runs", "/api/v1/decisions"} <= paths.keys()
    for path, methods in paths.items():
        for method, route in methods.items():
            assert {"summary", "description"} <= route.keys(), f"{method} {path} has no description"


def test_the_health_page_names_the_version_and_the_snapshot(web: TestClient) -> None:
    health = web.get("/health").json()
    assert health["status"] == "ok"
    assert health["version"]
    assert health["snapshot"].endswith(".json")


@pytest.fixture
def site(tmp_path: Path) -> TestClient:
    built = tmp_path / "web"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<title>Bifrost</title>")
    (built / "assets" / "main-1f2e.js").write_text("start()")
    (tmp_path / "secret.txt").write_text("canary")
    app = FastAPI()
    serve_pages(app, built)
    return TestClient(app)


@pytest.mark.parametrize("address", ["/", "/review", "/entity/https%3A%2F%2Fgraph.example.org%2Fentity%2F1", "/a/b/c"])
def test_addresses_that_the_pages_route_themselves_give_the_one_page(site: TestClient, address: str) -> None:
    answer = site.get(address)
    assert answer.status_code == 200
    assert "<title>Bifrost</title>" in answer.text


def test_assets_are_served_as_they_are_and_kept_by_browsers(site: TestClient) -> None:
    answer = site.get("/assets/main-1f2e.js")
    assert answer.text == "start()"
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in site.get("/").headers["cache-control"]


@pytest.mark.parametrize("address", ["/api/v2/x", "/graphql/x", "/sparql/x", "/docs/x", "/health/x"])
def test_addresses_of_the_server_never_fall_back_to_the_page(site: TestClient, address: str) -> None:
    assert site.get(address).status_code == 404


@pytest.mark.parametrize(
    "address", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//etc/passwd"]
)
def test_nothing_beside_the_folder_is_served(site: TestClient, address: str) -> None:
    answer = site.get(address)
    assert "canary" not in answer.text
    assert "root:" not in answer.text


def test_without_built_pages_the_start_page_says_how_to_build_them(tmp_path: Path) -> None:
    app = FastAPI()
    serve_pages(app, tmp_path)
    answer = TestClient(app).get("/")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "make web" in answer.text
