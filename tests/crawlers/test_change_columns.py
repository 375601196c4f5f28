"""Tables with a change column: only the latest rows are read, and nothing is missed for it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bifrost.ports import Crawler
from tests.crawlers.synced_table import SyncedTable
from tests.crawlers.test_duckdb_contract import duckdb_crawler
from tests.crawlers.test_duckdb_contract import write as write_duckdb
from tests.crawlers.test_mariadb_contract import mariadb_crawler
from tests.crawlers.test_sqlalchemy_contract import sqlalchemy_crawler
from tests.crawlers.test_sqlalchemy_contract import write as write_sqlite
from tests.servers.mariadb import MariadbServer

DATABASE = "changes"
TABLE = "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(60), seq INT, updated {type})"
HOUR = 3600


@dataclass(frozen=True)
class Database:
    """How to run statements, how to crawl, and how times are written."""

    run: Callable[..., object]
    crawler: Callable[..., Crawler]
    ago: Callable[[int], str]
    """SQL of the moment so many seconds ago, by the server's clock."""
    type: str


@pytest.fixture(params=["duckdb", "sqlite", pytest.param("mariadb", marks=pytest.mark.live)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "duckdb":
        path = tmp_path / "a.duckdb"
        yield Database(
            lambda *sql: write_duckdb(path, *sql),
            lambda **settings: duckdb_crawler(path, **settings),
            lambda seconds: f"(now() - to_seconds({seconds}))",
            "TIMESTAMPTZ",
        )
    elif request.param == "sqlite":
        path = tmp_path / "a.db"
        yield Database(
            lambda *sql: write_sqlite(path, *sql),
            lambda **settings: sqlalchemy_crawler(f"sqlite:///{path}", **settings),
            lambda seconds: f"datetime('now', '-{seconds} seconds')".replace("--", "+"),
            "TIMESTAMP",
        )
    else:
        server, secret = request.getfixturevalue("mariadb_server"), request.getfixturevalue("mariadb_secret")
        server.create(DATABASE)
        yield Database(
            lambda *sql: server.run(DATABASE, *sql),
            lambda **settings: mariadb_crawler(server, secret, database=DATABASE, **settings),
            lambda seconds: f"(UTC_TIMESTAMP() - INTERVAL {seconds} SECOND)",
            "DATETIME NULL",
        )


def fill(database: Database, rows: int = 300, seconds_ago: int = 48 * HOUR) -> None:
    values = ", ".join(f"({i}, 'name {i}', {i}, {database.ago(seconds_ago + 600 * (rows - i))})" for i in range(rows))
    database.run(TABLE.format(type=database.type), f"INSERT INTO t VALUES {values}")


def synced(database: Database, folder: Path, column: str = "updated", **settings: object) -> SyncedTable:
    table = SyncedTable(database.crawler(changed_by={"*": column}, **settings), "t", folder / "staging").sync()
    assert table.how == "rows"
    return table


@pytest.mark.parametrize("column", ["updated", "seq"])
def test_random_changes_arrive_exactly(database: Database, tmp_path: Path, column: str) -> None:
    fill(database)
    table = synced(database, tmp_path, column)
    for seed in range(5):
        chance = random.Random(seed)
        ids = ", ".join(str(chance.randrange(300)) for _ in range(12))
        latest = f"seq = {1000 * (seed + 1)}, updated = {database.ago(5 - seed)}"
        row = f"{1000 + seed}, 'new', {1000 * (seed + 1)}, {database.ago(5 - seed)}"
        database.run(
            f"UPDATE t SET name = 'changed {seed}', {latest} WHERE id IN ({ids})",
            f"DELETE FROM t WHERE id IN ({', '.join(str(chance.randrange(300)) for _ in range(seed * 3 + 1))})",
            f"INSERT INTO t VALUES ({row})",
        )
        before = set(table.rows())
        table.sync()
        assert table.how == "changes"
        assert table.rows() == table.source_rows()
        assert table.changed == len(set(table.rows()) - before)
        # By time, what changed shortly before is read again.
        assert table.transferred <= (26 if column == "seq" else 80)
        assert table.sync().how == "unchanged"


def test_a_row_that_was_committed_late_is_found_within_the_overlap(database: Database, tmp_path: Path) -> None:
    fill(database)
    database.run(f"UPDATE t SET updated = {database.ago(10)} WHERE id = 1")
    table = synced(database, tmp_path)
    database.run(f"UPDATE t SET name = 'late', updated = {database.ago(200)} WHERE id = 2")
    table.sync()
    assert (table.how, table.changed) == ("changes", 1)
    assert table.rows() == table.source_rows()


def test_a_row_from_the_future_hides_no_later_change(database: Database, tmp_path: Path) -> None:
    fill(database)
    database.run(f"UPDATE t SET updated = {database.ago(-1000 * HOUR)} WHERE id = 1")
    table = synced(database, tmp_path)
    for number in (2, 3):
        database.run(f"UPDATE t SET name = 'now', updated = {database.ago(0)} WHERE id = {number}")
        table.sync()
        assert (table.how, table.changed) == ("changes", 1)
    database.run("UPDATE t SET name = 'from the future' WHERE id = 1")
    table.sync()
    assert (table.how, table.changed) == ("changes", 1)
    assert table.rows() == table.source_rows()


def test_a_row_without_a_value_counts_as_changed_every_time(database: Database, tmp_path: Path) -> None:
    fill(database)
    database.run("UPDATE t SET updated = NULL WHERE id = 7")
    table = synced(database, tmp_path)
    database.run("UPDATE t SET name = 'unnoticed otherwise' WHERE id = 7")
    table.sync()
    assert (table.how, table.changed) == ("changes", 1)
    assert table.rows() == table.source_rows()


def test_rows_that_come_with_an_old_time_are_found_by_their_number(database: Database, tmp_path: Path) -> None:
    fill(database)
    table = synced(database, tmp_path)
    database.run(
        f"INSERT INTO t VALUES (900, 'restored', 1, {database.ago(400 * HOUR)}), (901, 'same', 1, {database.ago(9)})",
        "DELETE FROM t WHERE id IN (3, 4, 5)",
    )
    table.sync()
    assert (table.how, table.changed, table.gone) == ("changes", 2, 3)
    assert table.rows() == table.source_rows()


def test_a_table_that_changed_for_the_most_part_is_read_as_a_whole(database: Database, tmp_path: Path) -> None:
    fill(database)
    table = synced(database, tmp_path)
    database.run(f"UPDATE t SET name = 'other', updated = {database.ago(1)} WHERE id < 200")
    assert table.sync().how == "rows"
    assert table.rows() == table.source_rows()


def test_a_row_that_leaves_the_condition_is_gone(database: Database, tmp_path: Path) -> None:
    fill(database)
    table = synced(database, tmp_path, rows={"t": "name <> 'deleted'"})
    database.run(f"UPDATE t SET name = 'deleted', updated = {database.ago(1)} WHERE id = 8")
    table.sync()
    assert (table.how, table.changed, table.gone) == ("changes", 0, 1)
    assert table.rows() == table.source_rows()


def test_a_change_column_may_stay_at_the_source(database: Database, tmp_path: Path) -> None:
    fill(database)
    table = synced(database, tmp_path, fields={"t.updated": "link-only"})
    assert table.known
    assert "updated" not in table.known.schema.names
    database.run(f"UPDATE t SET name = 'changed', updated = {database.ago(1)} WHERE id = 8")
    table.sync()
    assert (table.how, table.changed) == ("changes", 1)


def test_a_change_column_that_cannot_be_one_is_told(database: Database) -> None:
    fill(database, 3)
    for column, reason in (("no_such", "no column 'no_such'"), ("name", "no numbers or times")):
        assert reason in database.crawler(changed_by={"t": column}).listing().skipped["t"]


@pytest.mark.live
def test_a_column_that_the_database_maintains_is_discovered(
    mariadb_server: MariadbServer, mariadb_secret: str, tmp_path: Path
) -> None:
    old = ", ".join(f"({i}, {i}, UTC_DATE() - INTERVAL {i} HOUR)" for i in range(50))
    stamp = "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"
    mariadb_server.create(
        DATABASE,
        "CREATE TABLE parent (id INT PRIMARY KEY)",
        f"CREATE TABLE t (id INT PRIMARY KEY, name TEXT, changed {stamp})",
        f"CREATE TABLE child (id INT PRIMARY KEY, p INT, changed {stamp}, "
        "FOREIGN KEY (p) REFERENCES parent (id) ON DELETE SET NULL)",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child (id, p) VALUES (1, 1)",
        f"INSERT INTO t (id, name, changed) VALUES {old}",
    )
    crawler = mariadb_crawler(mariadb_server, mariadb_secret, database=DATABASE)
    methods = {item.key: item.fingerprint.split("/")[0] for item in crawler.listing().items}
    # Deleting the parent changes the child without moving its time.
    assert methods == {"t": "changed-by", "child": "hashes", "parent": "hashes"}
    table = SyncedTable(crawler, "t", tmp_path / "staging").sync()
    mariadb_server.run(DATABASE, "UPDATE t SET name = 'changed' WHERE id = 3")
    table.sync()
    assert (table.how, table.changed) == ("changes", 1)
    assert table.rows() == table.source_rows()
    off = mariadb_crawler(mariadb_server, mariadb_secret, database=DATABASE, changed_by={"*": ""})
    assert {item.fingerprint.split("/")[0] for item in off.listing().items} == {"hashes"}
