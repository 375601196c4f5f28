"""DuckDB has types that Arrow or later steps have not, and views that read files: nothing is lost or reached."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from bifrost.errors import ItemUnreadable, SourceDamaged, SourceUnreachable
from bifrost.model import Item, ItemKind
from bifrost.ports import Rows
from bifrost.schemas import VERSION
from crawlers.databases.duckdb_file.crawler import DuckdbCrawler
from tests.crawlers.synced_table import SyncedTable
from tests.crawlers.test_duckdb_contract import duckdb_crawler, write


def read(crawler: DuckdbCrawler, key: str = "t") -> tuple[list[dict[str, object]], list[tuple[str, str]]]:
    rows = crawler.fetch(Item("contract", key, ItemKind.TABLE, ""))
    assert isinstance(rows, Rows)
    found = rows.batches.read_all().to_pylist()
    return [{name: value for name, value in row.items() if name != VERSION} for row in found], list(rows.rejects)


def test_every_type_keeps_its_values(tmp_path: Path) -> None:
    columns = {
        "flag BOOLEAN": ("true", True),
        "tiny UTINYINT": ("255", 255),
        "large UBIGINT": ("18446744073709551615", "18446744073709551615"),
        "fits UBIGINT": ("7", 7),
        "huge HUGEINT": ("-170141183460469231731687303715884105728", "-170141183460469231731687303715884105728"),
        "whole HUGEINT": ("12", 12),
        "single FLOAT": ("0.5", 0.5),
        "price DECIMAL(8, 2)": ("0.1", 0.1),
        "exact DECIMAL(38, 10)": ("1234567890123456789.0123456789", "1234567890123456789.0123456789"),
        "short DECIMAL(38, 10)": ("0.5", 0.5),
        "round DECIMAL(38, 10)": ("7", 7),
        "day DATE": ("'2024-02-29'", date(2024, 2, 29)),
        "no_end DATE": ("'infinity'", "infinity"),
        "old DATE": ("'0044-03-15 (BC)'", "0044-03-15 (BC)"),
        "local TIMESTAMP": ("'2024-01-01 12:00:00.5'", datetime(2024, 1, 1, 12, 0, 0, 500000)),
        "fine TIMESTAMP_NS": ("'2024-01-01 12:00:00.000000001'", "2024-01-01 12:00:00.000000001"),
        "coarse TIMESTAMP_NS": ("'2024-01-01 12:00:00'", datetime(2024, 1, 1, 12)),
        "moment TIMESTAMPTZ": ("'2024-07-01 12:00:00+02'", datetime(2024, 7, 1, 10, tzinfo=UTC)),
        "hour TIME": ("'12:30:00'", "12:30:00"),
        "span INTERVAL": ("INTERVAL 3 DAY", "3 days"),
        "mood ENUM('glad', 'sad')": ("'sad'", "sad"),
        "uid UUID": ("'6ccd780c-baba-1026-9564-5b8c656024db'", "6ccd780c-baba-1026-9564-5b8c656024db"),
        "bits BIT": ("'101'::BIT", "101"),
        "list INTEGER[]": ("[1, 2]", "[1, 2]"),
        "pair STRUCT(a INTEGER, b VARCHAR)": ("{'a': 1, 'b': 'x'}", "{'a': 1, 'b': x}"),
        "map_ MAP(VARCHAR, INTEGER)": ("MAP {'k': 1}", "{k=1}"),
        "either UNION(n INTEGER, s VARCHAR)": ("'x'::VARCHAR", "x"),
        "data JSON": ("'{\"a\": 1}'", '{"a": 1}'),
        "_version VARCHAR": ("'a\0😀'", "a\0😀"),
        "twice INTEGER GENERATED ALWAYS AS (tiny::INTEGER * 2)": (None, 510),
    }
    stored = {name: value for name, (value, _) in columns.items() if value is not None}
    names = ", ".join(name.split()[0] for name in stored)
    path = tmp_path / "a.duckdb"
    write(
        path,
        f"CREATE TABLE t ({', '.join(columns)}, photo BLOB)",
        f"INSERT INTO t ({names}) VALUES ({', '.join(str(value) for value in stored.values())})",
        "INSERT INTO t (flag) VALUES (NULL)",
    )
    found, rejects = read(duckdb_crawler(path))
    expected = {name.split()[0]: value for name, (_, value) in columns.items()}
    expected["_version_"] = expected.pop("_version")
    assert found[0] == expected
    assert set(found[1].values()) == {None}
    assert [place for place, _ in rejects] == ["photo"]


def test_a_type_that_only_the_values_tell_stays_as_it_is_staged(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.duckdb",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n DECIMAL(38, 10))",
        "INSERT INTO t SELECT range, range + 0.5 FROM range(100)",
    )
    table = SyncedTable(duckdb_crawler(path), "t", tmp_path / "staging").sync()
    write(path, "UPDATE t SET n = 7 WHERE id = 3")
    assert table.sync().how == "changes"
    write(path, "UPDATE t SET n = 1234567890123456789.5 WHERE id = 3")
    assert table.sync().how == "rows"
    assert table.rows() == table.source_rows()


def test_a_view_reaches_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\ncanary\n")
    path = write(
        tmp_path / "a.duckdb",
        "CREATE TABLE t AS SELECT 1 AS a",
        "CREATE VIEW seen AS FROM t",
        f"CREATE VIEW leak AS FROM read_csv('{tmp_path}/secret.csv')",
    )
    crawler = duckdb_crawler(path, views=True)
    listing = crawler.listing()
    assert [item.key for item in listing.items] == ["seen", "t"]
    assert "Cannot access file" in listing.skipped["leak"]
    with pytest.raises(ItemUnreadable, match="Cannot access file"):
        read(crawler, "leak")
    assert [item.key for item in duckdb_crawler(path).listing().items] == ["t"]


def test_schemas_are_chosen_and_a_missing_one_makes_the_listing_partial(tmp_path: Path) -> None:
    path = write(tmp_path / "a.duckdb", "CREATE SCHEMA s", "CREATE TABLE s.t (a INT)", "CREATE TABLE u (a INT)")
    listing = duckdb_crawler(path, schemas=["s", "gone"]).listing()
    assert [item.key for item in listing.items] == ["s.t"]
    assert list(listing.failed_scopes) == ["gone"]


def test_a_file_that_another_process_writes_to_may_be_read_later(tmp_path: Path) -> None:
    path = write(tmp_path / "a.duckdb", "CREATE TABLE t (a INT)")
    hold = f"import duckdb; c = duckdb.connect({str(path)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        assert writer.stdin
        assert writer.stdout.readline() == "open\n"
        with pytest.raises(SourceUnreachable, match="lock"):
            duckdb_crawler(path).listing()
        writer.stdin.close()
    assert len(duckdb_crawler(path).listing().items) == 1


def test_a_file_that_is_no_database_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    path.write_text("not a database " * 1000)
    with pytest.raises(SourceDamaged, match="no DuckDB file"):
        duckdb_crawler(path).listing()
    write(tmp_path / "b.duckdb", "CREATE TABLE t AS FROM range(100000)")
    content = (tmp_path / "b.duckdb").read_bytes()
    path.write_bytes(content[:100] + b"\xee" * (len(content) - 100))
    with pytest.raises(SourceDamaged):
        duckdb_crawler(path).listing()
    with pytest.raises(SourceUnreachable):
        duckdb_crawler(tmp_path).listing()
    assert duckdb.__version__ in duckdb_crawler(tmp_path / "b.duckdb").check()
