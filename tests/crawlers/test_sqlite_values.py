"""SQLite keeps any value in any column: nothing of it may crash a crawl or get lost silently."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bifrost.errors import ItemUnreadable, SourceDamaged, SourceUnreachable
from bifrost.model import Item, ItemKind
from crawlers.databases.sqlite.crawler import SqliteCrawler
from tests.crawlers.test_sqlite_contract import sqlite_crawler

Write = Callable[..., Path]


def read(crawler: SqliteCrawler, table: str) -> tuple[dict[str, list[Any]], list[tuple[str, str]]]:
    rows = crawler.fetch(Item("contract", table, ItemKind.TABLE, ""))
    return rows.batches.read_all().to_pydict(), list(rows.rejects)


def test_text_that_comes_after_thousands_of_numbers_is_kept(tmp_path: Path, write_database: Write) -> None:
    path = write_database(
        tmp_path / "a.db",
        "CREATE TABLE t (a INTEGER, b REAL, c DATE, d)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "INSERT INTO t SELECT i, NULL, NULL, i * 0.5 FROM n",
        "INSERT INTO t VALUES ('late', 2, '2024-02-30', 7)",
    )
    found, rejects = read(sqlite_crawler(path), "t")
    assert (found["a"][0], found["a"][-1]) == ("1", "late")
    assert (found["b"][0], found["b"][-1]) == (None, 2.0)
    assert found["c"][-1] == "2024-02-30"
    assert (found["d"][0], found["d"][-1]) == (0.5, 7.0)
    assert len(found["a"]) == 20001
    assert rejects == []


def test_binary_values_and_unreadable_text_are_told_by_column(tmp_path: Path, write_database: Write) -> None:
    path = write_database(
        tmp_path / "a.db",
        "CREATE TABLE t (photo BLOB, mixed, name TEXT)",
        "INSERT INTO t VALUES (x'ff', x'00', 'plain'), (x'fe', 'text', CAST(x'4dfc' AS TEXT)), (NULL, 3, NULL)",
    )
    found, rejects = read(sqlite_crawler(path), "t")
    assert found == {"mixed": [None, "text", "3"], "name": ["plain", "M\ufffd", None]}
    assert [place for place, _ in rejects] == ["photo", "mixed", "name"]


def test_large_integers_beside_reals_keep_all_digits(tmp_path: Path, write_database: Write) -> None:
    path = write_database(tmp_path / "a.db", "CREATE TABLE t (a)", f"INSERT INTO t VALUES (0.5), ({2**53 + 1})")
    assert read(sqlite_crawler(path), "t")[0] == {"a": ["0.5", str(2**53 + 1)]}


def test_columns_get_names_that_do_not_collide(tmp_path: Path, write_database: Write) -> None:
    path = write_database(
        tmp_path / "a.db",
        'CREATE TABLE t (_row TEXT PRIMARY KEY, "_ITEM" TEXT, "" TEXT, "say ""hi""" TEXT, _row_ TEXT)',
        "INSERT INTO t VALUES ('a', 'b', 'c', 'd', 'e')",
    )
    crawler = sqlite_crawler(path)
    found, _ = read(crawler, "t")
    assert found == {"_row_": ["a"], "_ITEM_": ["b"], "column_3": ["c"], 'say "hi"': ["d"], "_row__": ["e"]}
    assert crawler.listing().items[0].primary_key == ("_row_",)


def test_an_index_does_not_change_the_order_of_the_rows(tmp_path: Path, write_database: Write) -> None:
    path = write_database(
        tmp_path / "a.db",
        "CREATE TABLE t (a, photo BLOB)",
        "INSERT INTO t VALUES (2, zeroblob(900)), (1, zeroblob(900))",
    )
    assert read(sqlite_crawler(path), "t")[0] == {"a": [2, 1]}
    write_database(path, "CREATE INDEX covers_what_is_read ON t (a)")
    assert read(sqlite_crawler(path), "t")[0] == {"a": [2, 1]}


def test_generated_columns_views_and_tables_without_rows_are_read(tmp_path: Path, write_database: Write) -> None:
    path = write_database(
        tmp_path / "a.db",
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b AS (a * 2), c TEXT) WITHOUT ROWID",
        "CREATE INDEX covering ON t (c, a)",
        "INSERT INTO t (a, c) VALUES (1, 'z'), (2, 'y')",
        "CREATE VIEW v AS SELECT c FROM t",
        "CREATE TABLE empty (a INTEGER, b DECIMAL(9, 2), c VARCHAR)",
        "CREATE VIRTUAL TABLE words USING fts5(word)",
    )
    crawler = sqlite_crawler(path, views=True)
    listing = crawler.listing()
    assert [item.key for item in listing.items] == ["empty", "t", "v"]
    assert list(listing.skipped) == ["words"]
    assert read(crawler, "t")[0] == {"a": [1, 2], "b": [2, 4], "c": ["z", "y"]}
    assert sorted(read(crawler, "v")[0]["c"]) == ["y", "z"]
    schema = crawler.preview(listing.items[0]).schema
    assert [str(column.type) for column in schema] == ["int64", "double", "string"]
    assert [item.key for item in sqlite_crawler(path, exclude=["e*"]).listing().items] == ["t"]


values = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(values, values), min_size=1, max_size=12),
    declared=st.sampled_from(["", "INTEGER", "TEXT", "DATE"]),
)
def test_no_mixture_of_values_loses_a_number_or_a_text(rows: list[tuple[Any, Any]], declared: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"CREATE TABLE t (a {declared}, b {declared})")
            connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
            stored = connection.execute("SELECT a, b FROM t").fetchall()
        if all(_is_binary([row[position] for row in stored]) for position in (0, 1)):
            with pytest.raises(ItemUnreadable, match="binary"):
                read(sqlite_crawler(path), "t")
            return
        found, rejects = read(sqlite_crawler(path), "t")
    for position, name in enumerate("ab"):
        kept = [row[position] for row in stored]
        told = name in [place for place, _ in rejects]
        assert told == any(isinstance(value, bytes) for value in kept)
        if name in found:
            for before, after in zip(kept, found[name], strict=True):
                assert _same(before, after), (before, after)


