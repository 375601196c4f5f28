"""MariaDB keeps values that Arrow has no place for, and says no in many ways: nothing crashes, or is lost silently."""

import struct
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from bifrost.errors import BifrostError, ItemUnreadable, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind
from bifrost.ports import Rows
from bifrost.schemas import VERSION
from crawlers.databases import key_ranges
from crawlers.databases.through_sqlalchemy import mysql_tables
from crawlers.databases.through_sqlalchemy.kinds import MysqlCrawler
from tests.crawlers.synced_table import SyncedTable
from tests.crawlers.test_mariadb_contract import mariadb_crawler
from tests.servers.mariadb import CANARY, PASSWORD, MariadbServer

NAME = "worth"
Connect = Callable[..., MysqlCrawler]
pytestmark = pytest.mark.live


@pytest.fixture
def connect(mariadb_server: MariadbServer, mariadb_secret: str) -> Connect:
    """Make the test's database anew if there are statements, and connect to it."""

    def make(*statements: str, **settings: object) -> MysqlCrawler:
        if statements:
            mariadb_server.create(NAME, *statements)
        return mariadb_crawler(mariadb_server, mariadb_secret, **({"database": NAME} | settings))

    return make


def item(key: str) -> Item:
    return Item("contract", key, ItemKind.TABLE, "")


def read(crawler: MysqlCrawler, key: str = "t") -> tuple[pa.Table, list[tuple[str, str]]]:
    rows = crawler.fetch(item(key))
    assert isinstance(rows, Rows)
    table = rows.batches.read_all()
    table = table.drop_columns([VERSION]) if VERSION in table.column_names else table
    return table, list(rows.rejects)


def begun(
    connect: Connect, server: MariadbServer, *, bytes_per_row: int
) -> tuple[MysqlCrawler, pa.RecordBatch, Iterator[pa.RecordBatch]]:
    """Begin to read a table of 60,000 rows: what reads it, the first batch, and the rest."""
    crawler = connect("CREATE TABLE t (a INT PRIMARY KEY, b TEXT)")
    server.run(NAME, f"INSERT INTO t SELECT seq, REPEAT('x', {bytes_per_row}) FROM seq_1_to_60000")
    rows = crawler.fetch(item("t"))
    assert isinstance(rows, Rows)
    batches = iter(rows.batches)
    return crawler, next(batches), batches


def test_every_type_keeps_its_values(connect: Connect) -> None:
    columns = {
        "tiny TINYINT(1)": ("127", 127),
        "whole INT(8) UNSIGNED ZEROFILL": ("42", 42),
        "large BIGINT UNSIGNED": ("18446744073709551615", "18446744073709551615"),
        "fits BIGINT UNSIGNED": (str(2**63 - 1), 2**63 - 1),
        "price DECIMAL(8,2)": ("-0.10", -0.1),
        "id DECIMAL(18,0)": ("999999999999999999", 999999999999999999),
        "exact DECIMAL(30,10)": ("12345678901234567890.0123456789", "12345678901234567890.0123456789"),
        "short DECIMAL(30,10)": ("0.5", 0.5),
        "round DECIMAL(30,10)": ("7", 7),
        "single FLOAT": ("0.1234567", struct.unpack("f", struct.pack("f", 0.1234567))[0]),
        "real_ DOUBLE": ("0.1e0 + 0.2e0", 0.1 + 0.2),
        "flag BIT(1)": ("b'1'", True),
        "bits BIT(9)": ("b'100000001'", 257),
        "all_bits BIT(64)": ("b'1'", 1),
        "born YEAR": ("1999", 1999),
        "day DATE": ("'2024-02-29'", date(2024, 2, 29)),
        "local DATETIME(6)": ("'9999-12-31 23:59:59.999999'", datetime(9999, 12, 31, 23, 59, 59, 999999)),
        "moment TIMESTAMP NULL": ("'2024-07-01 12:00:00'", datetime(2024, 7, 1, 12, tzinfo=UTC)),
        "span TIME(3)": ("'-838:59:59.000'", "-838:59:59.000"),
        "mood ENUM('glad','sad') CHARACTER SET latin1": ("'sad'", "sad"),
        "tags SET('a','b','c')": ("'a,c'", "a,c"),
        "data JSON": ('\'{"a": [1, "x"]}\'', '{"a": [1, "x"]}'),
        "uid UUID": ("'6ccd780c-baba-1026-9564-5b8c656024db'", "6ccd780c-baba-1026-9564-5b8c656024db"),
        "host INET6": ("'::ffff:10.0.0.1'", "::ffff:10.0.0.1"),
        "spot POINT": ("ST_GeomFromText('POINT(1 2)')", "POINT(1 2)"),
        "western VARCHAR(20) CHARACTER SET latin1": ("'Größe €'", "Größe €"),
        "greek VARCHAR(20) CHARACTER SET greek": ("'αβγ'", "αβγ"),
        "face VARCHAR(20) COLLATE utf8mb4_bin": ("'😀'", "😀"),
        "made INT GENERATED ALWAYS AS (tiny * 2) VIRTUAL": ("DEFAULT", 254),
        "hidden INT INVISIBLE": ("5", 5),
        "quote_ TEXT": ("'say \"hi\", ''you''\\n\\r\\n\\\\N'", "say \"hi\", 'you'\n\r\n\\N"),
        "nul VARCHAR(9)": ("'a\\0b'", "a\0b"),
        "blank VARCHAR(9)": ("''", ""),
        "nothing VARCHAR(9)": ("NULL", None),
    }
    names = [name.split()[0] for name in columns]
    crawler = connect(
        f"CREATE TABLE t ({', '.join(columns)}, photo BLOB, code BINARY(2), `we``ird %s` INT)",
        f"INSERT INTO t ({', '.join(names)}) VALUES ({', '.join(value for value, _ in columns.values())})",
    )
    table, rejects = read(crawler)
    (found,) = table.to_pylist()
    expected = {name: value for name, (_, value) in zip(names, columns.values(), strict=True)}
    assert found == {**expected, "we`ird %s": None}
    assert [place for place, _ in rejects] == ["photo", "code"]


