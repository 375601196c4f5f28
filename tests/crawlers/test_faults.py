"""What goes wrong while a source is crawled: nothing known is lost, the message is clear, the next run mends it."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bifrost import engine
from bifrost.errors import StorageFull
from bifrost.model import CrawlState, StageReport
from bifrost.project import Project
from bifrost.staged_rows import StagedRows
from crawlers.databases.postgresql.crawler import PostgresqlCrawler
from tests.servers.postgresql import PASSWORD, USER, PostgresqlServer

Make = Callable[..., Project]
Crawl = Callable[..., StageReport]
NAME = "faults"
SALE = (
    "CREATE TABLE sale (id int PRIMARY KEY, name text, price int)",
    "INSERT INTO sale SELECT i, 'name ' || i, i FROM generate_series(1, 2000) i",
)
OTHER = ("CREATE TABLE other (id int PRIMARY KEY)", "INSERT INTO other VALUES (1), (2)")


def source(server: PostgresqlServer, secret: str, **settings: Any) -> dict[str, Any]:
    place = {"kind": "postgresql", "host": "127.0.0.1", "port": server.port, "database": NAME}
    return place | {"user": USER, "password": secret} | settings


@pytest.fixture
def project(postgresql_server: PostgresqlServer, secret: str, make_project: Make) -> Project:
    postgresql_server.create(NAME, *SALE, *OTHER)
    return make_project({"shop": source(postgresql_server, secret)})


def table(project: Project, key: str = "sale") -> pa.Table:
    staged = next(each for each in project.catalog.items() if each.item.key == key)
    with engine.connect(project.cache_folder("spill")) as connection:
        rows = StagedRows.of(project.staging, staged).sql
        return connection.sql(f"FROM ({rows}) ORDER BY ALL").to_arrow_table()


def keys(project: Project) -> list[str]:
    return [each.item.key for each in project.catalog.items()]


def cutting(monkeypatch: pytest.MonkeyPatch, cut: Callable[[], None]) -> None:
    """Cut something off when the first batch of the table `sale` was read."""
    fetch = PostgresqlCrawler.fetch

    def fetch_and_cut(self: PostgresqlCrawler, item: Any, known: Any = None) -> Any:
        content = fetch(self, item, known)
        if item.key != "sale" or isinstance(content, tuple):
            return content

        def batches() -> Iterator[pa.RecordBatch]:
            for number, batch in enumerate(content.batches):
                yield batch
                if number == 0:
                    cut()

        return type(content)(pa.RecordBatchReader.from_batches(content.batches.schema, batches()), content.rejects)

    monkeypatch.setattr(PostgresqlCrawler, "fetch", fetch_and_cut)


def _wide(server: PostgresqlServer) -> None:
    """Make the table larger than what the server sends ahead."""
    server.run(NAME, "ALTER TABLE sale ADD note text", "UPDATE sale SET note = repeat(md5(id::text), 2000)")


@pytest.mark.live
def test_a_connection_that_is_cut_in_mid_table_keeps_what_is_known_and_is_retried(
    project: Project, postgresql_server: PostgresqlServer, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(project)
    before = table(project)
    _wide(postgresql_server)

    def cut() -> None:
        with postgresql_server.connect() as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bifrost'")

    with monkeypatch.context() as patch:
        cutting(patch, cut)
        report = crawl(project)
    assert table(project) == before
    assert "item 'sale' of source 'shop' cannot be read" in report.failures[0]
    assert (report.crawled[0].state, report.crawled[0].retryable) == (CrawlState.PARTIAL, True)
    assert [reject.item for reject in project.catalog.rejects()] == ["sale"]
    assert crawl(project).failures == ()
    assert table(project).column_names == ["id", "name", "price", "note"]
    assert project.catalog.rejects() == []


@pytest.mark.live
def test_a_server_killed_in_mid_table_keeps_what_is_known_and_the_next_run_mends_it(
    project: Project, postgresql_server: PostgresqlServer, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(project)
    before = table(project)
    _wide(postgresql_server)
    with monkeypatch.context() as patch:
        cutting(patch, postgresql_server.kill)
        report = crawl(project)
    postgresql_server.start()
    assert report.crawled[0].retryable
    assert table(project) == before
    assert table(project, "other").num_rows == 2
    assert crawl(project).failures == ()
    assert table(project).num_columns == 4
    assert crawl(project).counts["unchanged"] == 2


@pytest.mark.live
def test_a_table_that_may_no_longer_be_read_is_kept_with_its_reason(
    postgresql_server: PostgresqlServer, secret: str, make_project: Make, crawl: Crawl
) -> None:
    postgresql_server.create(NAME, *SALE, *OTHER)
    postgresql_server.run("postgres", "DROP ROLE IF EXISTS clerk")
    password = PASSWORD.replace("'", "''")
    postgresql_server.run(
        NAME, f"CREATE ROLE clerk LOGIN PASSWORD '{password}'", "GRANT SELECT ON sale, other TO clerk"
    )
    project = make_project({"shop": source(postgresql_server, secret, user="clerk")})
    try:
        crawl(project)
        postgresql_server.run(NAME, "REVOKE SELECT ON sale FROM clerk", "DELETE FROM other WHERE id = 2")
        report = crawl(project)
        assert report.crawled[0].state is CrawlState.COMPLETE
        assert table(project).num_rows == 2000
        assert table(project, "other").num_rows == 1
        (reject,) = project.catalog.rejects()
        assert (reject.item, reject.reason) == ("sale", "role clerk may not read this table")
        postgresql_server.run(NAME, "GRANT SELECT ON sale TO clerk", "UPDATE sale SET name = 'again' WHERE id = 1")
        crawl(project)
        assert table(project)["name"][0].as_py() == "again"
        assert project.catalog.rejects() == []
    finally:
        postgresql_server.run(NAME, "DROP OWNED BY clerk", "DROP ROLE clerk")


@pytest.mark.live
@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("ALTER TABLE sale ADD colour text DEFAULT 'red'", ["id", "name", "price", "colour"]),
        ("ALTER TABLE sale DROP COLUMN price", ["id", "name"]),
        ("ALTER TABLE sale ALTER price TYPE text USING 'EUR ' || price", ["id", "name", "price"]),
        ("ALTER TABLE sale RENAME price TO cost", ["id", "name", "cost"]),
    ],
)
def test_a_column_that_is_added_removed_or_retyped_is_followed(
    project: Project, postgresql_server: PostgresqlServer, crawl: Crawl, statement: str, columns: list[str]
) -> None:
    crawl(project)
    postgresql_server.run(NAME, statement)
    assert crawl(project).counts["changed"] == 1
    assert table(project).column_names == columns
    assert table(project).num_rows == 2000
    assert crawl(project).counts["unchanged"] == 2


@pytest.mark.live
def test_a_table_that_is_renamed_or_dropped_goes_only_with_the_guard_and_a_new_one_comes(
    project: Project, postgresql_server: PostgresqlServer, crawl: Crawl
) -> None:
    crawl(project)
    postgresql_server.run(NAME, "ALTER TABLE sale RENAME TO sales")
    report = crawl(project)
    assert keys(project) == ["other", "sale", "sales"]
    assert "2,000 of 2,002 rows are gone" in report.failures[0]
    crawl(project, confirm_retraction=True)
    assert keys(project) == ["other", "sales"]
    postgresql_server.run(NAME, "DROP TABLE other")
    assert crawl(project).failures == ()
    assert keys(project) == ["sales"]


@pytest.mark.live
def test_a_table_that_is_dropped_between_listing_and_reading_is_a_reject(
    project: Project, postgresql_server: PostgresqlServer, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = PostgresqlCrawler.listing

    def list_and_drop(self: PostgresqlCrawler, known: Any = None) -> Any:
        listed = listing(self, known or {})
        postgresql_server.run(NAME, "DROP TABLE sale")
        return listed

    with monkeypatch.context() as patch:
        patch.setattr(PostgresqlCrawler, "listing", list_and_drop)
        report = crawl(project)
    assert report.failures == ()
    assert keys(project) == ["other"]
    assert [(reject.item, reject.reason) for reject in project.catalog.rejects()] == [
        ("sale", "there is no such table")
    ]
    crawl(project)
    assert project.catalog.rejects() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_stops_the_crawl_with_a_clear_error_and_room_lets_it_go_on(
    small_disk: Path, tmp_path: Path, make_project: Make, crawl: Crawl
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.bin").write_bytes(os.urandom(200_000))
    project = make_project({"files": {"kind": "folder", "path": str(folder)}})
    (small_disk / "ballast").write_bytes(bytes(1_000_000))
    project.staging.folder.mkdir(exist_ok=True)
    project.staging.objects.symlink_to(small_disk / "objects")
    project.staging.incoming.symlink_to(small_disk / "incoming")
    for name in ("objects", "incoming"):
        (small_disk / name).mkdir()
    with pytest.raises(StorageFull, match="no space left") as caught:
        crawl(project)
    assert caught.value.retryable
    staged = project.catalog.items()
    assert 0 < len(staged) < 40
    for each in staged:
        assert project.staging.path(each.content).read_bytes() == (folder / each.item.key).read_bytes()
    assert list(project.staging.incoming.iterdir()) == []
    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    report = crawl(project)
    assert (report.failures, report.counts["items"]) == ((), 40)
    assert report.counts["unchanged"] == len(staged)


def test_two_runs_of_the_same_source_at_once_fetch_everything_once(
    tmp_path: Path, make_project: Make, crawl: Crawl
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.txt").write_text(f"text {number}")
    sources = {"files": {"kind": "folder", "path": str(folder), "rate_limit": 400}}
    first, second = make_project(sources), make_project(sources)
    reports: list[StageReport] = []
    running = threading.Thread(target=lambda: reports.append(crawl(first)))
    running.start()
    time.sleep(0.3)
    refused = crawl(second)
    running.join()
    assert ["being crawled by another run" in failure for failure in refused.failures] == [True]
    assert refused.crawled[0].retryable
    assert reports[0].counts["added"] == 300
    assert crawl(second).counts["unchanged"] == 300


def test_a_clock_that_runs_wrong_hides_no_change(tmp_path: Path, make_project: Make, crawl: Crawl) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("past", "future", "same"):
        (folder / name).write_text("one")
    os.utime(folder / "future", (4e9, 4e9))
    project = make_project({"files": {"kind": "folder", "path": str(folder)}})
    crawl(project)
    for name, moment in (("past", 1e9), ("future", 5e8), ("same", None)):
        before = (folder / name).stat().st_mtime
        (folder / name).write_text("two")  # of the same size, with a date that says nothing
        os.utime(folder / name, (moment or before, moment or before))
    assert crawl(project).counts["changed"] == 3
    assert crawl(project).counts["unchanged"] == 3


def test_a_rate_limit_spaces_what_is_fetched(tmp_path: Path, make_project: Make, crawl: Crawl) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(21):
        (folder / f"{number}.txt").write_text("text")
    project = make_project({"files": {"kind": "folder", "path": str(folder), "rate_limit": 40}})
    started = time.monotonic()
    assert crawl(project).counts["added"] == 21
    assert time.monotonic() - started >= 0.5
