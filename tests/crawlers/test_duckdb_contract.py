from pathlib import Path

import duckdb
import pytest

from bifrost.secrets import Secrets
from crawlers.databases.duckdb_file.crawler import DuckdbConfig, DuckdbCrawler
from tests.crawlers.database_file import FileCrawlerContract

TABLES = (
    "CREATE TABLE batch (id VARCHAR PRIMARY KEY, supplier INTEGER, weight DECIMAL(8, 2), made DATE)",
    "INSERT INTO batch VALUES ('B-1', 1, 2.5, '2024-01-05'), ('B-2', 2, NULL, '2024-02-01')",
    "CREATE SCHEMA store",
    "CREATE TABLE store.part (batch VARCHAR, number INT, photo BLOB, _row VARCHAR, tags INT[], "
    "PRIMARY KEY (number, batch))",
    "INSERT INTO store.part VALUES ('B-1', 1, '\\x00', 'first', [1, 2]), ('B-1', 2, NULL, 'second', NULL)",
)


def write(path: Path, *statements: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def duckdb_crawler(path: Path, **settings: object) -> DuckdbCrawler:
    return DuckdbCrawler("contract", DuckdbConfig.model_validate({"path": str(path)} | settings), Secrets(Path()))


class TestDuckdbCrawler(FileCrawlerContract):
    kind = "duckdb"
    expected_keys = ("batch", "store.part")
    write = staticmethod(write)

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write(tmp_path / "a.duckdb", *TABLES)

    @pytest.fixture
    def crawler(self, path: Path) -> DuckdbCrawler:
        return duckdb_crawler(path)

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> DuckdbCrawler:
        return duckdb_crawler(tmp_path / "none.duckdb")
