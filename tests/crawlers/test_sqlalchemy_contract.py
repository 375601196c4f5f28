import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError

from bifrost.errors import ConfigInvalid, SourceUnreachable
from bifrost.secrets import Secrets
from crawlers.databases.through_sqlalchemy.kinds import SqlalchemyConfig, SqlalchemyCrawler
from tests.crawlers.database_file import FileCrawlerContract

TABLES = (
    "CREATE TABLE batch (id TEXT PRIMARY KEY, supplier INTEGER, weight NUMERIC(8, 2), made DATE, at TIMESTAMP)",
    "INSERT INTO batch VALUES ('B-1', 1, 2.5, '2024-01-05', '2024-01-05 10:00:00'), ('B-2', 2, NULL, NULL, NULL)",
    "CREATE TABLE part (batch TEXT, number INTEGER, photo BLOB, _row TEXT, PRIMARY KEY (number, batch))",
    "INSERT INTO part VALUES ('B-1', 1, x'00ff', 'first'), ('B-1', 2, NULL, 'second')",
)


def write(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path


def sqlalchemy_crawler(url: str, **settings: object) -> SqlalchemyCrawler:
    return SqlalchemyCrawler("contract", SqlalchemyConfig.model_validate({"url": url} | settings), Secrets(Path()))


class TestSqlalchemyCrawler(FileCrawlerContract):
    kind = "sqlalchemy"
    expected_keys = ("batch", "part")
    write = staticmethod(write)

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write(tmp_path / "a.db", *TABLES)

    @pytest.fixture
    def crawler(self, path: Path) -> SqlalchemyCrawler:
        return sqlalchemy_crawler(f"sqlite:///{path}")

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> SqlalchemyCrawler:
        return sqlalchemy_crawler(f"sqlite:///{tmp_path}/none.db")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="unable to open"):
        sqlalchemy_crawler(f"sqlite:///{tmp_path}/none.db").check()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://reader:secret@host/db", "snowflake://u@host/db?token=abc", "no url"]
)
def test_urls_that_hold_a_secret_are_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SqlalchemyConfig.model_validate({"url": url})
    assert all("secret@" not in problem["msg"] and "abc" not in problem["msg"] for problem in caught.value.errors())


def test_a_dialect_that_is_not_installed_is_named() -> None:
    with pytest.raises(ConfigInvalid, match="no dialect 'nosuch'"):
        sqlalchemy_crawler("nosuch://host/db").check()
