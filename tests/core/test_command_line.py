"""The command line: help, JSON, exit codes, and no import that is not needed."""

import json
import sqlite3
import subprocess
import sys

import pytest
import typer

from bifrost.cli.app import app

HEAVY = ("torch", "dgl", "spacy", "transformers", "splink", "sklearn", "onnxruntime", "duckdb", "pyarrow", "sqlalchemy")


def _bifrost(home, *arguments):
    command = [sys.executable, "-m", "bifrost", "--dir", str(home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


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
    assert "folder, postgresql, sqlite" in done.stderr


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
