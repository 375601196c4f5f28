from collections.abc import Callable
from pathlib import Path

import pytest

from bifrost.secrets import Secrets
from bifrost.testing.crawler_contract import CrawlerContract
from crawlers.databases.postgresql.crawler import PostgresqlConfig, PostgresqlCrawler
from tests.servers.postgresql import USER, PostgresqlServer

DATABASE = "contract"
TABLES = (
    "CREATE TABLE batch (id text PRIMARY KEY, supplier int, weight numeric(8,2), made date)",
    "INSERT INTO batch VALUES ('B-1', 1, 2.5, '2024-01-05'), ('B-2', 2, NULL, '2024-02-01')",
    "CREATE SCHEMA store",
    "CREATE TABLE store.part (batch text, number int, photo bytea, _row text, tags int[], PRIMARY KEY (number, batch))",
    "INSERT INTO store.part VALUES ('B-1', 1, '\\x00ff', 'first', '{1,2}'), ('B-1', 2, NULL, 'second', NULL)",
)


def postgresql_crawler(server: PostgresqlServer, secret: str, **settings: object) -> PostgresqlCrawler:
    known = {"host": "127.0.0.1", "port": server.port, "database": DATABASE, "user": USER, "password": secret}
    config = PostgresqlConfig.model_validate(known | settings)
    return PostgresqlCrawler("contract", config, Secrets(Path()))


@pytest.mark.live
class TestPostgresqlCrawler(CrawlerContract):
    kind = "postgresql"
    expected_keys = ("batch", "store.part")

    @pytest.fixture(autouse=True)
    def database(self, postgresql_server: PostgresqlServer) -> None:
        postgresql_server.create(DATABASE, *TABLES)

    @pytest.fixture
    def crawler(self, postgresql_server: PostgresqlServer, secret: str) -> PostgresqlCrawler:
        return postgresql_crawler(postgresql_server, secret)

    @pytest.fixture
    def unreachable(self, postgresql_server: PostgresqlServer, secret: str) -> PostgresqlCrawler:
        return postgresql_crawler(postgresql_server, secret, port=1)

    @pytest.fixture
    def change(self, postgresql_server: PostgresqlServer) -> Callable[[], str]:
        def swap_two_values() -> str:
            postgresql_server.run(DATABASE, "UPDATE batch SET supplier = 3 - supplier")
            return "batch"

        return swap_two_values

    @pytest.fixture
    def source_state(self, postgresql_server: PostgresqlServer) -> Callable[[], object]:
        def writes() -> object:
            with postgresql_server.connect(DATABASE) as connection:
                # A transaction gets a number with its first write; the log's position would also move by itself.
                position = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchall()
                tables = connection.execute("SELECT relname, relfilenode FROM pg_class ORDER BY 1").fetchall()
            return position, tables

        return writes
