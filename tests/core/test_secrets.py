"""Secrets are resolved at use and masked everywhere."""

import base64
import json
import subprocess
import sys
from importlib.util import find_spec
from urllib.parse import quote, quote_plus

import pytest

from bifrost.credentials import bare_secrets, credentials_in, lifted, references
from bifrost.errors import ConfigInvalid, SecretMissing
from bifrost.secrets import Secrets, is_bare_secret

CANARY = "c4nary/p@ss word"
KEY = "-----BEGIN KEY-----\nMIIcanary0line0one\n  MIIcanary0line0two\n-----END KEY-----"


@pytest.fixture
def secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_PASSWORD", CANARY)
    (tmp_path / "token").write_text("file-canary\r\n")
    return Secrets(tmp_path)


def test_references_are_resolved_from_environment_and_file(secrets):
    assert secrets.resolve("${env:CRM_PASSWORD}") == CANARY
    assert secrets.resolve("Bearer ${file:token}") == "Bearer file-canary"


def test_a_missing_secret_names_its_reference(secrets):
    with pytest.raises(SecretMissing, match=r"\$\{env:NOWHERE\}"):
        secrets.resolve("${env:NOWHERE}")
    with pytest.raises(SecretMissing, match=r"\$\{secret:crm/password\}"):
        secrets.resolve("${secret:crm/password}")


def test_a_file_that_is_no_text_is_a_missing_secret(secrets, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SecretMissing, match="not UTF-8"):
        secrets.resolve("${file:binary}")


# ---- Airflow


@pytest.mark.parametrize(
    "text",
    [
        "postgres://reader:c4nary%2Fp%40ss%20word@db.example.org:5433/crm?sslmode=require&key=extra-canary",
        json.dumps(
            {
                "conn_type": "postgres",
                "login": "reader",
                "password": CANARY,
                "host": "db.example.org",
                "port": 5433,
                "schema": "crm",
                "extra": {"sslmode": "require", "key": "extra-canary"},
            }
        ),
        json.dumps(
            {
                "login": "reader",
                "password": CANARY,
                "host": "db.example.org",
                "port": "5433",
                "schema": "crm",
                "extra": json.dumps({"key": "extra-canary"}),
            }
        ),
    ],
    ids=["uri", "json", "extra as text"],
)
def test_an_airflow_connection_of_the_environment_gives_its_parts(secrets, monkeypatch, text):
    monkeypatch.setenv("AIRFLOW_CONN_CRM.PROD", text)
    assert secrets.resolve("${airflow:crm.prod}") == CANARY
    assert secrets.resolve("${airflow:crm.prod.password}") == CANARY
    parts = [secrets.resolve(f"${{airflow:crm.prod.{part}}}") for part in ("login", "host", "port", "schema")]
    assert parts == ["reader", "db.example.org", "5433", "crm"]
    assert secrets.resolve("${airflow:crm.prod.extra.key}") == "extra-canary"
    assert secrets.mask(f"reader of db.example.org: {CANARY}, extra-canary") == "reader of db.example.org: ***, ***"


