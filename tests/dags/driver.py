"""Airflow in a process of its own: reads a command a line, answers with a line of JSON on the descriptor it was given.

{"parse": HOME} parses the folder of DAGs as Airflow's DAG processor does, {"test": DAG, "conf": {}} runs a DAG.
"""

import json
import os
import sys
import time
from pathlib import Path

from airflow.dag_processing.dagbag import BundleDagBag
from airflow.dag_processing.processor import _serialize_dags
from airflow.models.asset import AssetEvent
from airflow.utils.session import create_session

FOLDER = Path(__file__).parents[2] / "dags"


class _Log:
    def exception(self, *_arguments):
        sys.excepthook(*sys.exc_info())


def parse(home):
    os.environ["BIFROST_HOME"] = home
    started = time.process_time()
    bag = BundleDagBag(dag_folder=str(FOLDER), bundle_path=FOLDER, bundle_name="dags-folder")
    parsed = time.process_time()
    _, errors = _serialize_dags(bag, _Log())
    return {
        "errors": {**bag.import_errors, **errors},
        "dags": {dag_id: described(dag) for dag_id, dag in bag.dags.items()},
        "cpu_seconds": parsed - started,
    }


def described(dag):
    return {
        "schedule": getattr(dag.timetable, "expression", None) or type(dag.timetable).__name__,
        "tags": sorted(dag.tags),
        "owner": dag.owner,
        "description": dag.description,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "tasks": {task.task_id: described_task(task) for task in dag.tasks},
    }


def described_task(task):
    return {
        "pool": task.pool,
        "retries": task.retries,
        "exponential": bool(task.retry_exponential_backoff),
        "mapped": task.is_mapped,
        "after": sorted(task.upstream_task_ids),
    }


def test(dag_id, conf):
    home = Path(os.environ["BIFROST_HOME"])
    bag = BundleDagBag(dag_folder=str(FOLDER), bundle_path=FOLDER, bundle_name="dags-folder")
    run = bag.dags[dag_id].test(run_conf=conf)
    with create_session() as session:
        events = session.query(AssetEvent).filter_by(source_run_id=run.run_id).all()
        assets = [event.uri.removeprefix(f"bifrost://{home.name}/") for event in events]
    tries = {}
    for each in run.get_task_instances():
        tries.setdefault(each.task_id, []).append([str(each.state), each.try_number])
    return {"state": str(run.state), "tasks": tries, "assets": assets}


with os.fdopen(int(sys.argv[1]), "w") as answers:
    for line in sys.stdin:
        command = json.loads(line)
        answer = parse(command["parse"]) if "parse" in command else test(command["test"], command["conf"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
