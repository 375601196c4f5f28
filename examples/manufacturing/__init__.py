"""Why do customers send products back? A manufacturer's data in every format, with the planted truth."""

import shutil
from pathlib import Path
from typing import Any

from bifrost.errors import AlreadyThere
from examples.manufacturing import story, truth
from examples.manufacturing.databases import DATABASES, write_databases
from examples.manufacturing.labels import write_labels
from examples.manufacturing.mails import write_mails
from examples.manufacturing.notes import write_notes
from examples.manufacturing.reports import write_reports
from examples.manufacturing.slides import write_slides
from examples.manufacturing.tables import write_tables
from examples.manufacturing.world import World, plan

__all__ = ["generate", "sources", "story"]

FEWEST_BATCHES = 12
_FOLDERS = ("documents", "images", "tables")


def generate(directory: Path, *, scale: int = 40, seed: int = 7) -> None:
    """Write the sources and their truth into a directory; an example that lies there is replaced.

    `scale` is the number of material batches, at least `FEWEST_BATCHES`; the tables hold about 30 rows a batch,
    so 33,000 gives a million. Documents and images do not grow past 60 reports, 40 labels, 24 mails, 6 notes and
    4 decks. The same seed gives the same bytes wherever the same fonts are installed. Raises `AlreadyThere` when
    the directory holds files of these names that were not generated, and `ValueError` below the smallest scale.
    """
    if scale < FEWEST_BATCHES:
        raise ValueError(f"a scale of {scale} is too small for the story: take at least {FEWEST_BATCHES}")
    _clear(directory)
    directory.mkdir(parents=True, exist_ok=True)
    world = plan(scale=scale, seed=seed)
    write_databases(directory, world.tables())
    write_tables(directory / "tables", world.tables())
    truth.write(directory / "truth", _write_documents(directory, world))


def sources(directory: Path) -> dict[str, dict[str, Any]]:
    """Give the `sources:` section of a bifrost.yaml that reads the generated files."""
    databases = {name: {"kind": "sqlite", "path": str(directory / f"{name}.db")} for name in DATABASES}
    folders = {name: {"kind": "folder", "path": str(directory / name)} for name in _FOLDERS}
    return databases | folders


def _write_documents(directory: Path, world: World) -> truth.Truth:
    documents = directory / "documents"
    reports = write_reports(documents, world)
    namings = [
        *write_slides(documents, world),
        *write_notes(documents, world),
        *write_mails(documents, world),
        *write_labels(directory / "images", world),
    ]
    return truth.collect(world.references(), namings, reports)


def _clear(directory: Path) -> None:
    """Remove an earlier example; a half-written one without truth has to be removed by hand."""
    owned = [*(directory / f"{name}.db" for name in DATABASES), *(directory / name for name in (*_FOLDERS, "truth"))]
    present = [path for path in owned if path.exists()]
    if present and not (directory / "truth" / "link_types.csv").exists():
        raise AlreadyThere("path", str(present[0]), "it was not generated here, so choose another directory")
    for path in present:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
