"""Secrets are resolved at use and masked everywhere."""

import pytest

from bifrost.errors import SecretMissing
from bifrost.secrets import Secrets

CANARY = "c4nary/p@ss word"


@pytest.fixture
def secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_PASSWORD", CANARY)
    (tmp_path / "token").write_text("file-canary\n")
    return Secrets(tmp_path)


def test_references_are_resolved_from_environment_and_file(secrets):
    assert secrets.resolve("${env:CRM_PASSWORD}") == CANARY
    assert secrets.resolve("Bearer ${file:token}") == "Bearer file-canary"


def test_a_missing_secret_names_its_reference(secrets):
    with pytest.raises(SecretMissing, match=r"\$\{env:NOWHERE\}"):
        secrets.resolve("${env:NOWHERE}")


def test_what_was_handed_out_is_masked_also_when_percent_encoded(secrets):
    secrets.resolve("${env:CRM_PASSWORD}")
    assert CANARY not in secrets.mask(f"login with {CANARY} failed")
    assert "c4nary" not in secrets.mask("login with c4nary%2Fp%40ss%20word failed")


def test_the_password_of_any_url_is_masked(secrets):
    assert secrets.mask("postgresql://u:hunter2@db/x") == "postgresql://u:***@db/x"


def test_a_bare_secret_in_nested_settings_is_masked_and_a_reference_is_not(secrets):
    shown = secrets.masked({"auth": {"api_key": "plain"}, "password": "${env:CRM_PASSWORD}", "host": "db"})
    assert shown == {"auth": {"api_key": "***"}, "password": "${env:CRM_PASSWORD}", "host": "db"}
