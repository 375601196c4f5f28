"""Airflow as a person starts it: scheduler, DAG processor, triggerer and API server as processes of their own."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from bifrost.model import Source
from bifrost.plugins import SERVICES, load
from bifrost.project import create_project

START = Path(__file__).parents[2] / "deploy" / "airflow" / "start.py"
PATIENCE_SECONDS = 240
SETTINGS = """
sources: {shop: {kind: sqlite, path: shop.db, rate_limit: 50}}
extraction: {embeddings: false, annotators: []}
linking: {graph_learning: false}
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


class RunningAirflow:
    """What `make airflow` started."""

    def __init__(self, process, lines):
        self.process = process
        url = next(line for line in lines if "http://" in line).split(" at ")[1].split()[0]
        user, password = lines[-1].removeprefix("user ").strip().split(", password ")
        self.api = httpx.Client(base_url=url, trust_env=False, timeout=60)
        token = self.api.post("/auth/token", json={"username": user, "password": password}).json()["access_token"]
        self.api.headers["Authorization"] = f"Bearer {token}"

    def trigger(self, dag_id):
        self.wait_for(lambda: self.api.get(f"/api/v2/dags/{dag_id}").is_success)
        answer = self.api.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None})
        assert answer.is_success, answer.text

    def states(self, dag_id):
        return [run["state"] for run in self.api.get(f"/api/v2/dags/{dag_id}/dagRuns").json()["dag_runs"]]

    def wait_for(self, reached):
        until = time.monotonic() + PATIENCE_SECONDS
        while not reached():
            assert self.process.poll() is None, "Airflow ended"
            assert time.monotonic() < until, "Airflow took too long"
            time.sleep(0.5)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    home = tmp_path_factory.mktemp("project") / "works"
    home.mkdir()
    with sqlite3.connect(home / "shop.db") as connection:
        connection.execute("CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT)")
        connection.execute("INSERT INTO customers VALUES (1, 'Ada Lovelace'), (2, 'Alan Turing')")
    return create_project(home, SETTINGS)


@pytest.fixture(scope="module")
def airflow(project, tmp_path_factory):
    home = tmp_path_factory.mktemp("airflow")
    command = [sys.executable, str(START), "--project", str(project.home), "--home", str(home), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        lines = []
        while not lines or not lines[-1].startswith("user "):
            line = process.stdout.readline()
            assert line, f"Airflow did not start: {lines}"
            lines.append(line)
        yield RunningAirflow(process, lines)
    finally:
        process.terminate()
        process.wait(60)


def test_a_triggered_crawl_sets_off_link_and_publish_through_their_assets(airflow, project):
    def labelled():
        rows = load(SERVICES, "sparql")(project, "SELECT ?s WHERE { ?s rdfs:label 'Ada Lovelace' }").rows
        return [row["s"] for row in rows]

    airflow.trigger("bifrost_crawl_shop")
    # Shortly after two at night the daily retraining starts too, and sets off a publish of its own.
    for dag_id in ("bifrost_crawl_shop", "bifrost_link", "bifrost_publish"):
        airflow.wait_for(lambda dag_id=dag_id: set(airflow.states(dag_id)) in ({"success"}, {"failed"}))
        assert set(airflow.states(dag_id)) == {"success"}, dag_id
    airflow.wait_for(labelled)
    assert labelled() == ["https://graph.example.org/entity/shop/customers/1"]


def test_a_source_registered_meanwhile_gets_its_dag_and_its_pool(airflow, project):
    project.catalog.register(Source("late", "sqlite", {"path": "shop.db"}, rate_limit=5.0))
    airflow.wait_for(lambda: airflow.api.get("/api/v2/dags/bifrost_crawl_late").is_success)
    airflow.wait_for(lambda: airflow.api.get("/api/v2/pools/bifrost_late").is_success)
    assert airflow.api.get("/api/v2/pools/bifrost_late").json()["slots"] == 1


def test_everything_listens_on_loopback_only_and_asks_who_one_is(airflow):
    parts = psutil.Process(airflow.process.pid).children(recursive=True)
    sockets = [each for part in parts for each in part.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    assert {each.laddr.ip for each in sockets} == {"127.0.0.1"}
    assert httpx.get(f"{airflow.api.base_url}/api/v2/dags", trust_env=False).status_code == 401


def test_ctrl_c_stops_every_part(airflow):
    parts = psutil.Process(airflow.process.pid).children(recursive=True)
    assert len(parts) >= 4
    os.kill(airflow.process.pid, signal.SIGINT)
    assert airflow.process.wait(60) == 0
    assert not [part for part in parts if part.is_running() and part.status() != psutil.STATUS_ZOMBIE]
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", airflow.api.base_url.port)) != 0
