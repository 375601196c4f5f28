"""The command line: help, JSON, exit codes, and no import that is not needed."""

import json
import sqlite3
import subprocess
import sys

import pytest
import typer

from bifrost import plugins
from bifrost.cli.app import app

HEAVY = ("torch", "dgl", "spacy", "transformers", "splink", "sklearn", "onnxruntime", "duckdb", "pyarrow", "sqlalchemy")


def _bifrost(home, *arguments, given=""):
    command = [sys.executable, "-m", "bifrost", "--dir", str(home), *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)


def _commands():
    click = typer.main.get_command(app)
    for name, command in click.commands.items():
        for inner, nested in getattr(command, "commands", {"": command}).items():
            yield f"{name} {inner}".strip(), nested


@pytest.fixture
def home(tmp_path):
    assert _bifrost(tmp_path / "home", "init").returncode == 0
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("name", "command"), list(_commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_has_help_and_json(name, command):
    assert command.help
    assert "--json" in {option for parameter in command.params for option in parameter.opts}


def test_help_imports_nothing_heavy():
    script = (
        "import sys; sys.argv = ['bifrost', '--help']\n"
        "from bifrost.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]"), done.stdout[-300:]


def test_init_makes_a_project_and_keeps_one_that_is_there(tmp_path):
    assert json.loads(_bifrost(tmp_path, "init", "--json").stdout)["created"] is True
    (tmp_path / "bifrost.yaml").write_text("base: https://mine.example.org/\n")
    assert json.loads(_bifrost(tmp_path, "init", "--json").stdout)["created"] is False
    assert "mine.example.org" in (tmp_path / "bifrost.yaml").read_text()


def test_a_source_is_added_tested_previewed_listed_and_removed(home):
    with sqlite3.connect(home / "crm.db") as connection:
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
        connection.execute("INSERT INTO people VALUES (1, 'Ada')")
    assert _bifrost(home, "source", "add", "crm", "sqlite", "path=crm.db").returncode == 0
    assert json.loads(_bifrost(home, "source", "test", "crm", "--json").stdout)["ok"] is True
    assert json.loads(_bifrost(home, "source", "preview", "crm", "people", "--json").stdout) == [
        {"id": 1, "name": "Ada"}
    ]
    assert [each["name"] for each in json.loads(_bifrost(home, "source", "list", "--json").stdout)] == ["crm"]
    assert _bifrost(home, "source", "remove", "crm").returncode == 0
    assert json.loads(_bifrost(home, "source", "list", "--json").stdout) == []


def test_an_unknown_kind_ends_with_code_2_and_the_valid_kinds(home):
    done = _bifrost(home, "source", "add", "crm", "oracl")
    assert done.returncode == 2
    assert f"valid: {', '.join(plugins.names(plugins.CRAWLERS))}" in done.stderr


def test_an_error_as_json_says_whether_a_retry_can_help(home):
    _bifrost(home, "source", "add", "crm", "sqlite", "path=nowhere.db")
    done = _bifrost(home, "source", "test", "crm", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["retryable"] is True


def test_a_query_before_the_first_run_says_what_to_do(home):
    done = _bifrost(home, "sparql", "SELECT * WHERE { ?s ?p ?o }")
    assert done.returncode == 2
    assert "bifrost run" in done.stderr


def test_a_decisions_file_with_a_bad_line_names_the_line_and_appends_nothing(home, tmp_path):
    file = tmp_path / "decisions.jsonl"
    file.write_text('{"id": "x", "verdict": "perhaps"}\n')
    done = _bifrost(home, "decide", "--file", str(file))
    assert done.returncode == 2
    assert "decisions.jsonl:1" in done.stderr
    assert "accept, reject, skip" in done.stderr


def test_the_doctor_ends_with_code_1_when_a_source_is_wrong(home):
    assert _bifrost(home, "doctor").returncode == 0
    _bifrost(home, "source", "add", "crm", "sqlite", "path=nowhere.db")
    checks = json.loads(_bifrost(home, "doctor", "--json").stdout)
    assert {each["check"]: each["ok"] for each in checks}["source crm"] is False


def test_an_error_hides_every_secret_that_was_used(home, monkeypatch):
    monkeypatch.setenv("CRM_PASSWORD", "canary-pa55word")
    settings = ["host=127.0.0.1", "port=1", "database=crm", "user=canary-pa55word", "password=${env:CRM_PASSWORD}"]
    assert _bifrost(home, "source", "add", "crm", "postgresql", *settings).returncode == 0
    done = _bifrost(home, "source", "test", "crm", "--json")
    assert done.returncode == 1
    assert "canary-pa55word" not in done.stdout + done.stderr


STOCK = ("host=127.0.0.1", "port=1", "database=stock", "user=reader")


def test_a_source_is_registered_with_all_options_shown_changed_paused_and_resumed(home):
    options = ("--owner", "sales", "--rate-limit", "2.5", "--schedule", "0 3 * * *", "--description", "customers")
    added = json.loads(_bifrost(home, "source", "add", "crm", "sqlite", "path=crm.db", *options, "--json").stdout)
    assert [added[name] for name in ("owner", "rate_limit", "schedule", "description")] == [
        *("sales", 2.5, "0 3 * * *", "customers"),
    ]
    changes = ("exclude=[tmp_*]", "--schedule", "", "--rate-limit", "0", "--owner", "buying")
    changed = json.loads(_bifrost(home, "source", "change", "crm", *changes, "--json").stdout)
    assert changed["config"] == {"path": "crm.db", "exclude": ["tmp_*"]}
    assert [changed[name] for name in ("owner", "rate_limit", "schedule", "description")] == [
        *("buying", None, None, "customers"),
    ]
    assert json.loads(_bifrost(home, "source", "change", "crm", "exclude=", "--json").stdout)["config"] == {
        "path": "crm.db"
    }
    assert json.loads(_bifrost(home, "source", "pause", "crm", "--json").stdout)["paused"] is True
    assert json.loads(_bifrost(home, "source", "resume", "crm", "--json").stdout)["paused"] is False
    shown = _bifrost(home, "source", "show", "crm").stdout
    assert "owner: buying\n" in shown
    assert "path: crm.db\n" in shown


def test_a_secret_is_read_from_standard_input_and_kept_encrypted(home):
    add = ("source", "add", "stock", "postgresql", *STOCK, "--secret", "password")
    done = _bifrost(home, *add, "--json", given="canary-pa55word\nnot read\n")
    assert json.loads(done.stdout)["config"]["password"] == "${secret:stock/password}"
    listed = json.loads(_bifrost(home, "secrets", "list", "--json").stdout)["secrets"]
    assert listed == [{"name": "stock/password", "problem": ""}]
    assert json.loads(_bifrost(home, "secrets", "rotate", "--json").stdout)["secrets"] == 1
    assert _bifrost(home, "source", "change", "stock", "--secret", "password", given="another\n").returncode == 0
    failed = _bifrost(home, "source", "change", "stock", "--secret", "password")
    assert (failed.returncode, "holds no line for the secret 'password'" in failed.stderr) == (2, True)


def test_a_secret_among_the_arguments_is_refused_and_not_repeated(home):
    for setting in ("password=canary-pa55word", "canary-pa55word"):
        done = _bifrost(home, "source", "add", "stock", "postgresql", *STOCK, setting)
        assert done.returncode == 2
        assert "canary-pa55word" not in done.stdout + done.stderr


def test_a_lost_key_is_replaced_by_a_new_one_and_the_secrets_are_given_again(home, tmp_path):
    settings = home / "bifrost.yaml"
    settings.write_text(settings.read_text() + "secrets: {key_file: ../secret.key}\n")
    _bifrost(home, "source", "add", "stock", "postgresql", *STOCK, "--secret", "password", given="canary\n")
    assert _bifrost(home, "secrets", "new-key").returncode == 2
    (tmp_path / "secret.key").unlink()
    done = _bifrost(home, "source", "test", "stock")
    assert done.returncode == 2
    assert "bifrost secrets new-key" in done.stderr
    assert _bifrost(home, "secrets", "new-key").returncode == 0
    problems = json.loads(_bifrost(home, "secrets", "list", "--json").stdout)["secrets"]
    assert "another key" in problems[0]["problem"]
    assert _bifrost(home, "source", "change", "stock", "--secret", "password", given="canary\n").returncode == 0
    assert json.loads(_bifrost(home, "secrets", "list", "--json").stdout)["secrets"][0]["problem"] == ""


def test_a_declared_source_is_changed_in_its_file_only(home):
    (home / "bifrost.yaml").write_text("sources: {files: {kind: folder, path: files}}\n")
    for command in (("pause",), ("change",), ("remove", "--dry-run")):
        done = _bifrost(home, "source", command[0], "files", *command[1:])
        assert done.returncode == 2
        assert "declared in bifrost.yaml" in done.stderr


def test_kinds_crawls_and_records_are_shown(home):
    kinds = json.loads(_bifrost(home, "source", "kinds", "--json").stdout)
    assert next(kind for kind in kinds if kind["kind"] == "folder")["settings"]["required"] == ["path"]
    (home / "files").mkdir()
    (home / "files" / "a.txt").write_text("a")
    _bifrost(home, "source", "add", "files", "folder", "path=files")
    assert _bifrost(home, "run", "--stage", "crawl", "--retract-unselected").returncode == 0
    crawls = json.loads(_bifrost(home, "source", "crawls", "files", "--json").stdout)
    assert [crawl["state"] for crawl in crawls] == ["complete"]
    assert _bifrost(home, "source", "record", "files", "a.txt", "1").returncode == 2
