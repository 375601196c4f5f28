"""The server that predicts links alone, and the commands that people type."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from fastapi.testclient import TestClient

from api.link_app import create_link_app
from api.server import address, make_server, wait_until_started
from bifrost.client import Client
from bifrost.errors import ServerRefused
from bifrost.predictions import LinkAsked
from bifrost.project import Project

BASE = "https://kg.example.org/entity/plant"


@contextmanager
def served(project: Project) -> Iterator[Client]:
    server = make_server(project, port=0, create=create_link_app)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert wait_until_started(server)
        yield Client(address(server), timeout_seconds=120)
    finally:
        server.should_exit = True
        thread.join(20)


def status(url: str, headers: dict[str, str], body: bytes | None = None) -> int:
    try:
        with urlopen(Request(url, data=body, headers=headers), timeout=60) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code


def test_the_client_asks_the_server_of_predictions_on_loopback(plant: Any) -> None:
    batch, truth = plant.gap
    with served(plant.project) as client:
        assert client.url.startswith("http://127.0.0.1:")
        (scored,) = client.score_links([LinkAsked(batch, "supplier", truth)], explain=True)
        assert any(each.feature == "rule" for each in scored.because)
        for found in (
            client.predicted_tails(batch, "supplier", count=9, explain=True),
            client.predicted_heads("supplier", truth, count=40, explain=True),
            client.predicted_relations(batch, truth, explain=True),
        ):
            assert scored in found
        (proposal,) = client.propose_links([LinkAsked(batch, "supplier", truth)])
        assert (proposal.start.iri, proposal.end.iri) == (batch, truth)
        (model,) = client.link_models()
        assert proposal.model == model["name"] == client.use_link_model(model["name"])["name"]
        with pytest.raises(ServerRefused, match="there is no link type 'owner'"):
            client.predicted_tails(batch, "owner")


def test_the_server_of_predictions_has_nothing_else_and_the_same_guards(untouched: Any) -> None:
    json_body = {"Content-Type": "application/json"}
    with served(untouched.project) as client:
        models = f"{client.url}/api/v1/models"
        assert status(models, {}) == 200
        assert status(f"{client.url}/health", {}) == 200
        assert status(models, {"Host": "evil.example"}) == 421
        assert status(f"{client.url}/api/v1/search?text=a", {}) == 404
        assert status(f"{client.url}/graphql?query={{summary}}", {}) == 404
        score = f"{client.url}/api/v1/predictions/score"
        assert status(score, json_body, b"[]") == 200
        assert status(score, {**json_body, "Origin": "http://evil.example"}, b"[]") == 403
        assert status(score, {"Content-Type": "text/plain"}, b"[]") == 415
    with TestClient(create_link_app(untouched.project), base_url="http://localhost") as web:
        assert web.post("/api/v1/predictions/score", json=["x" * 9_000_000]).status_code == 413


def bifrost(project: Project, *arguments: str) -> Any:
    command = [sys.executable, "-m", "bifrost", "--dir", str(project.home), "models", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    return done.returncode, json.loads(done.stdout)


def test_people_ask_and_propose_from_the_command_line(plant: Any) -> None:
    batch, _ = plant.gap
    asked = ("predict-links", "--link-type", "supplier", "--subject", batch)
    code, found = bifrost(plant.project, *asked, "--count", "3", "--explain", "--propose")
    assert code == 0
    assert len(found["links"]) == len(found["proposals"]) == 3
    assert found["links"][0]["because"]
    assert {each["name"] for each in found["proposals"]} == {"supplier"}
    code, (version,) = bifrost(plant.project, "versions")
    assert (code, version["name"], version["in_force"]) == (0, found["model"], True)
    assert bifrost(plant.project, "use", version["name"]) == (0, version)
    code, refused = bifrost(plant.project, "predict-links", "--subject", batch)
    assert (code, refused["kind"]) == (2, "ConfigInvalid")
    code, refused = bifrost(plant.project, "use", "fused/none")
    assert (code, refused["kind"]) == (2, "UnknownName")


def test_fitting_by_hand_learns_nothing_new_from_what_was_learned(plant: Any) -> None:
    code, fitted = bifrost(plant.project, "fit-links")
    assert (code, fitted["because"], fitted["in_force"]) == (0, "no model yet", True)


def test_fitting_before_anything_was_linked_says_what_to_run(unlinked: Project) -> None:
    code, refused = bifrost(unlinked, "fit-links")
    assert (code, refused["kind"]) == (2, "NothingToFit")
    assert "bifrost run" in refused["error"]