def test_dates_that_are_none_are_left_out_and_told(connect: Connect, mariadb_server: MariadbServer) -> None:
    connect("CREATE TABLE t (id INT PRIMARY KEY, a DATE, b DATETIME)", "CREATE TABLE k (day DATE PRIMARY KEY)")
    mariadb_server.run(
        NAME,
        "SET GLOBAL sql_mode = 'ALLOW_INVALID_DATES'",
    )
    try:
        mariadb_server.run(
            NAME,
            "INSERT INTO t VALUES (1, '0000-00-00', '0000-00-00 00:00:00'), (2, '2024-01-01', '2024-00-00 10:00:00'), "
            "(3, '2024-02-30', '2024-01-01 01:02:03.0')",
            "INSERT INTO k VALUES ('0000-00-00'), ('2024-01-01')",
        )
    finally:
        mariadb_server.run(NAME, "SET GLOBAL sql_mode = DEFAULT")
    table, rejects = read(connect())
    assert table["a"].to_pylist() == [None, date(2024, 1, 1), None]
    assert table["b"].to_pylist() == [None, None, datetime(2024, 1, 1, 1, 2, 3)]
    assert rejects == [
        ("a", "some values are no dates, such as '0000-00-00': they are left out"),
        ("b", "some values are no times, such as '0000-00-00 00:00:00': they are left out"),
    ]
    # A key cannot do without its values: the column becomes one of texts.
    assert read(connect(), "k")[0]["day"].to_pylist() == ["0000-00-00", "2024-01-01"]


def test_doubles_and_random_texts_come_back_as_they_were(connect: Connect, mariadb_server: MariadbServer) -> None:
    chance = Random(7)
    letters = "ab\"',\n\r\\\t\0é😀 NULL"
    rows = []
    for number in range(300):
        (real,) = struct.unpack("d", struct.pack("Q", chance.getrandbits(64)))
        real = 0.0 if real != real or abs(real) == float("inf") else real
        rows.append((number, real, "".join(chance.choice(letters) for _ in range(chance.randrange(6)))))
    crawler = connect("CREATE TABLE t (id INT PRIMARY KEY, a DOUBLE, b TEXT)")
    connection = mariadb_server.connect(NAME)
    connection.cursor().executemany("INSERT INTO t VALUES (%s, %s, %s)", rows)
    connection.close()
    table, rejects = read(crawler)
    assert list(zip(*(column.to_pylist() for column in table.columns), strict=True)) == rows
    assert rejects == []


