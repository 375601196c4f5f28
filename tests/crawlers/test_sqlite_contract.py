import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bifrost.secrets import Secrets
from bifrost.testing.crawler_contract import CrawlerContract
from crawlers.databases.sqlite.crawler import SqliteConfig, SqliteCrawler

TABLES = (
    "CREATE TABLE batch (id TEXT PRIMARY KEY, supplier INTEGER, weight REAL, made DATE)",
    "INSERT INTO batch VALUES ('B-1', 1, 2.5, '2024-01-05'), ('B-2', 2, NULL, '2024-02-01')",
    "CREATE TABLE part (batch TEXT, number INTEGER, photo BLOB, _row TEXT, PRIMARY KEY (number, batch))",
    "INSERT INTO part VALUES ('B-1', 1, x'00ff', 'first'), ('B-1', 2, NULL, 'second')",
)


def sqlite_crawler(path: Path, **settings: object) -> SqliteCrawler:
    return SqliteCrawler("contract", SqliteConfig(path=str(path), **settings), Secrets(path.parent))  # type: ignore[arg-type]  # settings of many types


class SqliteContract(CrawlerContract):
    kind = "sqlite"
    expected_keys = ("batch", "part")
    journal = "delete"

    @pytest.fixture
    def database(self, tmp_path: Path) -> Path:
        folder = tmp_path / "data base #1"
        folder.mkdir()
        path = folder / "what? 100%.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"PRAGMA journal_mode = {self.journal}")
            for statement in TABLES:
                connection.execute(statement)
        return path

    @pytest.fixture
    def crawler(self, database: Path) -> SqliteCrawler:
        return sqlite_crawler(database)

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> SqliteCrawler:
        return sqlite_crawler(tmp_path / "none.db")

    @pytest.fixture
    def change(self, database: Path) -> Callable[[], str]:
        def change_a_value() -> str:
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.execute("UPDATE batch SET weight = 3.5 WHERE id = 'B-1'")
            return "batch"

        return change_a_value

    @pytest.fixture
    def source_state(self, database: Path) -> Callable[[], object]:
        return lambda: {
            path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(database.parent.iterdir())
        }


class TestSqliteCrawler(SqliteContract):
    pass


class TestSqliteCrawlerOfAWriteAheadDatabase(SqliteContract):
    journal = "wal"
