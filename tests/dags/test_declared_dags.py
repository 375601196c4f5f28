"""The DAGs that follow from the registered sources, as Airflow's DAG processor sees them."""

import pytest

from bifrost.model import Source
from bifrost.project import create_project


@pytest.fixture(scope="module")
def parser(airflow):
    with airflow.running():
        yield airflow


@pytest.fixture
def project(tmp_path):
    settings = (
        "sources: {shop: {kind: sqlite, path: shop.db, schedule: '0 3 * * *', owner: Sales, description: Orders}}\n"
    )
    return create_project(tmp_path / "works", settings)


def test_every_registered_source_has_a_dag_beside_those_of_the_graph(parser, project):
    project.catalog.register(Source("notes", "folder", {"path": "notes"}))
    found = parser.parse(project.home)
    assert found["errors"] == {}
    crawls = {"bifrost_crawl_shop", "bifrost_crawl_notes"}
    assert set(found["dags"]) == {*crawls, "bifrost_link", "bifrost_retrain", "bifrost_publish"}


def test_a_dag_shows_schedule_owner_and_description_of_its_source(parser, project):
    dag = parser.parse(project.home)["dags"]["bifrost_crawl_shop"]
    assert (dag["schedule"], dag["owner"], dag["description"]) == ("0 3 * * *", "Sales", "Orders")
    assert dag["tags"] == ["bifrost", "crawl", "sqlite"]
    assert (dag["catchup"], dag["max_active_runs"]) == (False, 1)


def test_fetching_is_mapped_between_listing_and_settling_and_retried(parser, project):
    tasks = parser.parse(project.home)["dags"]["bifrost_crawl_shop"]["tasks"]
    assert {name: task["after"] for name, task in tasks.items()} == {
        "plan": [],
        "fetch": ["plan"],
        "settle": ["fetch", "plan"],
        "complete": ["settle"],
    }
    assert [name for name, task in tasks.items() if task["mapped"]] == ["fetch"]
    assert all(task["retries"] == 3 and task["exponential"] for task in tasks.values())


def test_a_source_with_a_limit_on_its_rate_has_a_pool_and_the_others_share_one(parser, project):
    project.catalog.register(Source("slow", "sqlite", {"path": "slow.db"}, rate_limit=2.0))
    dags = parser.parse(project.home)["dags"]
    pools = {name: {task["pool"] for task in dag["tasks"].values()} for name, dag in dags.items()}
    assert pools["bifrost_crawl_slow"] == {"bifrost_slow"}
    assert pools["bifrost_crawl_shop"] == {"default_pool"}


def test_a_new_source_appears_a_changed_one_changes_and_a_removed_one_disappears(parser, project):
    project.catalog.register(Source("notes", "folder", {"path": "notes"}, schedule="@daily"))
    assert parser.parse(project.home)["dags"]["bifrost_crawl_notes"]["schedule"] == "0 0 * * *"
    project.catalog.register(Source("notes", "folder", {"path": "notes"}, schedule="0 5 * * *"), replace=True)
    assert parser.parse(project.home)["dags"]["bifrost_crawl_notes"]["schedule"] == "0 5 * * *"
    project.catalog.forget("notes")
    assert "bifrost_crawl_notes" not in parser.parse(project.home)["dags"]


def test_a_paused_source_and_one_without_a_schedule_do_not_run_by_themselves(parser, project):
    project.catalog.register(Source("resting", "sqlite", {"path": "r.db"}, schedule="0 3 * * *", paused=True))
    project.catalog.register(Source("by_hand", "sqlite", {"path": "h.db"}))
    dags = parser.parse(project.home)["dags"]
    schedules = {dags[name]["schedule"] for name in ("bifrost_crawl_resting", "bifrost_crawl_by_hand")}
    assert schedules == {"NullTimetable"}


def test_linking_follows_any_source_and_publishing_follows_linking(parser, project, tmp_path):
    dags = parser.parse(project.home)["dags"]
    assert dags["bifrost_link"]["schedule"] == dags["bifrost_publish"]["schedule"] == "AssetTriggeredTimetable"
    assert dags["bifrost_retrain"]["schedule"] == "AssetOrTimeSchedule"
    empty = create_project(tmp_path / "empty", "sources: {}\n")
    assert parser.parse(empty.home)["dags"]["bifrost_link"]["schedule"] == "NullTimetable"


def test_a_folder_without_a_project_and_a_broken_file_say_what_to_do(parser, project, tmp_path):
    assert "init" in str(parser.parse(tmp_path / "nowhere")["errors"])
    (project.home / "bifrost.yaml").write_text("sources: {shop: [}\n")
    assert "bifrost.yaml is not valid" in str(parser.parse(project.home)["errors"])


def test_a_source_whose_schedule_airflow_cannot_read_does_not_take_the_others_away(parser, project):
    project.catalog.register(Source("odd", "sqlite", {"path": "odd.db"}, schedule="every full moon"))
    found = parser.parse(project.home)
    assert found["errors"] == {}
    odd = found["dags"]["bifrost_crawl_odd"]
    assert odd["schedule"] == "NullTimetable"
    assert "'every full moon' is no cron expression" in odd["description"]
    assert "bifrost_crawl_shop" in found["dags"]


def test_two_hundred_sources_are_parsed_quickly(parser, tmp_path):
    entries = "".join(f"  source{n}: {{kind: folder, path: '{n}', schedule: '0 3 * * *'}}\n" for n in range(200))
    project = create_project(tmp_path / "large", f"sources:\n{entries}")
    found = parser.parse(project.home)
    assert len(found["dags"]) == 203
    # `make bench-airflow` measures against 2 s; this bound tells a mistake from a busy machine.
    assert found["cpu_seconds"] < 4
