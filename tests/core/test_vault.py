"""Secrets given in clear are encrypted in the catalog, and their key is somewhere else."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet

from bifrost.catalog import open_catalog
from bifrost.errors import ConfigInvalid, SecretKeyUnusable, SecretMissing
from bifrost.project import create_project
from bifrost.secret_keys import KEY_VARIABLE, KeyRing, default_key_file
from bifrost.vault import Vault

CANARY = "c4nary-Pa55 wörd\nof two lines"


@pytest.fixture
def vault(tmp_path):
    return Vault(open_catalog(tmp_path / "catalog.sqlite"), KeyRing(tmp_path / "keys" / "secret.key"))


def _keep(vault, name="crm/password", secret=CANARY):
    vault.catalog.keep_secret(name, vault.seal(secret))


def test_a_secret_comes_back_as_it_was_given_and_lies_encrypted(vault, tmp_path):
    _keep(vault)
    _keep(vault, "erp/token", "caf\udce9")
    assert vault.open("crm/password") == CANARY
    assert vault.open("erp/token") == "caf\udce9"
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"c4nary" in path.read_bytes()]


def test_the_key_is_made_with_the_first_secret_for_its_owner_alone(vault):
    assert not vault.keys.file.exists()
    _keep(vault)
    assert stat.S_IMODE(vault.keys.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(vault.keys.file.parent.stat().st_mode) == 0o700
    assert [path.name for path in vault.keys.file.parent.iterdir()] == ["secret.key"]


def test_of_many_that_make_the_key_at_once_one_counts_for_all(vault):
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda number: vault.seal(f"secret {number}"), range(40)))
    for number, token in enumerate(tokens):
        vault.catalog.keep_secret(str(number), token)
        assert vault.open(str(number)) == f"secret {number}"


def test_a_missing_key_is_named_and_never_made_anew_while_secrets_wait_for_it(vault):
    _keep(vault)
    vault.keys.file.unlink()
    for attempt in (lambda: vault.open("crm/password"), lambda: vault.seal("other"), vault.rotate):
        with pytest.raises(SecretKeyUnusable, match=r"secret\.key\) cannot be used: the file is missing; restore it"):
            attempt()
    assert not vault.keys.file.exists()


def test_another_key_is_told_from_a_missing_secret(vault, monkeypatch):
    _keep(vault)
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    with pytest.raises(SecretKeyUnusable, match="secret 'crm/password' was encrypted with another key"):
        vault.open("crm/password")
    with pytest.raises(SecretMissing, match=r"\$\{secret:crm/token\}.*keeps none of this name"):
        vault.open("crm/token")


@pytest.mark.parametrize("key", ["c4nary-no-key", "ключ", ",", "AAAA"])
def test_what_is_no_key_is_refused_without_showing_it(vault, monkeypatch, key):
    monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(SecretKeyUnusable, match=KEY_VARIABLE) as raised:
        vault.seal("x")
    assert key == "," or key not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_key_of_the_environment_makes_no_file(vault, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    _keep(vault)
    assert vault.open("crm/password") == CANARY
    assert not vault.keys.file.exists()


def test_rotation_encrypts_everything_with_a_new_key_and_keeps_the_old_one_for_backups(vault):
    _keep(vault)
    _keep(vault, "erp/token", "other")
    before, old = vault.catalog.secrets(), vault.keys.file.read_text().split()
    assert vault.rotate() == 2
    keys = vault.keys.file.read_text().split()
    assert keys[1:] == old
    vault.keys.file.write_text(keys[0])
    assert (vault.open("crm/password"), vault.open("erp/token")) == (CANARY, "other")
    assert not set(before.values()) & set(vault.catalog.secrets().values())
    assert stat.S_IMODE(vault.keys.file.stat().st_mode) == 0o600


def test_rotation_takes_the_first_key_of_the_environment(vault, monkeypatch):
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    monkeypatch.setenv(KEY_VARIABLE, old)
    _keep(vault)
    monkeypatch.setenv(KEY_VARIABLE, f"{new}, {old}")
    assert vault.rotate() == 1
    monkeypatch.setenv(KEY_VARIABLE, new)
    assert vault.open("crm/password") == CANARY


def test_a_secret_changed_while_keys_are_rotated_keeps_the_change(vault):
    _keep(vault)
    stale = vault.catalog.secrets()["crm/password"]
    _keep(vault, secret="newer")
    vault.catalog.replace_tokens({"crm/password": (stale, vault.seal(CANARY))})
    assert vault.open("crm/password") == "newer"


def test_a_project_keeps_its_key_outside_its_home_and_finds_it_after_a_move(tmp_path):
    project = create_project(tmp_path / "home", "")
    project.catalog.keep_secret("crm/password", project.vault.seal(CANARY))
    place = default_key_file(project.catalog.id)
    assert place.exists()
    assert not place.is_relative_to(project.home)
    project.catalog.engine.dispose()
    project.home.rename(tmp_path / "moved")
    assert create_project(tmp_path / "moved", "").secrets.resolve("x${secret:crm/password}") == "x" + CANARY


def test_the_place_of_the_key_is_a_setting(tmp_path):
    project = create_project(tmp_path / "home", "secrets: {key_file: ../elsewhere/bifrost.key}\n")
    project.catalog.keep_secret("crm/password", project.vault.seal(CANARY))
    assert (tmp_path / "elsewhere" / "bifrost.key").exists()
    assert project.secrets.resolve("${secret:crm/password}") == CANARY
    with pytest.raises(ConfigInvalid, match="valid: key_file"):
        create_project(tmp_path / "other", "secrets: {key: x}\n")


def test_a_catalog_has_one_name_for_good(tmp_path):
    first = open_catalog(tmp_path / "catalog.sqlite").id
    assert open_catalog(tmp_path / "catalog.sqlite").id == first
    assert open_catalog(tmp_path / "other.sqlite").id != first


def test_removing_a_source_takes_its_secrets_and_not_those_of_a_similar_name(vault):
    for name in ("a_b/password", "a_b/token", "axb/password", "a_bc/password"):
        _keep(vault, name)
    vault.catalog.forget("a_b")
    assert sorted(vault.catalog.secrets()) == ["a_bc/password", "axb/password"]
