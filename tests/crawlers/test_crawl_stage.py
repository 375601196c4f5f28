"""The crawl stage over real folders, files and databases: what changes, what fails, what is kept."""

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bifrost.errors import StorageFull
from bifrost.model import StageReport
from bifrost.project import Project
from bifrost.staging import Staging
from crawlers.files.folders.crawler import FolderCrawler
from tests.crawlers.conftest import NOBODY
from tests.servers.postgresql import CANARY, PASSWORD, USER, PostgresqlServer

Make = Callable[..., Project]
Crawl = Callable[..., StageReport]
Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "sub").mkdir(parents=True)
    for number in range(6):
        (folder / f"{number}.txt").write_text(f"text {number}")
    (folder / "sub" / "a.txt").write_text("text a")
    return folder


def folder_source(path: Path) -> dict[str, Any]:
    return {"kind": "folder", "path": str(path)}


def contents(project: Project) -> dict[str, str]:
    return {f"{each.item.source}/{each.item.key}": each.content for each in project.catalog.items()}


def rejects(project: Project) -> dict[str, str]:
    return {f"{reject.source}/{reject.item}": reject.reason for reject in project.catalog.rejects()}


def test_contents_are_staged_as_they_are(folder: Path, make_project: Make, crawl: Crawl, write_database: Write) -> None:
    database = write_database(
        folder.parent / "a.db", "CREATE TABLE t (a INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (5)"
    )
    project = make_project({"files": folder_source(folder), "base": {"kind": "sqlite", "path": str(database)}})
    report = crawl(project)
    assert dict(report.counts) == {
        "sources": 2, "items": 8, "added": 8, "changed": 0, "gone": 0, "unchanged": 0, "unselected": 0, "rejected": 0,
    }  # fmt: skip
    assert report.failures == ()
    staged = {each.item.key: each for each in project.catalog.items()}
    assert project.staging.path(staged["sub/a.txt"].content).read_text() == "text a"
    assert pq.read_table(project.staging.path(staged["t"].content)).to_pydict() == {"a": [5]}
    assert (staged["t"].rows, staged["t"].item.primary_key) == (1, ("a",))
    assert staged["0.txt"].rows is None


