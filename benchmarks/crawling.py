"""Crawling a PostgreSQL table beside raw ADBC to Parquet, and syncing it again; memory from 1 to 10 million rows."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from bifrost.runner import run_stages
from tests.servers.postgresql import PASSWORD, USER, PostgresqlServer, missing, postgresql

ROUNDS = 3
ROWS = 1_000_000
MANY_ROWS = 10_000_000
CHANGED = 1_000
_PASSWORD_NAME = "BIFROST_BENCH_PASSWORD"
_TABLE = """
CREATE TABLE sale AS
SELECT i AS id, 'customer ' || (i * 7919 % 50000) AS customer, (i * 7 % 100000) / 10.0::float8 AS amount,
       (i % 100000)::numeric(10, 2) AS price, timestamp '2024-01-01' + (i % 31000000) * interval '1 s' AS sold_at,
       i % 2 = 0 AS paid, (i % 1000)::int4 AS product, md5(i::text) AS note
FROM generate_series(1, {rows}::int8) i
"""
_CRAWL_ALONE = """
import resource, sys
from pathlib import Path
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import open_project
from bifrost.runner import run_stages
project = open_project(Path(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
(report,) = run_stages(project, Scope(), Silent(), ("crawl",))
assert not report.failures, report.failures
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def main() -> None:
    """Print seconds, ratios and megabytes."""
    if missing():
        print(json.dumps({"skipped": missing()}))
        return
    os.environ[_PASSWORD_NAME] = PASSWORD
    with tempfile.TemporaryDirectory() as name, postgresql() as server:
        folder = Path(name)
        _fill(server, ROWS)
        raw, full = [], []
        for round_ in range(ROUNDS):
            raw.append(_raw(server, folder / "raw.parquet"))
            full.append(_crawl(_project(server, folder / f"full{round_}")))
        project = _project(server, folder / f"full{ROUNDS - 1}")
        quiet = [_crawl(project) for _ in range(ROUNDS)]
        busy = [_after(server, "INSERT INTO other VALUES (1)", project) for _ in range(ROUNDS)]
        changed = [_after(server, _change(round_), project) for round_ in range(ROUNDS)]
        one_million_mb = _peak_mb(_project(server, folder / "alone").home)
        _fill(server, MANY_ROWS)
        many = _project(server, folder / "many")
        started = time.monotonic()
        ten_million_mb = _peak_mb(many.home)
        many_seconds = time.monotonic() - started
    median = statistics.median
    print(f"raw ADBC to Parquet, {ROWS:,} rows: {_shown(raw)} s")
    print(f"crawl to staging: {_shown(full)} s")
    print(f"again, server quiet: {_shown(quiet)} s; another table written meanwhile: {_shown(busy)} s")
    print(f"again, {CHANGED:,} rows changed: {_shown(changed)} s")
    print(f"largest process: {one_million_mb} MB at {ROWS:,} rows, {ten_million_mb} MB at {MANY_ROWS:,} rows")
    print(f"{MANY_ROWS:,} rows in {many_seconds:.1f} s")
    print(
        json.dumps(
            {
                "ratio_to_adbc": round(median(full) / median(raw), 2),
                "resync_share": round(median(quiet) / median(full), 4),
                "resync_share_busy": round(median(busy) / median(full), 4),
                "changed_share": round(median(changed) / median(full), 4),
                "peak_mb_1m": one_million_mb,
                "peak_mb_10m": ten_million_mb,
                "growth_seconds_10m": round(many_seconds / median(full), 1),
            }
        )
    )


def _fill(server: PostgresqlServer, rows: int) -> None:
    statements = (_TABLE.format(rows=rows), "ALTER TABLE sale ADD PRIMARY KEY (id)", "VACUUM ANALYZE sale")
    server.create("bench", *statements, "CREATE TABLE other (a int)")


def _project(server: PostgresqlServer, home: Path) -> Project:
    source: dict[str, Any] = {"kind": "postgresql", "host": "127.0.0.1", "port": server.port, "database": "bench"}
    source |= {"user": USER, "password": f"${{env:{_PASSWORD_NAME}}}", "include": ["sale"]}
    return create_project(home, json.dumps({"sources": {"shop": source}}))


def _crawl(project: Project) -> float:
    started = time.monotonic()
    (report,) = run_stages(project, Scope(), Silent(), ("crawl",))
    if report.failures or report.counts["rejected"]:
        raise RuntimeError(f"{report.failures} {project.catalog.rejects()}")
    return time.monotonic() - started


def _after(server: PostgresqlServer, statement: str, project: Project) -> float:
    server.run("bench", statement)
    return _crawl(project)


def _change(round_: int) -> str:
    return f"UPDATE sale SET amount = amount + 1 WHERE id % {ROWS // CHANGED} = {round_}"


def _raw(server: PostgresqlServer, path: Path) -> float:
    import adbc_driver_postgresql.dbapi as adbc
    import pyarrow.parquet as pq
    from psycopg.conninfo import make_conninfo

    place = make_conninfo(host="127.0.0.1", port=server.port, dbname="bench", user=USER, password=PASSWORD)
    started = time.monotonic()
    with adbc.connect(place) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, customer, amount, price::float8, sold_at, paid, product, note FROM sale")
        reader = cursor.fetch_record_batch()
        with pq.ParquetWriter(path, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
    return time.monotonic() - started


def _peak_mb(home: Path) -> int:
    done = subprocess.run([sys.executable, "-c", _CRAWL_ALONE, str(home)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return int(done.stdout.split()[-1])


def _shown(seconds: list[float]) -> str:
    return ", ".join(f"{each:.2f}" for each in seconds)
