"""What may go and what must stay when a source, or the settings that choose from it, change."""

import io
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bifrost import engine
from bifrost.errors import SourceUnreachable, StageFailed
from bifrost.model import CrawlState, ItemKind, StageReport
from bifrost.plugins import SERVICES, load
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import Project
from bifrost.runner import run_stages
from bifrost.staged_rows import StagedRows
from crawlers.databases.postgresql import crawler as postgresql_database
from crawlers.databases.postgresql.crawler import PostgresqlCrawler
from crawlers.stage import SourceCrawl
from tests.servers.postgresql import USER, PostgresqlServer

Make = Callable[..., Project]
Crawl = Callable[..., StageReport]
Write = Callable[..., Path]
NAME = "sync"
SALE = (
    "CREATE TABLE sale (id int PRIMARY KEY, shop int, name text)",
    "INSERT INTO sale SELECT i, i % 4, 'name ' || i FROM generate_series(1, 1000) i",
)


def source(server: PostgresqlServer, secret: str, **settings: Any) -> dict[str, Any]:
    place = {"kind": "postgresql", "host": "127.0.0.1", "port": server.port, "database": NAME}
    return place | {"user": USER, "password": secret} | settings


def rows(project: Project, key: str = "sale") -> list[tuple[Any, ...]]:
    staged = next(each for each in project.catalog.items() if each.item.key == key)
    with engine.connect(project.cache_folder("spill")) as connection:
        return sorted(connection.execute(f"SELECT * FROM ({StagedRows.of(project.staging, staged).sql})").fetchall())


def keys(project: Project) -> list[str]:
    return [each.item.key for each in project.catalog.items()]