def test_a_second_crawl_fetches_nothing(
    folder: Path, make_project: Make, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project({"files": folder_source(folder)})
    crawl(project)
    before = contents(project)
    monkeypatch.delattr(FolderCrawler, "fetch")
    report = crawl(project)
    assert (report.counts["unchanged"], report.counts["rejected"]) == (7, 0)
    assert contents(project) == before


def test_what_was_added_changed_and_deleted_is_followed(folder: Path, make_project: Make, crawl: Crawl) -> None:
    project = make_project({"files": folder_source(folder)})
    crawl(project)
    before = contents(project)
    (folder / "new.txt").write_text("new")
    (folder / "1.txt").write_text("TEXT 1")
    os.utime(folder / "2.txt")
    (folder / "3.txt").unlink()
    (difference,) = crawl(project).differences
    assert (difference.added, difference.changed, difference.gone) == (("new.txt",), ("1.txt",), ("3.txt",))
    assert difference.unchanged == 5
    after = contents(project)
    assert {key for key in before | after if before.get(key) != after.get(key)} == {
        "files/new.txt",
        "files/1.txt",
        "files/3.txt",
    }


def test_a_dry_run_reports_the_difference_and_changes_nothing(folder: Path, make_project: Make, crawl: Crawl) -> None:
    project = make_project({"files": folder_source(folder)})
    crawl(project)
    (folder / "out.txt").symlink_to("/etc/hostname")
    (folder / "new.txt").write_text("new")
    (folder / "1.txt").write_text("TEXT 1")
    (folder / "3.txt").unlink()
    before = contents(project), rejects(project), sorted(project.home.rglob("staging/**/*"))
    (difference,) = crawl(project, dry_run=True, confirm_retraction=True).differences
    assert (difference.added, difference.changed, difference.gone) == (("new.txt",), ("1.txt",), ("3.txt",))
    assert (contents(project), rejects(project), sorted(project.home.rglob("staging/**/*"))) == before


def test_only_the_table_whose_row_changed_gets_new_content(
    tmp_path: Path, make_project: Make, crawl: Crawl, write_database: Write
) -> None:
    database = write_database(
        tmp_path / "a.db",
        *(f"CREATE TABLE {name} (a, b)" for name in "tuv"),
        *(f"INSERT INTO {name} VALUES (1, 'x'), (2, 'y')" for name in "tuv"),
    )
    project = make_project({"base": {"kind": "sqlite", "path": str(database)}})
    crawl(project)
    before = contents(project)
    write_database(database, "UPDATE u SET b = 'z' WHERE a = 2")
    (difference,) = crawl(project).differences
    assert (difference.changed, difference.unchanged) == (("u",), 2)
    after = contents(project)
    assert [key for key in before if before[key] != after[key]] == ["base/u"]
    assert crawl(project).counts["unchanged"] == 3


def test_a_mass_deletion_is_guarded_until_it_is_confirmed(folder: Path, make_project: Make, crawl: Crawl) -> None:
    project = make_project({"files": folder_source(folder)})
    crawl(project)
    (folder / "0.txt").unlink()
    (folder / "1.txt").unlink()
    report = crawl(project)
    assert len(project.catalog.items()) == 7
    assert "2 of 7 items are gone" in report.failures[0]
    assert "--confirm-retraction" in report.failures[0]
    assert (report.counts["gone"], report.differences[0].gone) == (0, ("0.txt", "1.txt"))
    report = crawl(project, confirm_retraction=True)
    assert (report.failures, report.counts["gone"], len(project.catalog.items())) == ((), 2, 5)


def test_an_emptied_folder_is_guarded_even_if_it_held_one_file(
    tmp_path: Path, make_project: Make, crawl: Crawl
) -> None:
    mount = tmp_path / "mount"
    mount.mkdir()
    (mount / "a.txt").write_text("a")
    project = make_project({"files": folder_source(mount)})
    crawl(project)
    (mount / "a.txt").rename(tmp_path / "a.txt")
    assert len(crawl(project).failures) == 1
    assert len(project.catalog.items()) == 1


def test_one_deleted_file_of_a_few_goes_without_asking(tmp_path: Path, make_project: Make, crawl: Crawl) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    project = make_project({"files": folder_source(tmp_path) | {"include": ["*"]}})
    crawl(project)
    (tmp_path / "a").unlink()
    assert crawl(project).failures == ()
    assert len(project.catalog.items()) == 2


def test_the_guard_can_be_switched_off(folder: Path, make_project: Make, crawl: Crawl) -> None:
    project = make_project({"files": folder_source(folder)}, retraction_guard=1)
    crawl(project)
    for path in folder.rglob("*.txt"):
        path.unlink()
    assert crawl(project).failures == ()
    assert project.catalog.items() == []


def test_a_listing_in_part_retracts_nothing(
    shared_folder: Path, make_project: Make, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = shared_folder / "closed"
    closed.mkdir()
    for path in (closed / "a.txt", shared_folder / "b.txt", shared_folder / "c.txt"):
        path.write_text("x")
    project = make_project({"files": folder_source(shared_folder)})
    crawl(project)
    closed.chmod(0)
    (shared_folder / "b.txt").unlink()
    (shared_folder / "d.txt").write_text("x")
    with monkeypatch.context() as patch:
        patch.setattr(FolderCrawler, "listing", _without_rights_of_root(FolderCrawler.listing))
        report = crawl(project)
    assert [each.item.key for each in project.catalog.items()] == ["b.txt", "c.txt", "closed/a.txt", "d.txt"]
    assert report.differences[0].gone == ()
    assert "in part only (closed: permission denied)" in report.failures[0]
    assert rejects(project) == {"files/closed": "permission denied"}
    closed.chmod(0o755)
    assert crawl(project).failures == ()
    assert [each.item.key for each in project.catalog.items()] == ["c.txt", "closed/a.txt", "d.txt"]
    assert rejects(project) == {}


def _without_rights_of_root(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any) -> Any:
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            return function(*arguments)
        finally:
            os.seteuid(user)

    return run


def test_sources_that_fail_keep_what_is_known_and_the_others_go_on(
    folder: Path, tmp_path: Path, make_project: Make, crawl: Crawl, write_database: Write
) -> None:
    database = write_database(tmp_path / "a.db", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
    share = tmp_path / "share"
    share.mkdir()
    (share / "b.txt").write_text("b")
    project = make_project(
        {
            "base": {"kind": "sqlite", "path": str(database)},
            "files": folder_source(folder),
            "share": folder_source(share),
        }
    )
    crawl(project)
    before = contents(project)
    database.write_text("overwritten by something else " * 100)
    share.rename(tmp_path / "unmounted")
    (folder / "new.txt").write_text("new")
    report = crawl(project)
    assert len(report.failures) == 2
    assert "'base' cannot be read" in report.failures[0]
    assert "'share' did not answer" in report.failures[1]
    # Of the sources that failed, what is known is counted as before.
    assert (report.counts["items"], report.counts["added"]) == (10, 1)
    after = contents(project)
    assert after.keys() - before.keys() == {"files/new.txt"}
    assert before.items() <= after.items()


def test_an_unreadable_item_is_a_reject_until_it_can_be_read(
    tmp_path: Path, make_project: Make, crawl: Crawl, write_database: Write
) -> None:
    database = write_database(
        tmp_path / "a.db",
        "CREATE TABLE good (a)",
        "CREATE TABLE pictures (photo BLOB)",
        "INSERT INTO good VALUES (1)",
        "INSERT INTO pictures VALUES (x'ff')",
    )
    project = make_project({"base": {"kind": "sqlite", "path": str(database)}})
    report = crawl(project)
    assert (report.failures, report.counts["rejected"], report.counts["added"]) == ((), 1, 1)
    assert rejects(project) == {"base/pictures": "all its columns are binary"}
    assert crawl(project).counts["rejected"] == 1
    write_database(database, "ALTER TABLE pictures ADD name", "UPDATE pictures SET name = 'tree'")
    assert crawl(project).counts["added"] == 1
    assert rejects(project) == {"base/pictures": "column of binary values: it is left out"}
    crawl(project)
    assert len(rejects(project)) == 1
    write_database(database, "DROP TABLE pictures")
    crawl(project)
    assert rejects(project) == {}


def test_the_reject_of_an_item_that_was_never_read_goes_with_the_item(
    tmp_path: Path, make_project: Make, crawl: Crawl, write_database: Write
) -> None:
    database = write_database(tmp_path / "a.db", "CREATE TABLE good (a)", "CREATE TABLE bad (a)")
    write_database(database, "INSERT INTO bad VALUES (x'ff')")
    project = make_project({"base": {"kind": "sqlite", "path": str(database)}})
    crawl(project)
    assert list(rejects(project)) == ["base/bad"]
    write_database(database, "DROP TABLE bad")
    crawl(project)
    assert rejects(project) == {}


def test_a_crawl_killed_between_staging_and_commit_goes_on_where_it_was(
    folder: Path, make_project: Make, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project({"files": folder_source(folder)})
    monkeypatch.setattr("crawlers.fetching._ITEMS_PER_COMMIT", 3)
    stage_items, commits = project.catalog.stage_items, []

    def die_at_the_second_commit(staged: Any, **more: Any) -> None:
        commits.append(1)
        if len(commits) > 1:
            raise KeyboardInterrupt
        stage_items(staged, **more)

    monkeypatch.setattr(project.catalog, "stage_items", die_at_the_second_commit)
    with pytest.raises(KeyboardInterrupt):
        crawl(project)
    resumed = make_project({"files": folder_source(folder)})
    assert len(resumed.catalog.items()) == 3
    report = crawl(resumed)
    assert (report.counts["added"], report.counts["unchanged"]) == (4, 3)
    texts = {each.item.key: resumed.staging.path(each.content).read_text() for each in resumed.catalog.items()}
    assert texts == {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.txt")}
    assert list(resumed.staging.incoming.iterdir()) == []


def test_content_that_staging_lost_is_fetched_again(folder: Path, make_project: Make, crawl: Crawl) -> None:
    project = make_project({"files": folder_source(folder)})
    crawl(project)
    lost = contents(project)["files/2.txt"]
    project.staging.path(lost).unlink()
    crawl(project)
    assert project.staging.path(lost).read_text() == "text 2"


def test_a_full_disk_stops_the_stage_and_keeps_what_was_committed(
    folder: Path, make_project: Make, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project({"files": folder_source(folder)})

    def no_space(self: Staging, *_: object, **__: object) -> None:
        raise StorageFull(os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Staging, "put_bytes", no_space)
        with pytest.raises(StorageFull):
            crawl(project)
    assert crawl(project).counts["added"] == 7


def test_a_connector_with_an_error_of_its_own_is_a_failure_of_its_source(
    folder: Path, make_project: Make, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project({"files": folder_source(folder)})
    crawl(project)

    def broken(self: FolderCrawler, *_: object) -> None:
        raise ZeroDivisionError("a slip in a connector")

    with monkeypatch.context() as patch:
        patch.setattr(FolderCrawler, "listing", broken)
        assert "ZeroDivisionError: a slip in a connector" in crawl(project).failures[0]
    (folder / "0.txt").write_text("changed")
    with monkeypatch.context() as patch:
        patch.setattr(FolderCrawler, "fetch", broken)
        assert crawl(project).failures == ()
    assert rejects(project) == {"files/0.txt": "ZeroDivisionError: a slip in a connector"}
    assert len(project.catalog.items()) == 7
    crawl(project)
    assert rejects(project) == {}


def test_paused_sources_wait_until_they_are_named(folder: Path, make_project: Make, crawl: Crawl) -> None:
    project = make_project({"files": folder_source(folder) | {"paused": True}})
    assert crawl(project).counts["sources"] == 0
    assert crawl(project, "files").counts["added"] == 7


def test_links_out_of_the_folder_are_rejects_and_what_they_replaced_is_kept(
    folder: Path, make_project: Make, crawl: Crawl
) -> None:
    project = make_project({"files": folder_source(folder)})
    crawl(project)
    before = contents(project)
    (folder / "0.txt").unlink()
    (folder / "0.txt").symlink_to("/etc/hostname")
    report = crawl(project)
    assert (report.failures, contents(project)) == ((), before)
    assert "leads out" in rejects(project)["files/0.txt"]


@pytest.mark.live
def test_a_database_that_stops_is_a_failure_and_comes_back_unchanged(
    postgresql_server: PostgresqlServer, secret: str, folder: Path, make_project: Make, crawl: Crawl
) -> None:
    postgresql_server.create("stage", "CREATE TABLE t AS SELECT i AS a FROM generate_series(1, 1000) i")
    database = {"kind": "postgresql", "host": "127.0.0.1", "port": postgresql_server.port, "database": "stage"}
    project = make_project({"base": database | {"user": USER, "password": secret}, "files": folder_source(folder)})
    assert crawl(project).counts["added"] == 8
    before = contents(project)
    postgresql_server.stop()
    try:
        report = crawl(project)
    finally:
        postgresql_server.start()
    assert len(report.failures) == 1
    assert "source 'base' did not answer" in report.failures[0]
    assert (contents(project), report.counts["unchanged"]) == (before, 7)
    assert crawl(project).counts["unchanged"] == 8


@pytest.mark.live
def test_the_password_appears_nowhere(
    postgresql_server: PostgresqlServer,
    secret: str,
    make_project: Make,
    crawl: Crawl,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    postgresql_server.create("stage", "CREATE TABLE t AS SELECT 1 AS a", "CREATE TABLE none ()")
    database = {"kind": "postgresql", "host": "127.0.0.1", "port": postgresql_server.port, "database": "stage"}
    good = database | {"user": USER, "password": secret}
    monkeypatch.setenv("WRONG", wrong := f"wrong-{PASSWORD}")
    project = make_project(
        {
            "good": good,
            "wrong": good | {"password": "${env:WRONG}"},
            "down": good | {"port": 1},
            "unset": good | {"password": "${env:BIFROST_NEVER_SET}"},
        }
    )
    report = crawl(project)
    assert len(report.failures) == 3
    assert report.counts["added"] == 1
    with closing(sqlite3.connect(project.home / "catalog.sqlite")) as catalog:
        dump = "\n".join(catalog.iterdump())
    seen = dump + "\n".join(report.failures) + caplog.text + "".join(capfd.readouterr())
    for path in project.home.rglob("*"):
        if path.is_file() and path.name != "bifrost.yaml":
            seen += path.read_bytes().decode("latin-1")
    # The part that no quoting, escaping or encoding changes.
    assert CANARY not in seen
    assert CANARY in wrong
    assert CANARY in PASSWORD
    assert "source 'wrong' refused" in seen
