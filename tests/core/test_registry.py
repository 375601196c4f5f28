"""Reading the registered sources without opening the project."""

import os
import sqlite3
import subprocess
import sys

import pytest

from bifrost.config import SourceEntry
from bifrost.errors import ConfigInvalid, ProjectMissing
from bifrost.model import Source
from bifrost.project import create_project
from bifrost.registry import Registered, registered_sources

SETTINGS = "sources: {shop: {kind: sqlite, path: shop.db, schedule: '0 3 * * *', owner: Sales, paused: true}}\n"


@pytest.fixture
def project(tmp_path):
    return create_project(tmp_path / "works", SETTINGS)


def test_it_knows_exactly_what_every_kind_of_source_has_in_common():
    assert set(Registered.__dataclass_fields__) == set(SourceEntry.model_fields)


def test_declared_sources_are_listed_before_any_catalog_exists(project):
    expected = Registered("shop", "sqlite", "0 3 * * *", paused=True, owner="Sales")
    assert registered_sources(project.home) == [expected]
    assert not (project.home / "catalog.sqlite").exists()


def test_sources_of_the_catalog_come_too_and_the_file_counts_where_both_have_one(project):
    project.catalog.register(Source("notes", "folder", {"path": "notes"}, rate_limit=2.5, description="Notes"))
    (project.home / "bifrost.yaml").write_text(SETTINGS.replace("0 3 * * *", "0 4 * * *"))
    notes, shop = registered_sources(project.home)
    assert notes == Registered("notes", "folder", description="Notes", rate_limit=2.5)
    assert shop.schedule == "0 4 * * *"


def test_a_source_that_is_forgotten_is_gone(project):
    project.catalog.register(Source("notes", "folder", {"path": "notes"}))
    project.catalog.forget("notes")
    assert [source.name for source in registered_sources(project.home)] == ["shop"]


def test_a_catalog_of_an_earlier_revision_is_read_as_it_is(project):
    with sqlite3.connect(project.home / "catalog.sqlite") as connection:
        connection.execute("CREATE TABLE sources (name, kind, config, schedule, paused, description, declared)")
        connection.execute("INSERT INTO sources VALUES ('old', 'folder', '{}', NULL, 0, '', 0)")
    assert registered_sources(project.home)[0] == Registered("old", "folder")


def test_only_a_source_with_a_limit_on_its_rate_needs_a_pool():
    assert Registered("slow", rate_limit=1.0).pool == "bifrost_slow"
    assert Registered("fast").pool is None


def test_a_missing_project_and_a_broken_file_are_told_apart(project, tmp_path):
    with pytest.raises(ProjectMissing):
        registered_sources(tmp_path)
    for text in ("sources: [", "sources: [shop]", "sources: {shop: sqlite}"):
        (project.home / "bifrost.yaml").write_text(text)
        with pytest.raises(ConfigInvalid):
            registered_sources(project.home)


def test_reading_it_imports_nothing_heavy():
    heavy = "{'pyarrow', 'duckdb', 'sqlalchemy', 'pydantic', 'numpy'}"
    code = f"import sys, bifrost.registry; print(sorted({heavy} & set(sys.modules)))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env={**os.environ}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
