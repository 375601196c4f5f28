"""A project that is gone afterwards, made of files and read as in a run: what evaluations of linking work on."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

import yaml

from bifrost.errors import StageFailed
from bifrost.ports import Progress, Scope
from bifrost.progress import SILENT
from bifrost.project import Project, create_project
from bifrost.runner import run_stages

_DATABASES = (".sqlite", ".sqlite3", ".db")


@contextmanager
def workbench(places: Mapping[str, Path], progress: Progress = SILENT) -> Iterator[Project]:
    """Crawl and extract files, databases of SQLite or folders of files, each a source of the given name.

    Raises:
        StageFailed: one of them could not be read.
    """
    settings = {
        "sources": {source: _source(place) for source, place in places.items()},
        "extraction": {"annotators": []},
    }
    with tempfile.TemporaryDirectory() as home:
        project = create_project(Path(home), yaml.safe_dump(settings))
        for report in run_stages(project, Scope(), progress, ("crawl", "extract")):
            left_out = [f"{each.item}: {each.reason}" for each in project.catalog.rejects() if not each.place]
            if report.failures or left_out:
                raise StageFailed(report.stage, [*report.failures, *left_out])
        yield project


def _source(place: Path) -> dict[str, Any]:
    path = place.resolve()
    if path.is_dir():
        return {"kind": "folder", "path": str(path), "include": ["*.csv"]}
    if path.suffix.lower() in _DATABASES:
        return {"kind": "sqlite", "path": str(path)}
    return {"kind": "folder", "path": str(path.parent), "include": [escape(path.name)]}
