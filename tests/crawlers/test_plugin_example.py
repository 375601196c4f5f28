"""The plug-in in examples/connectors/plugin is found by its entry point, keeps the contract, and works as ours do."""

import os
import re
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
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_plug_in_passes_its_own_contract_test(installed: dict[str, str]) -> None:
    options = ["-p", "no:cacheprovider", "--import-mode=importlib", "-c", os.devnull, "-q"]
    said = _run(installed, "-m", "pytest", *options, str(PLUGIN / "tests"))
    assert re.search(r"^\d\d passed", said, re.M), said


CRAWL = """
import sys
from pathlib import Path
from bifrost.config import read_source
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import create_project
from crawlers.stage import CrawlStage
project = create_project(Path(sys.argv[1]), "")
project.catalog.register(read_source("plant", {"kind": "calendar", "path": "plant.ics"}, where="here"))
print(CrawlStage().run(project, Scope(), Silent()).failures)
print([(each.item.key, each.rows) for each in project.catalog.items("plant")])
"""


def test_the_plug_in_is_registered_and_crawled_as_any_kind(installed: dict[str, str], tmp_path: Path) -> None:
    calendar = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Audit\nDTSTART:20260301\nEND:VEVENT\nEND:VCALENDAR\n"
    (tmp_path / "plant.ics").write_text(calendar)
    assert _run(installed, "-c", CRAWL, str(tmp_path)).splitlines() == ["()", "[('events', 1)]"]