def test_a_table_of_one_empty_column_keeps_all_rows(connect: Connect) -> None:
    crawler = connect("CREATE TABLE t (a VARCHAR(9))", "INSERT INTO t VALUES (NULL), (''), (NULL), ('x'), (NULL)")
    assert sorted(map(repr, read(crawler)[0]["a"].to_pylist())) == ["''", "'x'", "None", "None", "None"]


def test_columns_get_names_that_do_not_collide_and_case_counts_in_tables(connect: Connect) -> None:
    crawler = connect(
        "CREATE TABLE `a.b` (_row INT PRIMARY KEY, _ITEM INT, _version INT)", "INSERT INTO `a.b` VALUES (1, 2, 3)"
    )
    (found,) = crawler.listing().items
    assert (found.key, found.primary_key) == ("a.b", ("_row_",))
    assert read(crawler, "a.b")[0].to_pylist()[0].keys() >= {"_row_", "_ITEM_"}


def test_a_type_that_only_the_values_tell_stays_as_it_is_staged(
    connect: Connect, mariadb_server: MariadbServer, tmp_path: Path
) -> None:
    crawler = connect("CREATE TABLE t (id INT PRIMARY KEY, n DECIMAL(30,10))", "INSERT INTO t VALUES (1, 1), (2, 2)")
    mariadb_server.run(NAME, f"INSERT INTO t VALUES {', '.join(f'({i}, {i})' for i in range(3, 30))}")
    table = SyncedTable(crawler, "t", tmp_path).sync()
    assert table.known
    assert table.known.schema.field("n").type == pa.int64()
    mariadb_server.run(NAME, "UPDATE t SET n = 3 WHERE id = 1")
    assert table.sync().how == "changes"
    mariadb_server.run(NAME, "UPDATE t SET n = 0.5 WHERE id = 1")
    assert table.sync().how == "rows"
    assert table.rows() == table.source_rows()
    mariadb_server.run(NAME, "UPDATE t SET n = 4 WHERE id = 1")
    assert table.sync().how == "changes", "doubles hold whole numbers too"
    assert table.rows() == table.source_rows()


def test_a_large_table_is_cut_into_the_same_parts_whatever_its_rows_are(
    connect: Connect, mariadb_server: MariadbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ranges, "ROWS_PER_PART", 100)
    crawler = connect(
        "CREATE TABLE t (a VARCHAR(20), b DATE, c BIGINT UNSIGNED, PRIMARY KEY (a, b))",
        "INSERT INTO t SELECT CONCAT('k', seq % 7, ' \"é'), DATE'2024-01-01' + INTERVAL seq DAY, seq FROM seq_1_to_450",
        "CREATE TABLE small (a INT PRIMARY KEY)",
        "CREATE TABLE loose (a INT)",
    )
    parts = crawler.parts(item("t"))
    assert len(parts) == 5
    read_apart = [crawler.fetch_part(item("t"), part).batches.read_all() for part in parts]
    assert {part.schema for part in read_apart} == {read_apart[0].schema}
    assert pa.concat_tables(read_apart).drop_columns([VERSION]).equals(read(crawler)[0])
    mariadb_server.run(NAME, "DELETE FROM t WHERE c % 3 = 0", f"INSERT INTO t VALUES ('zz', '2024-01-01', {2**63})")
    again = [crawler.fetch_part(item("t"), part).batches.read_all() for part in parts[:4]]
    before = [set(part["c"].to_pylist()) for part in read_apart[:4]]
    assert all(set(now["c"].to_pylist()) <= then for now, then in zip(again, before, strict=True))
    assert crawler.parts(item("small")) == crawler.parts(item("loose")) == []


def test_a_record_is_read_by_its_key(connect: Connect) -> None:
    crawler = connect(
        "CREATE TABLE t (a BIGINT, b VARCHAR(9), d DECIMAL(30,10), PRIMARY KEY (a, b, d))",
        f"INSERT INTO t VALUES ({2**62 + 1}, 'it''s', 0.5), ({2**62}, 'it''s', 12345678901234567890.5)",
        "CREATE TABLE loose (a INT)",
    )
    assert crawler.record(item("t"), [str(2**62), "it's", "12345678901234567890.5000000000"]).num_rows == 1
    assert crawler.record(item("t"), [str(2**62), "it's\\' OR 1=1 -- ", "1"]).num_rows == 0
    with pytest.raises(ItemUnreadable, match="primary key"):
        crawler.record(item("loose"), ["1"])


