"""The DAGs on real Airflow, run by `dag.test()`: states, retries, what passes between the tasks."""

import sqlite3
from types import SimpleNamespace

import pytest

from bifrost.model import CrawlState, Source
from bifrost.plugins import SERVICES, load
from bifrost.project import create_project

pytestmark = pytest.mark.slow

TABLES = ("customers", "orders", "suppliers")
SETTINGS = """
sources: {shop: {kind: sqlite, path: shop.db}}
extraction: {embeddings: false, annotators: []}
linking: {graph_learning: false}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    home = tmp_path_factory.mktemp("project") / "works"
    (home / "notes").mkdir(parents=True)
    with sqlite3.connect(home / "shop.db") as connection:
        for table in TABLES:
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT)")
            connection.execute(f"INSERT INTO {table} VALUES (1, 'Ada Lovelace'), (2, 'Alan Turing')")
    for number in range(10):
        (home / "notes" / f"{number}.txt").write_text(f"note {number}")
    project = create_project(home, SETTINGS)
    project.catalog.register(Source("notes", "folder", {"path": "notes"}))
    server = {"host": "127.0.0.1", "port": 1, "database": "crm", "user": "reader", "password": "${env:LOST_PASSWORD}"}
    project.catalog.register(Source("lost", "postgresql", server))
    leak = {
        "command": ["sh", "-c", "echo key $KEY expired >&2; exit 1"],
        "environment": {"KEY": "${env:LOST_PASSWORD}"},
    }
    project.catalog.register(Source("leaky", "script", leak))
    project.catalog.register(Source("wrong", "sqlite", {"pth": "shop.db"}))
    return project


@pytest.fixture(scope="module")
def runs(project, airflow):
    """Run everything once, in one process: loading Airflow takes longer than its runs."""
    found = SimpleNamespace()
    with airflow.running(project):
        found.crawl = airflow.test("bifrost_crawl_shop")
        found.again = airflow.test("bifrost_crawl_shop")
        found.link = airflow.test("bifrost_link")
        found.publish = airflow.test("bifrost_publish")
        found.retrain = airflow.test("bifrost_retrain")
        found.lost = airflow.test("bifrost_crawl_lost")
        found.leaky = airflow.test("bifrost_crawl_leaky")
        found.wrong = airflow.test("bifrost_crawl_wrong")
        airflow.test("bifrost_crawl_notes")
        for number in range(8):
            (project.home / "notes" / f"{number}.txt").unlink()
        found.guarded = airflow.test("bifrost_crawl_notes")
        found.kept = len(project.catalog.items("notes"))
        found.confirmed = airflow.test("bifrost_crawl_notes", confirm_retraction=True)
    return found


def test_a_source_is_crawled_and_reports_its_asset(runs, project):
    assert runs.crawl["state"] == "success"
    assert runs.crawl["assets"] == ["shop"]
    assert {each.item.key for each in project.catalog.items("shop")} == set(TABLES)
    assert project.catalog.crawls("shop")[-1].state is CrawlState.COMPLETE


def test_the_batches_are_shared_among_a_limited_number_of_mapped_tasks(runs):
    assert runs.crawl["tasks"]["fetch"] == [["success", 1], ["success", 1]]


def test_a_source_without_changes_is_settled_without_fetching(runs):
    assert runs.again["state"] == "success"
    assert runs.again["tasks"]["fetch"] == [["skipped", 0]]
    assert runs.again["tasks"]["settle"] == [["success", 1]]


def test_link_and_publish_make_a_graph_that_can_be_asked(runs, project):
    assert (runs.link["state"], runs.publish["state"]) == ("success", "success")
    assert runs.link["assets"] == ["-/graph"]
    rows = load(SERVICES, "sparql")(project, "SELECT ?s WHERE { ?s a shop:Customers ; rdfs:label 'Ada Lovelace' }").rows
    assert [row["s"] for row in rows] == ["https://graph.example.org/entity/shop/customers/1"]


def test_retraining_reports_the_graph_too(runs):
    assert (runs.retrain["state"], runs.retrain["assets"]) == ("success", ["-/graph"])


def test_a_source_that_does_not_answer_fails_the_run_after_retries(runs, project):
    assert runs.lost["state"] == "failed"
    assert runs.lost["tasks"]["plan"] == [["failed", 4]]
    assert runs.lost["assets"] == []
    assert project.catalog.crawls("lost")[0].state is CrawlState.FAILED


def test_wrong_settings_fail_the_run_at_once(runs):
    assert runs.wrong["state"] == "failed"
    assert runs.wrong["tasks"]["plan"] == [["failed", 1]]


def test_a_guarded_retraction_fails_the_run_but_what_was_read_is_linked(runs, airflow):
    assert runs.guarded["state"] == "failed"
    assert runs.guarded["tasks"]["complete"] == [["failed", 1]]
    assert runs.guarded["assets"] == ["notes"]
    assert runs.kept == 10
    assert "--confirm-retraction" in airflow.log.read_text()


def test_a_retraction_is_confirmed_in_the_conf_of_a_run(runs, project):
    assert runs.confirmed["state"] == "success"
    assert len(project.catalog.items("notes")) == 2


def test_only_handles_pass_between_the_tasks(runs, airflow):
    with sqlite3.connect(airflow.home / "airflow.db") as connection:
        values = [row[0] for row in connection.execute("SELECT value FROM xcom WHERE dag_id LIKE 'bifrost_crawl_%'")]
    assert values
    assert max(len(str(value)) for value in values) < 200
    assert not any("Lovelace" in str(value) or "note" in str(value) for value in values)


def test_no_secret_shows_in_the_logs_or_the_database_of_airflow(runs, airflow):
    assert runs.leaky["state"] == "failed"
    assert "key *** expired" in airflow.log.read_text()
    for file in airflow.home.rglob("*"):
        if file.is_file():
            assert airflow.canary.encode() not in file.read_bytes(), file
