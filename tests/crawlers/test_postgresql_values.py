"""PostgreSQL's types, rights and faults."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bifrost.errors import ItemUnreadable, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind
from crawlers.databases.postgresql.crawler import PostgresqlCrawler
from tests.crawlers.test_postgresql_contract import postgresql_crawler
from tests.servers.postgresql import PASSWORD, PostgresqlServer

pytestmark = pytest.mark.live
Connect = Callable[..., PostgresqlCrawler]
NAME = "values"


@pytest.fixture
def connect(postgresql_server: PostgresqlServer, secret: str) -> Connect:
    def make(*statements: str, **settings: object) -> PostgresqlCrawler:
        if statements:
            postgresql_server.create(NAME, *statements)
        return postgresql_crawler(postgresql_server, secret, **({"database": NAME} | settings))

    return make


def item(key: str) -> Item:
    return Item("contract", key, ItemKind.TABLE, "")


def test_every_type_arrives_readable_and_no_value_is_lost(connect: Connect) -> None:
    columns = {
        "id int PRIMARY KEY": ("7", 7),
        "price numeric(10,2)": ("12.30", 12.3),
        "count numeric(12)": ("5", 5),
        "ean numeric": ("4006381333931", 4006381333931),
        "ratio numeric": ("0.125", 0.125),
        "exact numeric": ("0.1234567890123456789", "0.1234567890123456789"),
        "nan numeric": ("'NaN'", "NaN"),
        "account numeric(30)": ("123456789012345678901234567890", "123456789012345678901234567890"),
        "cost money": ("3.5", 3.5),
        "code uuid": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        "data jsonb": ("'{\"a\": 1}'", '{"a": 1}'),
        "tags text[]": ("'{x,y}'", "{x,y}"),
        "mood mood": ("'glad'", "glad"),
        "share share": ("0.5", 0.5),
        "host inet": ("'10.0.0.1'", "10.0.0.1/32"),
        "padded char(4)": ("'ab'", "ab"),
        "valid_to date": ("'infinity'", "infinity"),
        "ok bool": ("true", True),
        "at time": ("'12:30'", "12:30:00"),
    }
    crawler = connect(
        "CREATE TYPE mood AS ENUM ('glad')",
        "CREATE DOMAIN share AS numeric(4,3)",
        f"CREATE TABLE t ({', '.join(columns)}, photo bytea)",
        f"INSERT INTO t VALUES ({', '.join(value for value, _ in columns.values())}, 'x')",
    )
    rows = crawler.fetch(item("t"))
    (found,) = rows.batches.read_all().to_pylist()
    assert found == {name.split()[0]: expected for name, (_, expected) in columns.items()}
    assert [place for place, _ in rows.rejects] == ["photo"]


def test_a_preview_comes_by_primary_key_whatever_order_the_rows_lie_in(connect: Connect) -> None:
    crawler = connect(
        "CREATE TABLE t (a text, b int, PRIMARY KEY (b, a))", "INSERT INTO t VALUES ('x', 2), ('y', 1), ('a', 2)"
    )
    assert crawler.preview(item("t")).to_pydict() == {"a": ["y", "a", "x"], "b": [1, 2, 2]}
    assert crawler.listing().items[0].primary_key == ("b", "a")


def test_partitions_and_inherited_rows_are_read_once(connect: Connect) -> None:
    crawler = connect(
        "CREATE TABLE whole (a int) PARTITION BY LIST (a)",
        "CREATE TABLE part PARTITION OF whole FOR VALUES IN (1)",
        "CREATE TABLE parent (a int)",
        "CREATE TABLE child () INHERITS (parent)",
        "INSERT INTO whole VALUES (1)",
        "INSERT INTO parent VALUES (2)",
        "INSERT INTO child VALUES (3)",
        "CREATE VIEW seen AS SELECT 4 AS a",
    )
    found = {each.key: crawler.fetch(each).batches.read_all()["a"].to_pylist() for each in crawler.listing().items}
    assert found == {"whole": [1], "parent": [2], "child": [3]}
    assert "seen" in [each.key for each in connect(views=True).listing().items]


def test_only_the_table_whose_rows_changed_gets_another_fingerprint(
    connect: Connect, postgresql_server: PostgresqlServer
) -> None:
    crawler = connect(
        *(f"CREATE TABLE {name} AS SELECT i AS a, 'row ' || i AS row FROM generate_series(1, 100) i" for name in "tuv")
    )
    before = {each.key: each for each in crawler.listing().items}
    postgresql_server.run(NAME, "VACUUM FULL t", "UPDATE u SET a = 101 - a WHERE a IN (1, 100)")
    postgresql_server.run(NAME, "ALTER TABLE v RENAME a TO b")
    after = {each.key: each for each in crawler.listing(before).items}
    assert {key for key in before if before[key] != after[key]} == {"u", "v"}


def test_a_forbidden_table_is_skipped_and_the_others_are_read(
    connect: Connect, postgresql_server: PostgresqlServer
) -> None:
    connect("CREATE TABLE free (a int)", "CREATE TABLE closed (a int)", "CREATE SCHEMA s", "CREATE TABLE s.t (a int)")
    postgresql_server.run("postgres", "DROP ROLE IF EXISTS reader")
    postgresql_server.run("postgres", f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'")
    postgresql_server.run(NAME, "GRANT SELECT ON free TO reader", "GRANT SELECT ON s.t TO reader")
    crawler = connect(user="reader")
    try:
        listing = crawler.listing()
        assert [each.key for each in listing.items] == ["free"]
        assert sorted(listing.skipped) == ["closed", "s.t"]
        assert listing.complete
        with pytest.raises(ItemUnreadable, match="permission denied"):
            crawler.fetch(item("closed"))
    finally:
        postgresql_server.run(NAME, "DROP OWNED BY reader", "DROP ROLE reader")


def test_a_wanted_schema_that_is_not_there_makes_the_listing_partial(connect: Connect) -> None:
    crawler = connect("CREATE SCHEMA s", "CREATE TABLE s.t (a int)", "CREATE TABLE u (a int)", schemas=["s", "gone"])
    listing = crawler.listing()
    assert [each.key for each in listing.items] == ["s.t"]
    assert list(listing.failed_scopes) == ["gone"]


def test_a_table_locked_for_long_is_skipped(connect: Connect, postgresql_server: PostgresqlServer) -> None:
    crawler = connect("CREATE TABLE t (a int)", "CREATE TABLE u (a int)", lock_timeout_seconds=1)
    with postgresql_server.connect(NAME) as other, other.transaction():
        other.execute("LOCK TABLE t")
        listing = crawler.listing()
    assert [each.key for each in listing.items] == ["u"]
    assert "lock timeout" in listing.skipped["t"]


@pytest.mark.parametrize("settings", [{"password": "wrong"}, {"user": "nobody"}, {"database": "no such"}])
def test_wrong_credentials_and_names_are_refused(connect: Connect, settings: dict[str, object]) -> None:
    connect("SELECT 1").check()
    with pytest.raises(SourceRefused) as caught:
        connect(**settings).listing()
    assert not caught.value.retryable


@pytest.mark.parametrize("settings", [{"port": 1}, {"host": "localhost", "port": 1}, {"host": "none.invalid"}])
def test_a_server_that_does_not_answer_is_unreachable(connect: Connect, settings: dict[str, object]) -> None:
    with pytest.raises(SourceUnreachable) as caught:
        connect(**settings).fetch(item("t"))
    assert PASSWORD not in str(caught.value)


def test_no_value_of_the_crawler_shows_the_password(connect: Connect, tmp_path: Path) -> None:
    crawler = connect("SELECT 1")
    crawler.check()
    assert PASSWORD not in repr(crawler.config)
    assert PASSWORD not in repr(crawler._place())


def test_the_session_cannot_write(connect: Connect) -> None:
    crawler = connect(
        "CREATE TABLE log (a int)",
        "CREATE FUNCTION note() RETURNS int LANGUAGE sql AS 'INSERT INTO log VALUES (1) RETURNING a'",
        "CREATE VIEW trap AS SELECT note() AS a",
        views=True,
    )
    assert "read-only" in crawler.listing().skipped["trap"]
    with pytest.raises(ItemUnreadable, match="read-only"):
        crawler.fetch(item("trap")).batches.read_all()