def reader(server: MariadbServer, *grants: str) -> None:
    """Make a role with just these rights."""
    password = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
    server.run(
        None,
        "DROP USER IF EXISTS reader@'127.0.0.1'",
        f"CREATE USER reader@'127.0.0.1' IDENTIFIED BY '{password}'",
        *(f"GRANT {grant} TO reader@'127.0.0.1'" for grant in grants),
    )


def test_a_forbidden_table_is_skipped_also_when_it_is_hidden(connect: Connect, mariadb_server: MariadbServer) -> None:
    connect("CREATE TABLE free (a INT)", "CREATE TABLE closed (a INT)", "CREATE TABLE part (a INT, b INT)")
    reader(mariadb_server, f"SELECT ON {NAME}.free", f"INSERT ON {NAME}.closed", f"SELECT (a) ON {NAME}.part")
    crawler = connect(user="reader")
    listing = crawler.listing()
    assert [each.key for each in listing.items] == ["free", "part"]
    assert "denied" in listing.skipped["closed"]
    assert listing.complete
    mariadb_server.run(None, f"REVOKE SELECT ON {NAME}.free FROM reader@'127.0.0.1'")
    known = {key: item(key) for key in ("free", "gone")}
    later = crawler.listing(known)
    assert later.skipped.keys() == {"closed", "free", "gone"}, "the server does not say which of them are there"
    mariadb_server.run(None, f"GRANT SELECT ON {NAME}.* TO reader@'127.0.0.1'")
    assert connect(user="reader").listing(known).skipped == {}


def test_a_locked_table_is_skipped_and_may_be_read_later(connect: Connect, mariadb_server: MariadbServer) -> None:
    crawler = connect("CREATE TABLE t (a INT)", "CREATE TABLE u (a INT)", lock_timeout_seconds=1)
    other = mariadb_server.connect(NAME)
    other.cursor().execute("LOCK TABLES t WRITE")
    try:
        listing = crawler.listing()
        assert [each.key for each in listing.items] == ["u"]
        assert "ock wait timeout" in listing.skipped["t"]
        with pytest.raises(ItemUnreadable) as caught:
            read(crawler)
        assert caught.value.retryable
    finally:
        other.close()


@pytest.mark.parametrize("settings", [{"password": "wrong"}, {"user": "nobody"}, {"database": "no such"}])
def test_wrong_credentials_and_names_are_refused(connect: Connect, settings: dict[str, object]) -> None:
    connect("CREATE TABLE t (a INT)")
    with pytest.raises(SourceRefused) as caught:
        connect(**settings).listing()
    assert not caught.value.retryable


@pytest.mark.parametrize("settings", [{"port": 1}, {"host": "none.invalid"}])
def test_a_server_that_does_not_answer_is_unreachable(connect: Connect, settings: dict[str, object]) -> None:
    with pytest.raises(SourceUnreachable) as caught:
        connect(**settings).fetch(item("t"))
    assert CANARY not in str(caught.value)


def test_no_value_or_error_shows_the_password(connect: Connect, mariadb_server: MariadbServer) -> None:
    crawler = connect("CREATE TABLE t (a INT)")
    shown = [repr(crawler.config), repr(crawler._place()), str(crawler._place()), crawler.check()]
    for wrong in (connect(user="nobody"), connect(database="none"), connect(port=1), connect(rows={"t": PASSWORD})):
        try:
            shown.append(repr(wrong.listing()))
        except BifrostError as error:
            shown.extend((str(error), repr(error), repr(error.__cause__), repr(error.__context__)))
    assert not [text for text in shown if CANARY in text]


def test_the_session_cannot_write(connect: Connect, mariadb_server: MariadbServer) -> None:
    crawler = connect(
        "CREATE TABLE log (a INT)",
        "CREATE FUNCTION note() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO log VALUES (1); RETURN 1; END",
        "CREATE VIEW trap AS SELECT note() AS a",
        views=True,
    )
    assert "READ ONLY" in crawler.listing().skipped["trap"]
    with pytest.raises(ItemUnreadable, match="READ ONLY"):
        read(crawler, "trap")
    assert mariadb_server.query(NAME, "SELECT COUNT(*) FROM log") == [(0,)]


