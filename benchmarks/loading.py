"""Loading the triple store through the projection, beside the raw engine on the same quads."""

import json
import statistics
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from bifrost.plugins import PROJECTIONS, load
from bifrost.project import Project, create_project
from bifrost.schemas import FACTS
from bifrost.snapshots import EMPTY, ChangeSet, Snapshot, Unit

ROWS = 200_000
ROUNDS = 3


def _snapshot(project: Project) -> Snapshot:
    graph = project.namer.graph(["bench"])
    rows = range(ROWS)
    columns = [
        [graph] * ROWS,
        [project.namer.record("bench", "rows", str(row // 5)) for row in rows],
        [project.namer.property("bench", f"field {row % 5}") for row in rows],
        [f"value {row}" for row in rows],
        ["http://www.w3.org/2001/XMLSchema#string"] * ROWS,
        ["bench"] * ROWS,
        ["rows"] * ROWS,
        [f"row {row // 5}, field {row % 5}" for row in rows],
        ["table"] * ROWS,
        [1.0] * ROWS,
    ]
    stored = project.staging.put_table(pa.table(columns, schema=FACTS))
    units = {"table:bench/rows": Unit(graph, stored.digest, ROWS)}
    return Snapshot.store(project.staging, units, identity="", proposals="")


def _ours(project: Project, snapshot: Snapshot) -> float:
    projection = load(PROJECTIONS, "triples")(project)
    projection.clear()
    started = time.monotonic()
    projection.apply(ChangeSet(project.staging, EMPTY, snapshot))
    seconds = time.monotonic() - started
    projection.close()
    return seconds


def _raw(folder: Path, project: Project, snapshot: Snapshot) -> float:
    import pyoxigraph

    table = project.staging.table([snapshot.units["table:bench/rows"].facts])
    lines = [
        f'<{row["subject"]}> <{row["predicate"]}> "{row["object"]}" <{row["graph"]}> .' for row in table.to_pylist()
    ]
    store = pyoxigraph.Store(str(folder))
    started = time.monotonic()
    store.bulk_load("\n".join(lines).encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    return time.monotonic() - started


def main() -> None:
    """Print seconds and the ratio of medians."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = create_project(folder / "home", "base: https://bench.example.org/\n")
        snapshot = _snapshot(project)
        ours = [_ours(project, snapshot) for _ in range(ROUNDS)]
        raw = [_raw(folder / f"raw{number}", project, snapshot) for number in range(ROUNDS)]
    print(f"projection {[round(each, 2) for each in ours]} s, raw bulk load {[round(each, 2) for each in raw]} s")
    ratio = statistics.median(ours) / statistics.median(raw)
    print(json.dumps({"quads": ROWS, "ratio_to_raw_load": round(ratio, 2)}))
