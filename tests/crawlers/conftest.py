"""Projects with sources, and a PostgreSQL server, for the tests of the crawl."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from bifrost.model import StageReport
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from crawlers.stage import CrawlStage
from tests.servers import mariadb as mariadb_recipe
from tests.servers import s3 as s3_servers
from tests.servers.postgresql import PASSWORD, PostgresqlServer, missing, postgresql

NOBODY = 65534
SECRET_NAME = "BIFROST_TEST_PASSWORD"
MARIADB_SECRET_NAME = "BIFROST_TEST_MARIADB_PASSWORD"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    if missing():
        pytest.skip(missing())
    with postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[mariadb_recipe.MariadbServer]:
    if mariadb_recipe.missing():
        pytest.skip(mariadb_recipe.missing())
    with mariadb_recipe.mariadb() as server:
        yield server


@pytest.fixture
def mariadb_secret(monkeypatch: pytest.MonkeyPatch) -> str:
    """Put MariaDB's password where a reference finds it, and give the reference."""
    monkeypatch.setenv(MARIADB_SECRET_NAME, mariadb_recipe.PASSWORD)
    return f"${{env:{MARIADB_SECRET_NAME}}}"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[s3_servers.S3Server]:
    if s3_servers.missing():
        pytest.skip(s3_servers.missing())
    with s3_servers.s3() as server:
        yield server


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    """Put the database's password where a reference finds it, and give the reference."""
    monkeypatch.setenv(SECRET_NAME, PASSWORD)
    return f"${{env:{SECRET_NAME}}}"


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """Make or open the project of this test; sources are given as in bifrost.yaml."""

    def make(sources: dict[str, Any], **settings: Any) -> Project:
        home = tmp_path / "project"
        home.mkdir(exist_ok=True)
        (home / "bifrost.yaml").write_text(yaml.safe_dump({"sources": sources, **settings}))
        return create_project(home, "")

    return make


@pytest.fixture
def crawl() -> Callable[..., StageReport]:
    def run(project: Project, *names: str, **scope: bool) -> StageReport:
        return CrawlStage().run(project, Scope(names, **scope), Silent())

    return run


@pytest.fixture
def write_database() -> Callable[..., Path]:
    def write(path: Path, *statements: str) -> Path:
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return write


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that belongs to an ordinary user, whose rights count even where the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="bifrost-shared-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    yield folder
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def as_ordinary_user() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)