def archive(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as pack:
        for name, text in files.items():
            pack.writestr(name.replace("__", "/") + ".txt", text)
    return content.getvalue()


# ---- files: selections


def test_a_changed_pattern_is_no_deletion_until_the_admin_says_so(
    tmp_path: Path, make_project: Make, crawl: Crawl
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.md", "d.md"):
        (folder / name).write_text(name)
    crawl(make_project({"files": {"kind": "folder", "path": str(folder)}}))
    narrowed = make_project({"files": {"kind": "folder", "path": str(folder), "exclude": ["*.md"]}})
    (dry,) = crawl(narrowed, dry_run=True).differences
    assert (dry.gone, dry.unselected) == ((), ("c.md", "d.md"))
    report = crawl(narrowed)
    assert report.failures == ()
    assert report.counts["unselected"] == 2
    assert keys(narrowed) == ["a.txt", "b.txt", "c.md", "d.md"]
    # What really goes is told apart from what is no longer chosen, now and later.
    (folder / "b.txt").unlink()
    (folder / "c.md").unlink()
    crawl(narrowed)
    assert keys(narrowed) == ["a.txt", "c.md", "d.md"]
    widened = make_project({"files": {"kind": "folder", "path": str(folder)}})
    crawl(widened)
    assert keys(widened) == ["a.txt", "d.md"]
    narrowed = make_project({"files": {"kind": "folder", "path": str(folder), "exclude": ["*.md"]}})
    assert crawl(narrowed, retract_unselected=True).counts["gone"] == 1
    assert keys(narrowed) == ["a.txt"]


# ---- tables: rows and their guard


@pytest.mark.live
def test_a_table_that_loses_most_of_its_rows_is_kept_until_it_is_confirmed(
    postgresql_server: PostgresqlServer, secret: str, make_project: Make, crawl: Crawl
) -> None:
    postgresql_server.create(NAME, *SALE)
    project = make_project({"shop": source(postgresql_server, secret)})
    crawl(project)
    postgresql_server.run(NAME, "DELETE FROM sale WHERE id > 300")
    report = crawl(project)
    assert "700 of 1,000 rows are gone" in report.failures[0]
    assert report.crawled[0].state is CrawlState.PARTIAL
    assert len(rows(project)) == 1000
    assert crawl(project).failures  # it does not slip through the second time
    assert crawl(project, confirm_retraction=True).failures == ()
    assert len(rows(project)) == 300
    assert crawl(project).counts["unchanged"] == 1


@pytest.mark.live
def test_a_table_that_is_dropped_counts_with_its_rows(
    postgresql_server: PostgresqlServer, secret: str, make_project: Make, crawl: Crawl
) -> None:
    postgresql_server.create(NAME, *SALE, "CREATE TABLE a (i int)", "CREATE TABLE b (i int)")
    project = make_project({"shop": source(postgresql_server, secret)})
    crawl(project)
    postgresql_server.run(NAME, "DROP TABLE sale")
    assert "1,000 of 1,000 rows are gone" in crawl(project).failures[0]
    assert keys(project) == ["a", "b", "sale"]
    crawl(project, confirm_retraction=True)
    assert keys(project) == ["a", "b"]


def test_a_table_without_changes_to_tell_is_guarded_all_the_same(
    tmp_path: Path, make_project: Make, crawl: Crawl, write_database: Write
) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
    path = write_database(
        tmp_path / "a.db", "CREATE TABLE t (a INTEGER PRIMARY KEY)", numbers + "INSERT INTO t SELECT i FROM n"
    )
    project = make_project({"base": {"kind": "sqlite", "path": str(path)}})
    crawl(project)
    # As many rows as before, but others.
    write_database(
        path, "DELETE FROM t WHERE a <= 400", numbers + "INSERT INTO t SELECT 1000 + i FROM n WHERE i <= 400"
    )
    assert "400 of 500 rows are gone" in crawl(project).failures[0]
    assert rows(project, "t")[0] == (1,)
    crawl(project, confirm_retraction=True)
    assert rows(project, "t")[-1] == (1400,)


@pytest.mark.live
def test_a_changed_condition_on_rows_is_no_deletion_until_the_admin_says_so(
    postgresql_server: PostgresqlServer, secret: str, make_project: Make, crawl: Crawl
) -> None:
    postgresql_server.create(NAME, *SALE)
    crawl(make_project({"shop": source(postgresql_server, secret)}))
    narrowed = make_project({"shop": source(postgresql_server, secret, rows={"sale": "shop <> 3"})})
    report = crawl(narrowed)
    assert "now leaves out 250 known rows" in report.failures[0]
    assert len(rows(narrowed)) == 1000
    assert crawl(narrowed, retract_unselected=True).failures == ()
    assert len(rows(narrowed)) == 750
    # A wider condition takes nothing away, and needs no word.
    widened = make_project({"shop": source(postgresql_server, secret)})
    assert crawl(widened).failures == ()
    assert len(rows(widened)) == 1000


@pytest.mark.live
def test_a_few_changed_rows_become_a_layer_and_the_graph_shows_them(
    postgresql_server: PostgresqlServer, secret: str, make_project: Make
) -> None:
    postgresql_server.create(NAME, *SALE)
    settings = {"linking": {"graph_learning": False}}
    project = make_project({"shop": source(postgresql_server, secret)}, **settings)
    run_stages(project, Scope(), Silent())
    postgresql_server.run(
        NAME,
        "UPDATE sale SET name = 'Eurydice' WHERE id = 17",
        "DELETE FROM sale WHERE id = 18",
        "INSERT INTO sale VALUES (2000, 1, 'Orpheus')",
    )
    run_stages(project, Scope(), Silent())
    staged = next(each for each in project.catalog.items() if each.item.key == "sale")
    layers = StagedRows.of(project.staging, staged).layers
    assert [(layer.count, layer.gone_count) for layer in layers] == [(1000, 0), (2, 1)]
    ask = "SELECT ?s WHERE { ?s shop:name '%s' }"
    found = {
        name: load(SERVICES, "sparql")(project, ask % name).rows
        for name in ("Eurydice", "Orpheus", "name 17", "name 18")
    }
    assert {name: [row["s"].rpartition("/")[2] for row in answer] for name, answer in found.items()} == {
        "Eurydice": ["17"],
        "Orpheus": ["2000"],
        "name 17": [],
        "name 18": [],
    }
    incremental = load(SERVICES, "sparql")(project, "SELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o").rows
    # From nothing, the same graph.
    project.catalog.retract_items("shop", ["sale"])
    run_stages(project, Scope(), Silent())
    assert load(SERVICES, "sparql")(project, "SELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o").rows == incremental


# ---- large tables in parts


@pytest.mark.live
def test_a_server_killed_in_mid_table_costs_only_the_part_that_was_being_read(
    postgresql_server: PostgresqlServer, secret: str, make_project: Make, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_database, "_PART_ROWS", 100)
    monkeypatch.setattr("crawlers.steps._PARTS_AT_ONCE", 1)
    postgresql_server.create(NAME, *SALE, "ANALYZE sale")
    project = make_project({"shop": source(postgresql_server, secret)})
    fetch_part, fetched = PostgresqlCrawler.fetch_part, []

    def dying(self: PostgresqlCrawler, item: Any, part: str) -> Any:
        fetched.append(part)
        if len(fetched) == 5:
            postgresql_server.stop()
        return fetch_part(self, item, part)

    monkeypatch.setattr(PostgresqlCrawler, "fetch_part", dying)
    try:
        report = crawl(project)
    finally:
        postgresql_server.start()
    assert "did not answer" in report.failures[0]
    assert report.crawled[0].retryable
    assert keys(project) == []
    # It changes before the next run: parts of different moments become one table of today.
    postgresql_server.run(
        NAME, "UPDATE sale SET name = 'new' WHERE id IN (5, 995)", "DELETE FROM sale WHERE id IN (6, 7, 996)"
    )
    assert crawl(project).failures == ()
    # Eleven parts, of which four were there; one more may have been asked for when the server was gone.
    assert len(fetched) in (5 + 7, 6 + 7)
    assert len(rows(project)) == 997
    assert [row[2] for row in rows(project) if row[0] in (5, 995)] == ["new", "new"]
    assert project.catalog.checkpoints("crawl") == {}
    assert crawl(project).counts["unchanged"] == 1


# ---- archives


def test_members_of_archives_are_items_that_come_and_go_with_it(
    tmp_path: Path, make_project: Make, crawl: Crawl
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "plain.txt").write_text("plain")
    (folder / "pack.zip").write_bytes(archive(a="one", b__c="two", d="three", e="four"))
    project = make_project({"files": {"kind": "folder", "path": str(folder)}})
    crawl(project)
    inside = [f"pack.zip!/{name}.txt" for name in ("a", "b/c", "d", "e")]
    assert keys(project) == ["pack.zip", *inside, "plain.txt"]
    staged = {each.item.key: each for each in project.catalog.items()}
    assert staged["pack.zip"].item.kind is ItemKind.CONTAINER
    assert project.staging.path(staged["pack.zip!/b/c.txt"].content).read_text() == "two"
    assert crawl(project).counts["unchanged"] == 2
    (folder / "pack.zip").write_bytes(archive(a="one", b__c="TWO", d="three", f="new"))
    crawl(project)
    assert keys(project) == ["pack.zip", *(f"pack.zip!/{name}.txt" for name in ("a", "b/c", "d", "f")), "plain.txt"]
    # An archive that is nearly empty from one day to the next is an accident until somebody says otherwise.
    (folder / "pack.zip").write_bytes(archive(a="one"))
    assert "3 of 4 members of archives are gone" in crawl(project).failures[0]
    assert len(keys(project)) == 6
    # One that is damaged proves nothing about its members.
    (folder / "pack.zip").write_bytes(archive(a="one", b="two")[:-30])
    report = crawl(project)
    assert report.failures == ()
    assert len(keys(project)) == 6
    assert project.catalog.rejects("files")
    (folder / "pack.zip").unlink()
    crawl(project)
    assert keys(project) == ["plain.txt"]
    assert project.catalog.rejects("files") == []


def test_a_member_that_cannot_be_read_any_more_is_kept_and_the_others_are_followed(
    tmp_path: Path, make_project: Make, crawl: Crawl
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "pack.zip").write_bytes(archive(a="one", b="two" * 50, c="three"))
    project = make_project({"files": {"kind": "folder", "path": str(folder)}})
    crawl(project)
    damaged = archive(a="ONE", b="two" * 50).replace(b"two" * 50, b"two" * 49 + b"TWO", 1)
    (folder / "pack.zip").write_bytes(damaged)
    crawl(project)
    staged = {each.item.key: project.staging.path(each.content).read_bytes() for each in project.catalog.items()}
    assert {key: content for key, content in staged.items() if key != "pack.zip"} == {
        "pack.zip!/a.txt": b"ONE",
        "pack.zip!/b.txt": b"two" * 50,
    }
    assert [reject.place for reject in project.catalog.rejects()] == ["b.txt"]


def test_archives_in_archives_are_opened_and_their_members_read_like_any_file(
    tmp_path: Path, make_project: Make
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as pack:
        pack.writestr("inner.zip", archive(note="The pump of Nordwerk leaks."))
        pack.writestr("parts.csv", "part_no;name\nP-1;Pump\nP-2;Valve\nP-3;Seal\n")
    (folder / "outer.zip").write_bytes(content.getvalue())
    project = make_project({"files": {"kind": "folder", "path": str(folder)}}, linking={"graph_learning": False})
    reports = run_stages(project, Scope(), Silent())
    assert [failure for report in reports for failure in report.failures] == []
    assert project.catalog.rejects() == []
    assert "outer.zip!/inner.zip!/note.txt" in keys(project)
    assert load(SERVICES, "search")(project, "Nordwerk pump")
    found = load(SERVICES, "sparql")(project, "SELECT ?s WHERE { ?s files:name 'Valve' }").rows
    assert len(found) == 1


# ---- step by step


def steps(project: Project, name: str = "files", **scope: Any) -> SourceCrawl:
    return SourceCrawl(project, project.catalog.source(name), Scope((name,), **scope), Silent())


def test_step_by_step_does_what_a_run_does(tmp_path: Path, make_project: Make, crawl: Crawl) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(1200):
        (folder / f"{number:04}.txt").write_text(f"text {number}")
    project = make_project({"files": {"kind": "folder", "path": str(folder)}})
    plan = steps(project).plan()
    assert steps(project).batches(plan) == 3
    assert [steps(project).fetch(plan, batch)["staged"] for batch in (2, 0, 1)] == [200, 500, 500]
    assert steps(project).fetch(plan, 0) == {"staged": 0, "fetched": 0}  # the second time finds everything done
    crawled = steps(project).settle(plan)
    assert (crawled.state, crawled.counts["items"]) == (CrawlState.COMPLETE, 1200)
    assert project.catalog.crawls("files")[0].state is CrawlState.COMPLETE
    (folder / "0007.txt").unlink()
    plan = steps(project).plan()
    assert steps(project).batches(plan) == 0
    assert steps(project).settle(plan).counts["gone"] == 1
    assert crawl(project).counts["unchanged"] == 1199


def test_a_step_that_fails_tells_whether_a_retry_helps_and_is_recorded(tmp_path: Path, make_project: Make) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in "abcd":
        (folder / name).write_text(name)
    project = make_project({"files": {"kind": "folder", "path": str(folder)}})
    plan = steps(project).plan()
    for batch in range(steps(project).batches(plan)):
        steps(project).fetch(plan, batch)
    steps(project).settle(plan)
    for name in "abc":
        (folder / name).unlink()
    plan = steps(project).plan()
    with pytest.raises(StageFailed, match="3 of 4 items are gone"):
        steps(project).settle(plan)
    assert steps(project, confirm_retraction=True).settle(plan).counts["gone"] == 3
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(SourceUnreachable):
        steps(project).plan()
    latest = project.catalog.crawls("files")[0]
    assert (latest.state, latest.retryable) == (CrawlState.FAILED, True)


@pytest.mark.live
def test_parts_of_a_large_table_are_batches_of_their_own(
    postgresql_server: PostgresqlServer, secret: str, make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_database, "_PART_ROWS", 300)
    postgresql_server.create(NAME, *SALE, "CREATE TABLE small (a int)", "ANALYZE sale")
    project = make_project({"shop": source(postgresql_server, secret)})
    plan = steps(project, "shop").plan()
    assert steps(project, "shop").batches(plan) == 5
    for batch in (4, 2, 0, 3):
        steps(project, "shop").fetch(plan, batch)
    # A plan of a later attempt goes on with the parts of the first.
    plan = steps(project, "shop").plan()
    for batch in range(steps(project, "shop").batches(plan)):
        steps(project, "shop").fetch(plan, batch)
    steps(project, "shop").settle(plan)
    assert len(rows(project)) == 1000
    guarded = steps(project, "shop")
    postgresql_server.run(NAME, "TRUNCATE sale")
    plan = guarded.plan()
    assert guarded.fetch(plan, 0)["staged"] == 0
    with pytest.raises(StageFailed, match="1,000 of 1,000 rows"):
        guarded.settle(plan)
    confirmed = steps(project, "shop", confirm_retraction=True)
    confirmed.fetch(plan, 0)
    assert confirmed.settle(plan).failures == ()
    assert project.catalog.rejects() == []


# ---- two at once


def test_two_crawls_of_the_same_source_never_run_at_once_and_those_of_others_do(
    tmp_path: Path, make_project: Make, crawl: Crawl
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("a")
    project = make_project({name: {"kind": "folder", "path": str(tmp_path / name)} for name in ("one", "two")})
    with project.crawling("one"):
        report = crawl(project)
        assert ["being crawled by another run" in failure for failure in report.failures] == [True]
        assert [each.retryable for each in report.crawled] == [True, False]
        assert [each.item.source for each in project.catalog.items()] == ["two"]
        with project.exclusive():  # linking goes on meanwhile
            pass
    assert crawl(project).counts["added"] == 1


def test_an_older_catalog_gets_the_new_columns_and_keeps_what_it_knows(
    tmp_path: Path, make_project: Make, crawl: Crawl
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    project = make_project({"files": {"kind": "folder", "path": str(folder)}})
    crawl(project)
    project.catalog.engine.dispose()
    with closing(sqlite3.connect(project.home / "catalog.sqlite")) as catalog, catalog:
        for statement in (
            "ALTER TABLE sources DROP COLUMN owner",
            "ALTER TABLE sources DROP COLUMN rate_limit",
            *(f"ALTER TABLE items DROP COLUMN {name}" for name in ("row_filter", "container", "selection")),
            "ALTER TABLE decisions DROP COLUMN corrected",
            "DROP TABLE crawls",
            "DROP TABLE secrets",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            catalog.execute(statement)
    upgraded = make_project({"files": {"kind": "folder", "path": str(folder)}})
    assert keys(upgraded) == ["a.txt"]
    assert crawl(upgraded).counts["unchanged"] == 1