def test_a_part_that_a_connection_lacks_is_missing(secrets, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_CRM", "postgres://reader@db/crm")
    with pytest.raises(SecretMissing, match="the connection 'crm' has no password"):
        secrets.resolve("${airflow:crm}")


@pytest.mark.parametrize("text", ['{"password": "canary-7391', '{"extra": [1]}', "http://u:canary-7391@h:port/"])
def test_a_malformed_connection_is_an_error_that_does_not_show_it(secrets, monkeypatch, text):
    monkeypatch.setenv("AIRFLOW_CONN_CRM", text)
    with pytest.raises(SecretMissing) as raised:
        secrets.resolve("${airflow:crm.port}")
    assert "canary-7391" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.skipif(find_spec("airflow") is None, reason="apache-airflow is not installed (the extra `airflow`)")
def test_airflow_itself_is_asked_for_what_the_environment_lacks(tmp_path):
    (tmp_path / "connections.json").write_text(
        json.dumps({"crm": f"postgres://reader:{quote(CANARY, safe='')}@db/crm"})
    )
    script = (
        "from pathlib import Path\n"
        "from bifrost.errors import SecretMissing\n"
        "from bifrost.secrets import Secrets\n"
        f"secrets = Secrets(Path({str(tmp_path)!r}))\n"
        "print(secrets.resolve('${airflow:crm}'))\n"
        "try: secrets.resolve('${airflow:erp}')\n"
        "except SecretMissing as error: print(error)\n"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections_file_path": str(tmp_path / "connections.json")}),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    resolved, missing = done.stdout.strip().splitlines()[-2:]
    assert resolved == CANARY
    assert "AIRFLOW_CONN_ERP is not set, and Airflow gives no connection 'erp'" in missing


# ---- masking


def test_what_was_handed_out_is_masked_in_every_way_of_writing_it(secrets):
    secrets.resolve("${env:CRM_PASSWORD}")
    for text in (
        f"login with {CANARY} failed",
        "login with c4nary%2Fp%40ss%20word failed",
        "login with c4nary%2fp%40ss%20word failed",
        f"q={quote_plus(CANARY)}",
        json.dumps({"login": CANARY}),
        repr(CANARY),
    ):
        assert "c4nary" not in secrets.mask(text)


@pytest.mark.parametrize("before", ["", "u:", "us:", "reader:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_masked_wherever_the_secret_starts_in_it(secrets, before, encode):
    secrets.remember("c4nary-password??>>")
    encoded = encode((before + "c4nary-password??>>").encode()).decode()
    masked = secrets.mask(f"Proxy-Header {encoded}")
    left = masked.removeprefix("Proxy-Header ").split("***")
    assert max(map(len, left)) <= len(before) * 2 + 4


@pytest.mark.parametrize("secret", ['it\'s\\ a "pass"', "two\tparts\x01", "pässwörd", "a%41bc", "<&pass>"])
def test_escaped_forms_of_odd_secrets_are_masked(secrets, secret):
    secrets.remember(secret)
    forms = (json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret), repr(secret.encode()))
    quoted = "'" + secret.replace("'", "''") + "'"
    for text in (*forms, quoted):
        assert "***" in secrets.mask(text)
        assert len(secrets.mask(text)) <= len("b'***'")


def test_a_secret_of_several_lines_is_masked_as_a_whole_and_line_by_line(secrets):
    secrets.remember(KEY)
    assert secrets.mask(f"key {KEY} refused") == "key *** refused"
    assert "canary" not in secrets.mask(json.dumps(KEY))
    assert "canary" not in secrets.mask("  | MIIcanary0line0two\n  | MIIcanary0line0one")
    assert secrets.mask("nothing\n\nhere") == "nothing\n\nhere"


def test_a_short_secret_is_masked_only_where_it_stands_alone(secrets):
    secrets.remember("abc")
    secrets.remember("x")
    assert secrets.mask("password abc, not abcd or xabc, x=1") == "password ***, not abcd or xabc, x=1"


def test_bytes_that_are_no_text_can_be_secrets(secrets, monkeypatch):
    monkeypatch.setenv("ODD", "caf\udce9-canary")
    assert secrets.mask(secrets.resolve("${env:ODD}")) == "***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://u:hunter2@db/x", "postgresql://u:***@db/x"),
        ("http://u:p@ss@host/x and http://h:8080/x@y", "http://u:***@host/x and http://h:8080/x@y"),
        ("http://u:${env:PW}@host/x", "http://u:${env:PW}@host/x"),
        ("GET https://h/x?sig=a%2Bb&sv=1&api_key=k1", "GET https://h/x?sig=***&sv=1&api_key=***"),
        ("DefaultEndpointsProtocol=https;AccountKey=a+b/c==;X=1", "DefaultEndpointsProtocol=https;AccountKey=***;X=1"),
        ("host=db password='it\\'s a' user=u", "host=db password=*** user=u"),
        ("{'Authorization': 'Bearer abc.def'}", "{'Authorization': 'Bearer ***'}"),
        ("settings are of the form key=value; primary_key=id", "settings are of the form key=value; primary_key=id"),
    ],
)
def test_credentials_that_show_themselves_are_masked_and_nothing_else(secrets, text, shown):
    assert secrets.mask(text) == shown


def test_a_long_text_without_credentials_is_searched_quickly(secrets):
    secrets.remember(CANARY)
    for text in ("a" * 1_000_000, "http://u:" + "p" * 300_000, "a=" * 200_000, "authorization " * 50_000):
        assert secrets.mask(text)


def test_a_bare_secret_in_nested_settings_is_masked_and_a_reference_is_not(secrets):
    shown = secrets.masked({"auth": {"api_key": "plain"}, "password": "${env:CRM_PASSWORD}", "host": "db", "port": 1})
    assert shown == {"auth": {"api_key": "***"}, "password": "${env:CRM_PASSWORD}", "host": "db", "port": 1}


def test_masking_takes_any_value_of_a_log(secrets):
    secrets.resolve("${env:CRM_PASSWORD}")
    shown = secrets.masked({"error": ValueError(f"no {CANARY}"), "many": (CANARY, None, 1.5, True), "raw": b"x"})
    assert shown == {"error": "no ***", "many": ["***", None, 1.5, True], "raw": "b'x'"}


