"""A PostgreSQL table kept in sync: after any writes, what is staged plus the changes is what the table holds."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bifrost import engine, row_changes
from bifrost.model import Item
from bifrost.ports import Changes, Rows
from bifrost.secrets import Secrets
from bifrost.staged_rows import Layer, StagedRows
from bifrost.staging import Staging
from crawlers.databases.postgresql import crawler as postgresql_database
from crawlers.databases.postgresql.crawler import PostgresqlConfig, PostgresqlCrawler
from tests.servers.postgresql import USER, PostgresqlServer

pytestmark = pytest.mark.live
NAME = "changes"
SALE = (
    "CREATE TABLE sale (shop int, number int, name text, price numeric, sold timestamp, PRIMARY KEY (number, shop))",
    "INSERT INTO sale SELECT i % 3, i, 'name ' || i, i + 0.25, '2024-01-01'::timestamp + i * interval '1 h' "
    "FROM generate_series(1, 500) i",
)


class Synced:
    """A table, and what a project would have staged of it."""

    def __init__(self, crawler: PostgresqlCrawler, server: PostgresqlServer, folder: Path) -> None:
        self.crawler, self.server, self.staging = crawler, server, Staging(folder)
        self.rows: StagedRows | None = None
        self.ways: list[str] = []

    def write(self, *statements: str) -> None:
        self.server.run(NAME, *statements)

    def listed(self) -> Item:
        known = {self.rows.item.key: self.rows.item} if self.rows else {}
        (item,) = [each for each in self.crawler.listing(known).items if each.key == "sale"]
        return item

    def sync(self, item: Item | None = None) -> str:
        """Sync, and tell how: unchanged, changes or rows."""
        item = item or self.listed()
        if self.rows and item == self.rows.item:
            return "unchanged"
        content = self.crawler.fetch(item, self.rows)
        if isinstance(content, Changes):
            assert self.rows
            applied = row_changes.apply(self.rows, content.rows.batches, content.gone, self.staging.folder / "spill")
            self.rows = StagedRows(self.staging, item, applied.rows.layers, applied.rows.count)
            return "changes"
        assert isinstance(content, Rows)
        stored = self.staging.put_table(content.batches)
        self.rows = StagedRows(self.staging, item, (Layer((stored.digest,), stored.rows),), stored.rows)
        return "rows"

    def held(self) -> list[tuple[Any, ...]]:
        assert self.rows
        with engine.connect(self.staging.folder / "spill") as connection:
            return sorted(connection.execute(f"SELECT * FROM ({self.rows.sql})").fetchall(), key=repr)

    def there(self) -> list[tuple[Any, ...]]:
        """Read the table anew, with another crawler and nothing known."""
        whole = Synced(self.crawler, self.server, self.staging.folder)
        whole.sync()
        return whole.held()


@pytest.fixture
def synced(postgresql_server: PostgresqlServer, secret: str, tmp_path: Path) -> Iterator[Callable[..., Synced]]:
    def make(*statements: str, **settings: Any) -> Synced:
        postgresql_server.create(NAME, *statements)
        place = {"host": "127.0.0.1", "port": postgresql_server.port, "database": NAME, "user": USER}
        config = PostgresqlConfig.model_validate(place | {"password": secret} | settings)
        return Synced(PostgresqlCrawler("contract", config, Secrets(tmp_path)), postgresql_server, tmp_path)

    return make


def random_write(chance: random.Random) -> str:
    number = chance.randrange(1, 700)
    return chance.choice(
        [
            f"UPDATE sale SET name = name || '!' WHERE number BETWEEN {number} AND {number + chance.randrange(40)}",
            f"DELETE FROM sale WHERE number % {chance.randrange(50, 90)} = 0",
            f"INSERT INTO sale SELECT 9, g, 'new', g, now() FROM generate_series({number}, {number + 9}) g "
            "ON CONFLICT DO NOTHING",
            f"UPDATE sale SET number = number + 1000 WHERE number = {number}",
            f"DELETE FROM sale WHERE number = {number}; INSERT INTO sale VALUES (1, {number}, NULL, NULL, NULL) "
            "ON CONFLICT DO NOTHING",
            "UPDATE sale SET name = name WHERE shop = 1",
            "VACUUM FREEZE sale",
            "VACUUM FULL sale",
            "CREATE TABLE IF NOT EXISTS other (a int)",
        ]
    )


@pytest.mark.parametrize("seed", range(4))
def test_after_any_writes_layers_hold_what_the_table_holds(synced: Callable[..., Synced], seed: int) -> None:
    chance = random.Random(seed)
    table = synced(*SALE)
    ways = [table.sync()]
    for _ in range(12):
        for _ in range(chance.randrange(3)):
            table.write(*random_write(chance).split("; "))
        ways.append(table.sync())
        assert table.held() == table.there()
    assert ways[0] == "rows"
    assert set(ways[1:]) <= {"changes", "unchanged"}
    assert "changes" in ways


def test_a_table_that_others_write_beside_is_given_back_as_it_is_known(synced: Callable[..., Synced]) -> None:
    table = synced(*SALE, "CREATE TABLE other (a int)")
    table.sync()
    table.write("INSERT INTO other VALUES (1)", "VACUUM FULL sale", "ANALYZE sale")
    assert table.sync() == "unchanged"


def test_a_row_written_by_a_transaction_that_was_open_while_the_table_was_read_is_found_later(
    synced: Callable[..., Synced],
) -> None:
    table = synced(*SALE)
    with table.server.connect(NAME) as slow:
        slow.execute("BEGIN")
        slow.execute("UPDATE sale SET name = 'late' WHERE number = 7")
        table.write("UPDATE sale SET name = 'early' WHERE number = 8")
        table.sync()
        slow.execute("COMMIT")
    assert table.sync() == "changes"
    assert table.held() == table.there()
    assert [row[2] for row in table.held() if row[1] in (7, 8)] == ["late", "early"]


def test_rows_that_move_between_listing_and_reading_are_found_by_the_next_sync(synced: Callable[..., Synced]) -> None:
    table = synced(*SALE)
    table.sync()
    table.write("UPDATE sale SET name = 'first' WHERE number < 50")
    item = table.listed()
    table.write(
        "UPDATE sale SET name = 'second' WHERE number < 20", "DELETE FROM sale WHERE number = 30", "VACUUM sale"
    )
    table.write("INSERT INTO sale SELECT 5, g, 'third', g, now() FROM generate_series(800, 850) g")
    assert table.sync(item) == "changes"
    assert table.sync() == "changes"
    assert table.held() == table.there()


@pytest.mark.parametrize(
    "statements",
    [
        ["ALTER TABLE sale ADD extra int DEFAULT 3"],
        ["ALTER TABLE sale DROP COLUMN price"],
        ["ALTER TABLE sale ALTER number TYPE text"],
        ["ALTER TABLE sale RENAME name TO title"],
        ["UPDATE sale SET price = 'NaN' WHERE number = 4"],
        ["UPDATE sale SET sold = 'infinity' WHERE number = 4"],
        ["ALTER TABLE sale DROP CONSTRAINT sale_pkey"],
        ["DROP TABLE sale", *SALE],
        ["ALTER TABLE sale RENAME TO old_sale", "ALTER TABLE next RENAME TO sale"],
    ],
)
def test_a_change_of_columns_or_of_what_they_can_hold_reads_the_table_anew(
    synced: Callable[..., Synced], statements: list[str]
) -> None:
    table = synced(*SALE, "CREATE TABLE next (LIKE sale INCLUDING ALL)", "INSERT INTO next VALUES (1, 2, 'three', 4)")
    table.sync()
    table.write(*statements)
    assert table.sync() == "rows"
    assert table.held() == table.there()


def test_values_that_were_read_as_text_stay_text_in_later_changes(synced: Callable[..., Synced]) -> None:
    table = synced(*SALE, "UPDATE sale SET price = 'NaN' WHERE number = 4")
    table.sync()
    table.write("UPDATE sale SET price = 7 WHERE number = 5")
    assert table.sync() == "changes"
    assert table.held() == table.there()


def test_partitions_are_followed_also_when_old_rows_are_attached(synced: Callable[..., Synced]) -> None:
    table = synced(
        "CREATE TABLE sale (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
        "CREATE TABLE low PARTITION OF sale FOR VALUES FROM (0) TO (100)",
        "INSERT INTO sale SELECT i, 'v' FROM generate_series(1, 99) i",
        "CREATE TABLE old (id int PRIMARY KEY, v text)",
        "INSERT INTO old SELECT i, 'w' FROM generate_series(100, 150) i",
    )
    table.sync()
    table.write("UPDATE sale SET v = 'x' WHERE id = 3", "DELETE FROM sale WHERE id = 4")
    assert table.sync() == "changes"
    assert table.held() == table.there()
    table.write("ALTER TABLE sale ATTACH PARTITION old FOR VALUES FROM (100) TO (200)")
    assert table.sync() == "rows"
    assert table.held() == table.there()


def test_a_condition_on_rows_and_fields_left_at_the_source_hold_in_every_way_of_reading(
    synced: Callable[..., Synced],
) -> None:
    settings = {"rows": {"sale": "shop <> 2"}, "fields": {"sale.price": "link-only", "*.name": "link-only"}}
    table = synced(*SALE, **settings)
    table.sync()
    assert table.rows
    assert table.rows.item.row_filter == "shop <> 2"
    table.write("UPDATE sale SET sold = sold + interval '1 day' WHERE number < 20", "DELETE FROM sale WHERE number = 3")
    assert table.sync() == "changes"
    assert table.held() == table.there()
    assert table.rows.schema.names == ["shop", "number", "sold"]
    assert {row[0] for row in table.held()} == {0, 1}
    preview = table.crawler.preview(table.rows.item, 3)
    assert preview.column_names == ["shop", "number", "sold"]
    record = table.crawler.record(table.rows.item, ["4", "1"]).to_pylist()
    assert record[0]["name"] == "name 4"
    assert table.crawler.record(table.rows.item, ["5", "2"]).num_rows == 0  # left out by the condition


def test_a_condition_cannot_smuggle_in_a_second_statement(synced: Callable[..., Synced]) -> None:
    table = synced(*SALE, rows={"sale": "true); SET default_transaction_read_only = off; DELETE FROM sale WHERE (true"})
    listing = table.crawler.listing()
    assert listing.items == ()
    assert "multiple commands" in listing.skipped["sale"]


def test_a_key_cannot_be_left_at_the_source(synced: Callable[..., Synced]) -> None:
    listing = synced(*SALE, fields={"sale.shop": "link-only"}).crawler.listing()
    assert "key (shop) is left at the source" in listing.skipped["sale"]


def test_parts_hold_every_row_once_in_the_same_types(
    synced: Callable[..., Synced], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_database, "_PART_ROWS", 90)
    table = synced(*SALE, "UPDATE sale SET price = 0.1 WHERE number > 250", "ANALYZE sale")
    item = table.listed()
    parts = table.crawler.parts(item)
    assert len(parts) == 6
    batches = [table.crawler.fetch_part(item, part).batches.read_all() for part in parts]
    assert len({batch.schema for batch in batches}) == 1
    assert max(batch.num_rows for batch in batches) == 90
    rows = sorted((tuple(row.values()) for batch in batches for row in batch.to_pylist()), key=repr)
    assert rows == table.there()
    assert table.crawler.parts(Item("contract", "sale", item.kind, "", primary_key=item.primary_key)) == parts
