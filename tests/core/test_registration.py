"""Sources are registered, changed, paused and removed in one place, with the same checks for everybody."""

import sqlite3
from contextlib import closing

import pytest

from bifrost import registration
from bifrost.credentials import lifted
from bifrost.errors import (
    AlreadyThere,
    CapabilityMissing,
    ConfigInvalid,
    ProjectBusy,
    SourceBusy,
    SourceDeclared,
    UnknownName,
)
from bifrost.model import Item, ItemKind, Reject, StagedItem
from bifrost.project import create_project
from bifrost.snapshots import Snapshot
from bifrost.source_kinds import source_kinds
from bifrost.source_records import read_record
from bifrost.source_states import source_state, source_states
from bifrost.testing.graphs import entity, linked, snapshot_of, typed, valued

STOCK = {"host": "127.0.0.1", "port": 1, "database": "stock", "user": "reader"}


@pytest.fixture
def project(tmp_path):
    return create_project(tmp_path / "home", "sources: {files: {kind: folder, path: files}}\n")


def _register(project, name="crm", config=None, common=registration.NONE):
    config, secrets = lifted(name, {"path": "crm.db"} if config is None else config)
    kind = "postgresql" if "host" in config else "sqlite"
    return registration.register(project, name, kind, config, common, secrets=secrets)


def _staged(source, key, rows=3):
    return StagedItem(Item(source, key, ItemKind.TABLE, "1", primary_key=("id",)), content="abc", rows=rows)


def test_a_source_is_registered_with_all_that_every_source_has(project):
    common = {"schedule": "0 3 * * *", "owner": "sales@example.org", "rate_limit": 2.5, "description": "customers"}
    assert _register(project, common=common) == project.catalog.source("crm")
    state = source_state(project, "crm").as_json()
    assert {name: state[name] for name in common} == common
    assert (state["paused"], state["declared"], state["last_crawl"]) == (False, False, None)


@pytest.mark.parametrize(
    ("config", "common", "problem"),
    [
        ({"path": "x", "speed": 1}, {}, "speed: unknown key; valid: "),
        ({}, {}, "path: Field required"),
        ({"path": "x"}, {"schedule": "at dawn"}, "schedule: Value error, must be a cron expression"),
        ({"path": "x"}, {"rate_limit": -1}, "rate_limit: Input should be greater than 0"),
        ({"path": "x", "schedule": "0 3 * * *"}, {}, "schedule: is no setting of a kind"),
    ],
)
def test_wrong_settings_are_named_and_nothing_is_registered(project, config, common, problem):
    with pytest.raises(ConfigInvalid, match=problem):
        registration.register(project, "crm", "sqlite", config, common)
    assert [source.name for source in project.catalog.sources()] == ["files"]


def test_a_name_of_the_rest_interface_is_refused(project):
    with pytest.raises(ConfigInvalid, match="name: Value error, is a word of the REST interface"):
        registration.register(project, "kinds", "sqlite", {"path": "x"})


def test_a_secret_in_clear_is_encrypted_with_the_source_and_masked_from_then_on(project):
    _register(project, config={**STOCK, "password": "canary-7391"})
    assert project.catalog.source("crm").config["password"] == "${secret:crm/password}"
    assert project.secrets.mask("no canary-7391") == "no ***"
    assert project.vault.open("crm/password") == "canary-7391"


def test_a_secret_in_clear_is_refused_where_nobody_lifts_it(project):
    with pytest.raises(ConfigInvalid, match=r"password: give a reference such as \$\{env:NAME\}, not the secret"):
        registration.register(project, "crm", "postgresql", {**STOCK, "password": "canary-7391"})


def test_a_name_that_is_taken_keeps_its_source_and_its_secret(project):
    _register(project, config={**STOCK, "password": "canary-7391"})
    with pytest.raises(AlreadyThere):
        _register(project, config={**STOCK, "password": "another"})
    assert project.vault.open("crm/password") == "canary-7391"


def test_a_change_leaves_alone_what_it_does_not_name(project):
    _register(project, config={**STOCK, "password": "canary-7391"}, common={"owner": "sales"})
    before = project.catalog.source("crm")
    registration.change(project, "crm", {"port": 2}, {"schedule": "@daily"})
    after = project.catalog.source("crm")
    assert after.config == {**before.config, "port": 2}
    assert (after.owner, after.schedule, after.kind) == ("sales", "@daily", "postgresql")
    assert project.vault.open("crm/password") == "canary-7391"


def test_none_takes_a_setting_away_and_with_it_its_secret(project):
    _register(project, config={**STOCK, "password": "canary-7391"})
    registration.change(project, "crm", {"password": None, "port": None})
    assert project.catalog.source("crm").config == {name: STOCK[name] for name in ("host", "database", "user")}
    assert project.catalog.secrets() == {}


def test_a_wrong_change_changes_nothing(project):
    _register(project, config={**STOCK, "password": "canary-7391"})
    before, secrets = project.catalog.source("crm"), project.catalog.secrets()
    config, given = lifted("crm", {"password": "another", "port": "many"})
    with pytest.raises(ConfigInvalid, match="port: Input should be a valid integer"):
        registration.change(project, "crm", config, secrets=given)
    assert (project.catalog.source("crm"), project.catalog.secrets()) == (before, secrets)


def test_settings_that_come_back_as_they_were_shown_stay_as_they_are(project):
    url = {"path": "http://u:${env:PW}@h/crm.db"}
    _register(project, config=url)
    shown = dict(source_state(project, "crm").config)
    config, secrets = lifted("crm", shown)
    registration.change(project, "crm", config, secrets=secrets)
    assert (project.catalog.source("crm").config, project.catalog.secrets()) == (url, {})