# ---- secrets in clear


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "db_password",
        "secret",
        "client_secret",
        "secret_access_key",
        "token",
        "sessionToken",
        "api_key",
        "apiKey",
        "apikey",
        "key",
        "sas",
        "sas_token",
        "account_key",
        "access_key",
        "private_key",
        "passphrase",
        "credentials",
        "authorization",
        "Proxy-Authorization",
        "X-Api-Key",
        "Cookie",
        "connection_string",
        "PRIVATE-TOKEN",
    ],
)
def test_names_that_promise_a_secret(name):
    assert is_bare_secret(name, "hunter2")
    assert is_bare_secret(name, 12345)
    assert not is_bare_secret(name, "${env:X}")
    assert not is_bare_secret(name, "")
    assert not is_bare_secret(name, True)


@pytest.mark.parametrize(
    "name",
    [
        "primary_key",
        "keys",
        "key_file",
        "foreign_key",
        "sort_key",
        "access_key_id",
        "token_url",
        "password_file",
        "secret_name",
        "client_id",
        "user",
        "host",
        "author",
        "path",
        "monkey",
        "keyboard",
        "tokenizer",
        "compass",
        "max_key_length",
        "signature_version",
        "cookie_path",
        "0",
    ],
)
def test_names_that_promise_none(name):
    assert not is_bare_secret(name, "hunter2")


def test_a_header_may_hold_a_reference_among_words_and_a_password_may_not():
    assert not is_bare_secret("authorization", "Bearer ${env:TOKEN}")
    assert is_bare_secret("password", "x${env:TOKEN}")


@pytest.mark.parametrize(
    ("config", "places"),
    [
        ({"headers": {"Authorization": "Bearer abc", "Accept": "text/csv"}}, ["headers.Authorization"]),
        ({"url": "mysql://u:hunter2@db/x"}, ["url"]),
        ({"urls": ["https://h/a", "https://h/b?token=abc"]}, ["urls.1"]),
        ({"command": ["./list.sh", "--password=abc"]}, ["command.1"]),
        ({"connection_string": "AccountName=a;AccountKey=${env:K}"}, []),
        ({"connection_string": "AccountName=a;SharedAccessKey=abc;X=${env:K}"}, ["connection_string"]),
        ({"url": "mysql://u:${env:PW}@db/x", "feed": "http://h:8080/x@y"}, []),
        ({"fields": {"*.password": "link-only"}, "rows": {"users": "token='x'"}, "changed_by": {"key": "at"}}, []),
    ],
)
def test_secrets_in_clear_are_found_in_all_settings(config, places):
    assert bare_secrets(config) == places


def test_secrets_in_clear_give_way_to_references():
    config = {
        "password": "hunter2",
        "pin": {"token": 1234},
        "headers": {"X-Api-Key": "k1", "Accept": "*/*"},
        "url": "http://u:p@ss@h/x?sig=s1&sv=1&sig=s2",
        "old": {"password": "***"},
        "user_password": "${env:X}",
    }
    shown, secrets = lifted("crm", config)
    assert secrets == {
        "crm/password": "hunter2",
        "crm/pin.token": "1234",
        "crm/headers.X-Api-Key": "k1",
        "crm/url.password": "p@ss",
        "crm/url.sig": "s2",
        "crm/url.sig_": "s1",
    }
    assert (
        shown["url"]
        == "http://u:${secret:crm/url.password}@h/x?sig=${secret:crm/url.sig_}&sv=1&sig=${secret:crm/url.sig}"
    )
    assert (shown["old"], shown["user_password"]) == ({"password": "***"}, "${env:X}")
    assert {place for scheme, place in references(shown) if scheme == "secret"} == secrets.keys()
    assert bare_secrets({**shown, "old": {}}) == []
    assert credentials_in(shown["url"]) == []


def test_settings_with_a_secret_in_clear_are_refused_without_showing_it(tmp_path):
    from bifrost.config import load_settings

    (tmp_path / "bifrost.yaml").write_text(
        "sources: {files: {kind: folder, path: 'http://u:canary-7391@h', headers: {authorization: canary-7391}}}"
    )
    with pytest.raises(ConfigInvalid) as raised:
        load_settings(tmp_path)
    assert "path: give a reference" in str(raised.value)
    assert "headers.authorization: give a reference" in str(raised.value)
    assert "canary-7391" not in str(raised.value)


def test_settings_that_are_no_yaml_are_refused_without_showing_a_line(tmp_path):
    from bifrost.config import load_settings

    (tmp_path / "bifrost.yaml").write_text("sources:\n  crm:\n    password: canary-7391: x\n")
    with pytest.raises(ConfigInvalid, match="line 3") as raised:
        load_settings(tmp_path)
    assert "canary-7391" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_source_cannot_use_the_secret_of_another(tmp_path):
    from bifrost.config import read_source

    with pytest.raises(ConfigInvalid, match="belongs to another source"):
        read_source("evil", {"kind": "folder", "path": "${secret:crm/password}"}, where="x")
