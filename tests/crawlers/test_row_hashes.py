"""Tables that their database hashes: what changed is exactly what is fetched."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bifrost.ports import Changes, Crawler
from bifrost.schemas import VERSION
from tests.crawlers.synced_table import SyncedTable
from tests.crawlers.test_duckdb_contract import duckdb_crawler, write
from tests.crawlers.test_mariadb_contract import mariadb_crawler
from tests.servers.mariadb import MariadbServer

DATABASE = "hashes"
Run = Callable[..., None]
TABLE = (
    "CREATE TABLE t (a INT, b VARCHAR(40), name VARCHAR(60), n DECIMAL(9,2), made TIMESTAMP NULL, PRIMARY KEY (b, a))"
)


@pytest.fixture(params=["duckdb", pytest.param("mariadb", marks=pytest.mark.live)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Run, Callable[..., Crawler]]]:
    """A database of each kind: how to run statements in it, and how to crawl it."""
    if request.param == "duckdb":
        path = tmp_path / "a.duckdb"
        yield lambda *sql: write(path, *sql) and None, lambda **settings: duckdb_crawler(path, **settings)
        return
    server: MariadbServer = request.getfixturevalue("mariadb_server")
    secret = request.getfixturevalue("mariadb_secret")
    server.create(DATABASE)
    yield (
        lambda *sql: server.run(DATABASE, *sql),
        lambda **settings: mariadb_crawler(server, secret, database=DATABASE, **settings),
    )


def fill(run: Run, rows: int) -> None:
    values = ", ".join(
        f"({i}, 'key {i % 7}', {'NULL' if i % 5 == 0 else repr(f'name {i}')}, {i}.25, '2024-01-01 00:00:00')"
        for i in range(rows)
    )
    run(TABLE, f"INSERT INTO t VALUES {values}")


def test_random_changes_arrive_exactly(database: tuple[Run, Callable[..., Crawler]], tmp_path: Path) -> None:
    run, crawler = database
    fill(run, 600)
    table = SyncedTable(crawler(), "t", tmp_path / "staging").sync()
    assert (table.how, table.transferred) == ("rows", 600)
    for seed in range(6):
        chance = random.Random(seed)
        statements, touched = _statements(chance, seed)
        run(*statements)
        expected = _source(table)
        before = table.rows()
        table.sync()
        assert table.how == "changes"
        assert table.rows() == expected
        assert table.transferred == table.changed == len(set(expected) - set(before))
        assert table.transferred <= touched
        assert table.sync().how == "unchanged"


def _statements(chance: random.Random, seed: int) -> tuple[list[str], int]:
    some = [chance.randrange(600) for _ in range(20)]
    ids = ", ".join(map(str, some))
    new = [10_000 * (seed + 1) + number for number in range(chance.randrange(1, 15))]
    values = ", ".join(f"({i}, 'new', 'it''s {seed}', NULL, NULL)" for i in new)
    return [
        f"UPDATE t SET name = 'changed {seed}', n = NULL WHERE a IN ({ids})",
        f"DELETE FROM t WHERE a IN ({', '.join(str(chance.randrange(600)) for _ in range(10))})",
        f"INSERT INTO t VALUES {values}",
        f"UPDATE t SET b = 'moved' WHERE a = {chance.randrange(600)}",
    ], len(some) + len(new) + 1


def _source(table: SyncedTable) -> list[tuple[Any, ...]]:
    return table.source_rows()


def test_nothing_is_fetched_when_nothing_changed(database: tuple[Run, Callable[..., Crawler]], tmp_path: Path) -> None:
    run, crawler = database
    fill(run, 20)
    table = SyncedTable(crawler(), "t", tmp_path / "staging").sync()
    run("UPDATE t SET name = name")
    assert table.sync().how == "unchanged"
    # Two rows that swap values sum up to another table.
    run("UPDATE t SET n = 3.50 - n WHERE a IN (1, 2)")
    assert table.sync().how == "changes"
    assert table.rows() == table.source_rows()


def test_a_value_that_only_moves_to_the_next_column_is_seen(
    database: tuple[Run, Callable[..., Crawler]], tmp_path: Path
) -> None:
    run, crawler = database
    run(
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9), b VARCHAR(9), c VARCHAR(9))",
        "INSERT INTO t VALUES (1, 'x', 'yz', ''), (2, NULL, 'x', 'y'), (3, '', 'a', NULL), (4, 'a\x1fb', 'c', 'd')",
        # Fewer than 30 % are different each time.
        "INSERT INTO t VALUES (5, 'a', 'b', 'c'), (6, '1', '2', '3')",
    )
    table = SyncedTable(crawler(), "t", tmp_path / "staging").sync()
    moves = ("a = 'xy', b = 'z'", "a = 'x', b = NULL, c = 'y'", "a = NULL, b = 'a', c = ''", "a = 'a', b = 'b\x1fc'")
    for row, moved in enumerate(moves, start=1):
        run(f"UPDATE t SET {moved} WHERE id = {row}")
        table.sync()
        assert (table.how, table.changed) == ("changes", 1)
        assert table.rows() == table.source_rows()


def test_a_table_that_changed_for_the_most_part_is_read_as_a_whole(
    database: tuple[Run, Callable[..., Crawler]], tmp_path: Path
) -> None:
    run, crawler = database
    fill(run, 100)
    table = SyncedTable(crawler(), "t", tmp_path / "staging").sync()
    run("UPDATE t SET name = 'other' WHERE a < 60")
    assert table.sync().how == "rows"
    assert table.rows() == table.source_rows()


@pytest.mark.parametrize(
    "change", ["ALTER TABLE t ADD COLUMN more INT", "ALTER TABLE t DROP COLUMN n", "ALTER TABLE t RENAME COLUMN n TO m"]
)
def test_another_shape_is_read_as_a_whole(
    database: tuple[Run, Callable[..., Crawler]], tmp_path: Path, change: str
) -> None:
    run, crawler = database
    fill(run, 20)
    table = SyncedTable(crawler(), "t", tmp_path / "staging").sync()
    run(change)
    assert table.sync().how == "rows"
    assert table.rows() == table.source_rows()


def test_rows_outside_the_condition_are_neither_counted_nor_read(
    database: tuple[Run, Callable[..., Crawler]], tmp_path: Path
) -> None:
    run, crawler = database
    fill(run, 100)
    some = crawler(rows={"t": "a < 50 -- the first ones"})
    table = SyncedTable(some, "t", tmp_path / "staging").sync()
    assert table.known
    assert (table.transferred, table.known.item.row_filter) == (50, "a < 50 -- the first ones")
    assert some.preview(table.known.item, 100).num_rows == 50  # type: ignore[union-attr]
    run("UPDATE t SET name = 'unseen' WHERE a >= 50")
    assert table.sync().how == "unchanged"
    run("UPDATE t SET a = a + 1000 WHERE a = 7")
    table.sync()
    assert (table.how, table.transferred, table.gone) == ("changes", 0, 1)
    wider = SyncedTable(crawler(rows={"t": "a < 60"}), "t", tmp_path / "staging", known=table.known).sync()
    assert wider.how == "rows"


def test_a_field_left_at_the_source_is_not_copied_and_its_changes_are_none(
    database: tuple[Run, Callable[..., Crawler]], tmp_path: Path
) -> None:
    run, crawler = database
    fill(run, 20)
    some = crawler(fields={"t.name": "link-only"})
    table = SyncedTable(some, "t", tmp_path / "staging").sync()
    assert table.known
    assert table.known.schema.names == ["a", "b", "n", "made", VERSION]
    run("UPDATE t SET name = 'secret'")
    assert table.sync().how == "unchanged"
    assert "name" not in some.preview(table.known.item).column_names  # type: ignore[union-attr]
    record = some.record(table.known.item, ["key 3", "3"])  # type: ignore[attr-defined]
    assert record.column("name").to_pylist() == ["secret"]
    assert some.record(table.known.item, ["key 3", "no number"]).num_rows == 0  # type: ignore[attr-defined]


def test_a_key_that_may_not_be_copied_keeps_its_table_out(database: tuple[Run, Callable[..., Crawler]]) -> None:
    run, crawler = database
    fill(run, 3)
    listing = crawler(fields={"*.a": "link-only"}).listing()
    assert listing.items == ()
    assert "primary key" in listing.skipped["t"]


@pytest.mark.parametrize("condition", ["nonsense >", "no_such = 1", "1 = 1; DROP TABLE t"])
def test_a_condition_that_is_none_is_told_with_the_databases_words(
    database: tuple[Run, Callable[..., Crawler]], condition: str
) -> None:
    run, crawler = database
    fill(run, 3)
    run("CREATE TABLE u (a INT)", "INSERT INTO u VALUES (1)")
    listing = crawler(rows={"t": condition}).listing()
    assert [item.key for item in listing.items] == ["u"]
    assert listing.skipped["t"]
    assert len(crawler().listing().items) == 2


@pytest.mark.live
def test_changes_are_of_one_moment(mariadb_server: MariadbServer, mariadb_secret: str, tmp_path: Path) -> None:
    mariadb_server.create(DATABASE)
    fill(lambda *sql: mariadb_server.run(DATABASE, *sql), 50)
    crawler = mariadb_crawler(mariadb_server, mariadb_secret, database=DATABASE)
    known = SyncedTable(crawler, "t", tmp_path / "staging").sync().known
    mariadb_server.run(DATABASE, "UPDATE t SET name = 'first' WHERE a = 1", "DELETE FROM t WHERE a = 2")
    changes = crawler.fetch(next(iter(crawler.listing().items)), known)
    assert isinstance(changes, Changes)
    mariadb_server.run(DATABASE, "UPDATE t SET name = 'later'", "DELETE FROM t WHERE a < 30")
    assert changes.rows.batches.read_all()["name"].to_pylist() == ["first"]
    assert changes.gone
    assert changes.gone.read_all()["a"].to_pylist() == [2]