def test_a_mask_is_no_secret(project):
    _register(project, config={**STOCK, "password": "canary-7391"})
    config, secrets = lifted("crm", {"password": "***"})
    with pytest.raises(ConfigInvalid, match="password: give a reference"):
        registration.change(project, "crm", config, secrets=secrets)
    assert project.vault.open("crm/password") == "canary-7391"


def test_pausing_keeps_what_is_known(project):
    _register(project)
    project.catalog.stage_items([_staged("crm", "people")])
    registration.change(project, "crm", common={"paused": True})
    assert project.catalog.source("crm").paused
    assert source_state(project, "crm").items == 1
    registration.change(project, "crm", common={"paused": False})
    assert not project.catalog.source("crm").paused


@pytest.mark.parametrize("act", [registration.change, registration.removal, registration.remove])
def test_a_declared_source_is_changed_in_its_file_only(project, act):
    with pytest.raises(SourceDeclared, match=r"source 'files' is declared in bifrost\.yaml: (change it|take it out) t"):
        act(project, "files")
    with pytest.raises(UnknownName, match="known: files"):
        act(project, "none")


def test_a_source_that_is_declared_no_more_may_be_changed_and_removed(project):
    project.catalog.sources()
    (project.home / "bifrost.yaml").write_text("sources: {}\n")
    again = create_project(project.home, "")
    registration.change(again, "files", common={"owner": "me"})
    assert not again.catalog.source("files").declared
    registration.remove(again, "files")
    assert again.catalog.sources() == []


# ---- removing


@pytest.fixture
def linked_project(project):
    """Two sources with facts of their own, the same fact in both, and links between them and a third."""
    lot, same = entity("L-1", "crm", "lots"), valued(entity("7", "erp", "parts"), "grade", "A", source="erp")
    units = {
        "table:crm/lots": [typed(lot, "crm", "lots"), valued(lot, "grade", "A", source="crm")],
        "table:erp/parts": [typed(entity("7", "erp", "parts"), "erp", "parts"), same],
        "links:1": [linked(lot, "of", entity("7", "erp", "parts"), ("crm", "erp"))],
        "links:2": [linked(entity("7", "erp", "parts"), "in", entity("x", "crm2", "bins"), ("erp", "crm2"))],
    }
    project.catalog.move_head("snapshot", snapshot_of(project, units).digest)
    for name in ("crm", "erp"):
        _register(project, name)
        project.catalog.stage_items([_staged(name, "a"), _staged(name, "b", 4)])
    project.catalog.reject("crawl", "crm/c", [Reject("crm", "c", "", "crawl", "denied")])
    return project


def test_a_dry_run_counts_what_would_go_and_changes_nothing(linked_project):
    before = source_states(linked_project)
    goes = registration.removal(linked_project, "crm")
    assert (goes.items, goes.rows, goes.rejects, goes.facts) == (2, 7, 1, 3)
    assert source_states(linked_project) == before


def test_removing_takes_the_source_and_leaves_the_others(linked_project):
    others = linked_project.catalog.items("erp")
    registration.remove(linked_project, "crm")
    assert [source.name for source in linked_project.catalog.sources()] == ["erp", "files"]
    assert linked_project.catalog.items() == others
    assert linked_project.catalog.rejects() == []
    assert Snapshot.load(linked_project.staging, linked_project.catalog.head("snapshot")).facts == 6


def test_a_source_that_is_being_crawled_is_not_removed(linked_project):
    with linked_project.crawling("crm"), pytest.raises(SourceBusy):
        registration.remove(linked_project, "crm")
    with linked_project.exclusive(), pytest.raises(ProjectBusy):
        registration.remove(linked_project, "crm")
    assert len(linked_project.catalog.items("crm")) == 2


# ---- kinds and records


def test_every_kind_shows_the_schema_of_its_settings_and_which_are_secret():
    kinds = {kind.kind: kind for kind in source_kinds()}
    stock = kinds["postgresql"]
    assert stock.secrets == ("password",)
    assert stock.settings["properties"]["port"]["description"]
    assert stock.capabilities["tables"] is True
    assert not [kind.kind for kind in kinds.values() if not kind.broken and not kind.description]


def test_a_kind_without_single_records_says_so(project):
    (project.home / "files").mkdir()
    with pytest.raises(CapabilityMissing, match="source 'files' is of kind 'folder', which cannot give single records"):
        read_record(project, "files", "a.txt", ["1"])


@pytest.mark.skipif(
    not next(kind for kind in source_kinds() if kind.kind == "sqlite").capabilities.get("records"),
    reason="the kind sqlite gives no single records",
)
def test_a_record_shows_the_fields_that_are_left_at_the_source(project):
    with closing(sqlite3.connect(project.home / "crm.db")) as connection, connection:
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, note TEXT)")
        connection.execute("INSERT INTO people VALUES (1, 'Ada', 'left there')")
    _register(project, config={"path": "crm.db", "fields": {"people.note": "link-only"}})
    project.catalog.stage_items([_staged("crm", "people")])
    assert read_record(project, "crm", "people", ["1"]) == {"id": 1, "name": "Ada", "note": "left there"}
    with pytest.raises(UnknownName, match="record of crm/people with the key '2'"):
        read_record(project, "crm", "people", ["2"])
    with pytest.raises(UnknownName, match="known: people"):
        read_record(project, "crm", "robots", ["1"])
