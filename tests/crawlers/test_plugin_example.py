"""The plug-in in examples/connectors/plugin is found by its entry point, keeps the contract, and works as ours do."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "examples" / "connectors" / "plugin"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """Do what an installer does, without one: the package on the path, and its metadata beside it."""
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text())["project"]
    site = tmp_path / "site"
    metadata = site / f"bifrost_calendar-{project['version']}.dist-info"
    metadata.mkdir(parents=True)
    (site / "bifrost_calendar").symlink_to(PLUGIN / "bifrost_calendar")
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    groups = project["entry-points"].items()
    (metadata / "entry_points.txt").write_text(
        "\n".join(line for group, entries in groups for line in (f"[{group}]", *map(" = ".join, entries.items())))
    )
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}


def _run(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_plug_in_passes_its_own_contract_test(installed: dict[str, str]) -> None:
    options = ["-p", "no:cacheprovider", "--import-mode=importlib", "-c", os.devnull, "-q"]
    said = _run(installed, "pytest", *options, str(PLUGIN / "tests"))
    assert "18 passed" in said


def test_the_plug_in_is_registered_and_crawled_from_the_command_line(installed: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "project"
    calendar = home / "plant.ics"
    _run(installed, "bifrost", "--dir", str(home), "init")
    calendar.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Audit\nDTSTART:20260301\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    _run(installed, "bifrost", "--dir", str(home), "source", "add", "plant", "calendar", "path=plant.ics")
    assert _run(installed, "bifrost", "--dir", str(home), "source", "test", "plant").strip() == "1 events in plant.ics"
    rows = json.loads(_run(installed, "bifrost", "--dir", str(home), "source", "preview", "plant", "events", "--json"))
    assert rows[0]["summary"] == "Audit"
