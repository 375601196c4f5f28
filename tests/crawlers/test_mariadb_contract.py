from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from bifrost.secrets import Secrets
from bifrost.testing.crawler_contract import CrawlerContract
from crawlers.databases.through_sqlalchemy.kinds import MariadbCrawler, MysqlConfig, MysqlCrawler
from tests.servers.mariadb import USER, MariadbServer

DATABASE = "contract"
TABLES = (
    "DROP DATABASE IF EXISTS contract_store",
    "CREATE DATABASE contract_store",
    "CREATE TABLE batch (id VARCHAR(20) PRIMARY KEY, supplier INT, weight DECIMAL(8,2), made DATE)",
    "INSERT INTO batch VALUES ('B-1', 1, 2.5, '2024-01-05'), ('B-2', 2, NULL, '2024-02-01')",
    "CREATE TABLE contract_store.part "
    "(batch VARCHAR(20), number INT, photo BLOB, _row TEXT, tags JSON, PRIMARY KEY (number, batch))",
    "INSERT INTO contract_store.part VALUES ('B-1', 1, x'00ff', 'first', '[1,2]'), ('B-1', 2, NULL, 'second', NULL)",
)


def mariadb_crawler(
    server: MariadbServer, secret: str, kind: type[MysqlCrawler] = MariadbCrawler, **settings: object
) -> MysqlCrawler:
    known = {"host": "127.0.0.1", "port": server.port, "database": DATABASE, "user": USER, "password": secret}
    return kind("contract", MysqlConfig.model_validate(known | settings), Secrets(Path()))


class MysqlCrawlerContract(CrawlerContract):
    """The same for both kinds, against the same server."""

    crawler_class: ClassVar[type[MysqlCrawler]]
    expected_keys = ("batch", "contract_store.part")

    @pytest.fixture(autouse=True)
    def database(self, mariadb_server: MariadbServer) -> None:
        mariadb_server.create(DATABASE, *TABLES)

    @pytest.fixture
    def crawler(self, mariadb_server: MariadbServer, mariadb_secret: str) -> MysqlCrawler:
        return mariadb_crawler(mariadb_server, mariadb_secret, self.crawler_class, schemas=[DATABASE, "contract_store"])

    @pytest.fixture
    def unreachable(self, mariadb_server: MariadbServer, mariadb_secret: str) -> MysqlCrawler:
        return mariadb_crawler(mariadb_server, mariadb_secret, self.crawler_class, port=1)

    @pytest.fixture
    def change(self, mariadb_server: MariadbServer) -> Callable[[], str]:
        def swap_two_values() -> str:
            mariadb_server.run(DATABASE, "UPDATE batch SET supplier = 3 - supplier")
            return "batch"

        return swap_two_values

    @pytest.fixture
    def source_state(self, mariadb_server: MariadbServer) -> Callable[[], object]:
        def writes() -> object:
            # Temporary tables of queries count as writes of rows: only what statements do tells.
            writing = ("Com_insert", "Com_update", "Com_delete", "Com_replace", "Com_create_table", "Com_alter_table")
            status = dict(mariadb_server.query(DATABASE, "SHOW GLOBAL STATUS LIKE 'Com_%'"))
            tables = mariadb_server.query(None, f"CHECKSUM TABLE {DATABASE}.batch, contract_store.part")
            return {name: status[name] for name in writing}, tables

        return writes


@pytest.mark.live
class TestMariadbCrawler(MysqlCrawlerContract):
    kind = "mariadb"
    crawler_class = MariadbCrawler


@pytest.mark.live
class TestMysqlCrawler(MysqlCrawlerContract):
    kind = "mysql"
    crawler_class = MysqlCrawler
