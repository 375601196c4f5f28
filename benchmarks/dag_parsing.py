"""Parsing the folder of DAGs with 200 registered sources, as Airflow's DAG processor does it every few seconds."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = 200
RUNS = 3
LIMIT_SECONDS = 2.0
DAGS = Path(__file__).parents[1] / "dags"

# The DAG processor imports Airflow once and forks for each parse: everything that the file needs besides is measured.
PARSE = """
import json, logging, sys, time
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.dag_processing.processor import _pre_import_airflow_modules, _serialize_dags
from pathlib import Path
folder, log = Path(sys.argv[1]), logging.getLogger()
for file in folder.glob("*.py"):
    _pre_import_airflow_modules(str(file), log)
started, cpu = time.perf_counter(), time.process_time()
bag = BundleDagBag(dag_folder=str(folder), bundle_path=folder, bundle_name="dags-folder")
parsed, cpu = time.perf_counter(), time.process_time() - cpu
_, errors = _serialize_dags(bag, log)
done = time.perf_counter()
assert not bag.import_errors and not errors, (bag.import_errors, errors)
result = {"dags": len(bag.dags), "parse": parsed - started, "cpu": cpu, "serialize": done - parsed}
print("RESULT", json.dumps(result))
"""


def main() -> None:
    """Print the median of a few fresh processes; end with exit code 1 above the limit."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "project"
        _register(home)
        runs = [_parse(home, Path(folder) / "airflow") for _ in range(RUNS)]
    medians = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    print(f"{medians['dags']:.0f} DAGs of {SOURCES} sources, median of {RUNS} fresh processes")
    print(f"parse {medians['parse']:.2f} s (limit {LIMIT_SECONDS:g} s; {medians['cpu']:.2f} s of them on a processor)")
    print(f"serialize for Airflow's database {medians['serialize']:.2f} s")
    print(
        json.dumps({"dag_parse_seconds": round(medians["parse"], 3), "dag_parse_cpu_seconds": round(medians["cpu"], 3)})
    )
    if medians["parse"] >= LIMIT_SECONDS:
        raise SystemExit(1)


def _register(home: Path) -> None:
    from bifrost.model import Source
    from bifrost.project import create_project

    half = SOURCES // 2
    entry = (
        "  declared{n}: {{kind: folder, path: '{n}', schedule: '{minute} 3 * * *', owner: team {n}, description: D}}\n"
    )
    entries = "".join(entry.format(n=number, minute=number % 60) for number in range(half))
    project = create_project(home, f"sources:\n{entries}")
    for number in range(half):
        limit = 5.0 if number % 2 else None
        schedule = f"{number % 60} * * * *"
        source = Source(f"registered{number}", "sqlite", {"path": "x.db"}, schedule=schedule, rate_limit=limit)
        project.catalog.register(source)


def _parse(home: Path, airflow_home: Path) -> dict[str, float]:
    environment = {
        **os.environ,
        "BIFROST_HOME": str(home),
        "AIRFLOW_HOME": str(airflow_home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    command = [sys.executable, "-c", PARSE, str(DAGS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    found: dict[str, float] = json.loads(lines[0].removeprefix("RESULT "))
    return found


if __name__ == "__main__":
    main()
