"""The DAG on real Airflow."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bifrost.plugins import SERVICES, load
from bifrost.project import create_project

DAG_FILE = Path(__file__).parents[2] / "dags" / "bifrost_graph.py"

RUN = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("bifrost_graph_dag", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print("STATE", module.graph.test().state)
"""


@pytest.fixture
def project(tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany("INSERT INTO customers VALUES (?, ?)", [(1, "Ada Lovelace"), (2, "Alan Turing")])
    settings = f"sources: {{shop: {{kind: sqlite, path: {tmp_path / 'shop.db'}}}}}\n"
    return create_project(tmp_path / "home", settings)


def _run_dag(project, tmp_path):
    environment = {
        **os.environ,
        "BIFROST_HOME": str(project.home),
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "BIFROST_RETRY_DELAY_SECONDS": "0.1",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAG_FILE.parent),
    }
    migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
    subprocess.run(migrate, env=environment, check=True, capture_output=True, timeout=240)
    command = [sys.executable, "-c", RUN, str(DAG_FILE)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_the_dag_runs_the_same_stages_on_airflow_and_the_graph_can_be_asked(project, tmp_path):
    result = _run_dag(project, tmp_path)
    assert "STATE success" in result.stdout, result.stdout[-3000:] + result.stderr[-3000:]
    rows = load(SERVICES, "sparql")(project, "SELECT ?s WHERE { ?s rdfs:label 'Ada Lovelace' }").rows
    assert [row["s"] for row in rows] == ["https://graph.example.org/entity/shop/customers/1"]


def test_a_source_that_cannot_be_reached_fails_the_run(project, tmp_path):
    (tmp_path / "shop.db").unlink()
    result = _run_dag(project, tmp_path)
    assert "STATE failed" in result.stdout, result.stdout[-3000:] + result.stderr[-3000:]
