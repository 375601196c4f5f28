"""What docs/write-a-connector.md and examples/connectors show is short, valid, and works."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bifrost import plugins
from bifrost.cli.app import app
from bifrost.cli.session import Session
from bifrost.config import read_source
from bifrost.project import Project

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "connectors"
GUIDE = (ROOT / "docs" / "write-a-connector.md").read_text()
KINDS = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.S | re.M)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A project's folder with the example scripts and what they read."""
    home = tmp_path / "project"
    (home / "connectors").mkdir(parents=True)
    for name in ("spectrometer.py", "shell_files.sh"):
        shutil.copy(EXAMPLES / name, home / "connectors")
    for folder in (home / "spectra", home / "data" / "spectra", home / "data" / "exports"):
        folder.mkdir(parents=True)
        (folder / "a.spx").write_text("SAMPLE B-0012\n400.0 0.123\n405.0 0.13\n")
    return home


def test_there_is_an_example_of_every_kind() -> None:
    assert set(KINDS) == set(plugins.names(plugins.CRAWLERS))
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", (EXAMPLES / "README.md").read_text(), re.M)
    listed = [name for kinds, files in rows for name in re.findall(r"`([a-z0-9]+)", kinds) if f"`{name}.yaml`" in files]
    assert sorted(listed) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_kind_is_valid(kind: str) -> None:
    (section,) = yaml.safe_load((EXAMPLES / f"{kind}.yaml").read_text()).items()
    assert section[0] == "sources"
    assert section[1]
    for name, entry in section[1].items():
        assert read_source(name, entry, where=kind).kind == kind


def test_the_script_in_the_guide_is_the_example_and_short() -> None:
    script = (EXAMPLES / "spectrometer.py").read_text()
    assert script in _blocks("python")
    assert len(script.splitlines()) < 30


def test_the_class_in_the_guide_is_the_test_of_the_plug_in() -> None:
    (shown,) = (block for block in _blocks("python") if "CrawlerContract" in block)
    test = (EXAMPLES / "plugin" / "tests" / "test_calendar_file.py").read_text()
    for line in shown.splitlines():
        assert line.partition("(")[0].strip() in test
    (entry_point,) = _blocks("toml")
    assert entry_point in (EXAMPLES / "plugin" / "pyproject.toml").read_text()


def test_the_settings_in_the_guide_crawl(
    home: Path, make_project: Callable[..., Project], crawl: Callable[..., Any]
) -> None:
    (settings,) = _blocks("yaml")
    project = make_project(yaml.safe_load(settings)["sources"])
    report = crawl(project)
    assert report.failures == ()
    assert [(each.item.key, each.rows) for each in project.catalog.items("lab")] == [("a.spx", None), ("points", 2)]
    assert crawl(project).counts["unchanged"] == 2


def test_the_example_of_scripts_crawls(
    home: Path, make_project: Callable[..., Project], crawl: Callable[..., Any]
) -> None:
    project = make_project(yaml.safe_load((EXAMPLES / "script.yaml").read_text())["sources"])
    assert crawl(project).failures == ()
    assert [each.item.key for each in project.catalog.items("exports")] == ["a.spx"]
    assert len(project.catalog.items("lab")) == 2


def test_the_commands_in_the_guide_work(home: Path) -> None:
    (commands,) = (block for block in _blocks("") if "source add lab" in block)
    (home / "bifrost.yaml").write_text("")
    said = ""
    for line in commands.splitlines():
        _, *arguments = shlex.split(line, comments=True)
        if arguments[0] == "source":
            done = CliRunner().invoke(app, ["--dir", str(home), *arguments], obj=Session(home))
            assert done.exit_code == 0, line + done.output
            said += done.output
    assert "1 spectra in" in said
    assert "a.spx" in said
    assert "405" in said


def test_the_example_runs_by_hand(home: Path) -> None:
    (by_hand,) = (block for block in _blocks("") if block.startswith("echo"))
    done = subprocess.run(["sh", "-c", by_hand], cwd=home, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout.splitlines()[-1]) == {"complete": True}


def test_the_answers_in_the_guide_are_json() -> None:
    answers = [block for block in _blocks("") if block.startswith("{")]
    assert len(answers) == 3
    for block in answers:
        *_, last = [json.loads(line) for line in block.splitlines()]
        assert last == {"complete": True}