def test_a_table_is_read_as_it_was_when_reading_began(connect: Connect, mariadb_server: MariadbServer) -> None:
    _, first, batches = begun(connect, mariadb_server, bytes_per_row=100)
    mariadb_server.run(NAME, "DELETE FROM t WHERE a > 50000", "INSERT INTO t VALUES (70000, 'new')")
    assert first.num_rows + sum(batch.num_rows for batch in batches) == 60000


def killed(server: MariadbServer) -> Iterator[None]:
    server.stop(kill=True)
    yield
    server.start()


def test_a_server_that_is_killed_in_mid_table_is_unreachable(connect: Connect, mariadb_server: MariadbServer) -> None:
    crawler, _, batches = begun(connect, mariadb_server, bytes_per_row=400)
    kill = killed(mariadb_server)
    next(kill)
    try:
        with pytest.raises(SourceUnreachable):
            list(batches)
        with pytest.raises(SourceUnreachable):
            crawler.listing()
    finally:
        list(kill)
    assert read(crawler)[0].num_rows == 60000


def test_a_connection_that_is_cut_is_unreachable(connect: Connect, mariadb_server: MariadbServer) -> None:
    _, _, batches = begun(connect, mariadb_server, bytes_per_row=400)
    listed = mariadb_server.query(None, f"SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{NAME}'")
    for (number,) in listed:
        mariadb_server.run(None, f"KILL {number}")
    with pytest.raises(SourceUnreachable):
        list(batches)


def test_a_table_that_was_dropped_or_renamed_is_an_unreadable_item(
    connect: Connect, mariadb_server: MariadbServer
) -> None:
    crawler = connect("CREATE TABLE t (a INT)", "CREATE TABLE u (a INT)")
    items = crawler.listing().items
    mariadb_server.run(NAME, "DROP TABLE t", "RENAME TABLE u TO v")
    for each in items:
        with pytest.raises(ItemUnreadable, match="no such table"):
            crawler.fetch(each)
    assert [each.key for each in crawler.listing({each.key: each for each in items}).items] == ["v"]


def test_a_wanted_schema_that_is_not_there_makes_the_listing_partial(connect: Connect) -> None:
    listing = connect("CREATE TABLE t (a INT)", schemas=[NAME, "gone"]).listing()
    assert [each.key for each in listing.items] == ["t"]
    assert list(listing.failed_scopes) == ["gone"]


def test_an_unchanged_table_is_told_by_the_time_of_its_last_change(
    connect: Connect, mariadb_server: MariadbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    relations = mysql_tables._RELATIONS
    assert "INTERVAL 10 SECOND" in relations
    monkeypatch.setattr(mysql_tables, "_RELATIONS", relations.replace("INTERVAL 10 SECOND", "INTERVAL -1 SECOND"))
    crawler = connect("CREATE TABLE t (a INT PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    first = crawler.listing()
    known = {each.key: each for each in first.items}
    assert crawler.listing(known) == first
    mariadb_server.query(NAME, "SELECT SLEEP(1.1)")
    mariadb_server.run(NAME, "UPDATE t SET a = 2")
    assert crawler.listing(known) != first


def test_a_time_of_a_last_change_that_is_told_later_is_taken_over_without_reading(
    connect: Connect, mariadb_server: MariadbServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawler = connect("CREATE TABLE t (a INT PRIMARY KEY, b INT)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    table = SyncedTable(crawler, "t", tmp_path).sync()
    assert table.known
    assert table.known.item.fingerprint.endswith("/"), "what changed in the last seconds may change again unseen"
    relations = mysql_tables._RELATIONS
    monkeypatch.setattr(mysql_tables, "_RELATIONS", relations.replace("INTERVAL 10 SECOND", "INTERVAL -1 SECOND"))
    table.sync()
    assert (table.how, table.transferred, table.changed, table.gone) == ("changes", 0, 0, 0)
    assert table.rows() == [(1, 1), (2, 2)]
    assert table.sync().how == "unchanged"