def _is_binary(column: list[Any]) -> bool:
    return {type(value) for value in column if value is not None} == {bytes}


def _same(before: Any, after: Any) -> bool:
    if before is None or isinstance(before, bytes):
        return after is None
    if isinstance(after, str) and isinstance(before, float):
        return float(after) == pytest.approx(before, rel=1e-14)
    return after == (str(before) if isinstance(after, str) else before)


def test_one_damaged_table_does_not_keep_the_others_from_being_read(tmp_path: Path, write_database: Write) -> None:
    path = write_database(
        tmp_path / "a.db",
        "CREATE TABLE good (a)",
        "INSERT INTO good VALUES (1)",
        "CREATE TABLE bad (a)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) "
        "INSERT INTO bad SELECT i FROM n",
    )
    content = bytearray(path.read_bytes())
    content[3 * 4096 :] = b"\xee" * (len(content) - 3 * 4096)
    path.write_bytes(content)
    crawler = sqlite_crawler(path)
    assert [item.key for item in crawler.listing().items] == ["bad", "good"]
    assert read(crawler, "good")[0] == {"a": [1]}
    with pytest.raises(ItemUnreadable, match="malformed"):
        read(crawler, "bad")


def test_a_file_that_is_no_database_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("not a database " * 1000)
    with pytest.raises(SourceDamaged, match="not a database"):
        sqlite_crawler(path).listing()
    with pytest.raises(SourceUnreachable, match="directory"):
        sqlite_crawler(tmp_path).listing()


def test_a_database_in_a_folder_without_write_right_is_read(shared_folder: Path, write_database: Write) -> None:
    for journal in ("delete", "wal"):
        write_database(shared_folder / f"{journal}.db", f"PRAGMA journal_mode = {journal}", "CREATE TABLE t (a)")
    user = os.geteuid()
    shared_folder.chmod(0o555)
    try:
        if user == 0:
            os.seteuid(65534)
        for journal in ("delete", "wal"):
            assert [item.key for item in sqlite_crawler(shared_folder / f"{journal}.db").listing().items] == ["t"]
    finally:
        if user == 0:
            os.seteuid(0)
    assert len(list(shared_folder.iterdir())) == 2


def test_changes_that_are_still_in_the_write_ahead_log_are_seen(tmp_path: Path, write_database: Write) -> None:
    path = write_database(tmp_path / "a.db", "PRAGMA journal_mode = wal", "CREATE TABLE t (a)")
    crawler = sqlite_crawler(path)
    before = crawler.listing()
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO t VALUES (1)")
        writer.commit()
        assert crawler.listing() != before
        assert read(crawler, "t")[0] == {"a": [1]}


def test_conditions_and_fields_left_in_the_file_hold_in_every_way_of_reading(
    tmp_path: Path, write_database: Write
) -> None:
    path = write_database(
        tmp_path / "a.db",
        "CREATE TABLE sale (id INTEGER PRIMARY KEY, shop INTEGER, name TEXT, note TEXT)",
        "INSERT INTO sale VALUES (1, 1, 'a', 'secret 1'), (2, 2, 'b', 'secret 2'), (3, 1, 'c', 'secret 3')",
    )
    crawler = sqlite_crawler(path, rows={"sale": "shop = 1"}, fields={"*.note": "link-only"})
    (item,) = crawler.listing().items
    assert item.row_filter == "shop = 1"
    assert read(crawler, "sale")[0] == {"id": [1, 3], "shop": [1, 1], "name": ["a", "c"]}
    assert crawler.preview(item).column_names == ["id", "shop", "name"]
    assert crawler.record(item, ["3"]).to_pylist() == [{"id": 3, "shop": 1, "name": "c", "note": "secret 3"}]
    assert crawler.record(item, ["2"]).num_rows == 0
    assert sqlite_crawler(path, rows={"sale": "shop = 2"}).listing().items[0].fingerprint != item.fingerprint
    wrong = sqlite_crawler(path, rows={"sale": "colour = 1"}).listing()
    assert wrong.items[0].row_filter == "colour = 1"
    with pytest.raises(ItemUnreadable, match="no such column: colour"):
        read(sqlite_crawler(path, rows={"sale": "colour = 1"}), "sale")
    assert "key (id) is left" in sqlite_crawler(path, fields={"sale.id": "link-only"}).listing().skipped["sale"]


def test_a_column_that_grows_with_changes_tells_a_table_apart_from_the_rest_of_the_file(
    tmp_path: Path, write_database: Write
) -> None:
    path = write_database(
        tmp_path / "a.db",
        *(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, changed INTEGER)" for name in "abc"),
        *(f"INSERT INTO {name} VALUES (1, 10), (2, 20)" for name in "abc"),
    )
    crawler = sqlite_crawler(path, changed_by={"[ab]": "changed"})
    before = {item.key: item.fingerprint for item in crawler.listing().items}
    write_database(path, "UPDATE a SET changed = 30 WHERE id = 1")
    after = {item.key: item.fingerprint for item in crawler.listing().items}
    assert [key for key in before if before[key] != after[key]] == ["a", "c"]
    write_database(path, "DELETE FROM b WHERE id = 1")
    assert {item.key: item.fingerprint for item in crawler.listing().items}["b"] != after["b"]
