"""Which fields refer to which keys, with what the database declares about that hidden."""

import time
from pathlib import Path
from typing import Any

from bifrost.model import End
from bifrost.ports import Progress
from bifrost.progress import SILENT
from bifrost.truth_file import TruthUnusable, read_rows
from bifrost.workbench import workbench
from linker.evaluation.scores import compared
from linker.evidence import read_evidence
from linker.references.discover import discover

EVEN = 0.5
_SOURCE = "data"

Reference = tuple[str, str, str, str]


def evaluate_references(place: Path, *, truth: Path, progress: Progress = SILENT) -> dict[str, Any]:
    """Find the references in a database of SQLite or a folder of CSV files, one for each table.

    `truth` has the columns table, column, ref_table and ref_column; the fields of a composite key are joined with +,
    and names are compared without case. A reference counts as found from a probability of 0.5 on.

    Raises:
        TruthUnusable: the truth has not these columns.
    """
    started = time.perf_counter()
    true = declared(truth)
    with workbench({_SOURCE: place}, progress) as project:
        evidence = read_evidence(project, project.catalog.head("extraction") or "", {})
        proposals = discover(project, evidence.tables, evidence.profiles, evidence.matches, progress)
        names = {table.name: Path(table.name).stem if place.is_dir() else table.name for table in evidence.tables}
    found = {
        (*written_end(names, proposal.start), *written_end(names, proposal.end))
        for proposal in proposals
        if proposal.probability >= EVEN
    }
    return {
        **compared(found, true),
        "wrong": sorted(map(_written, found - true)),
        "missed": sorted(map(_written, true - found)),
        "tables": len(names),
        "seconds": round(time.perf_counter() - started, 1),
    }


def declared(truth: Path) -> set[Reference]:
    """Read the true references; names in lower case, fields of composite keys joined with +."""
    header, *rows = read_rows(truth)
    columns = [name.lower() for name in header]
    try:
        places = [columns.index(name) for name in ("table", "column", "ref_table", "ref_column")]
    except ValueError as error:
        raise TruthUnusable(truth, "its header must name table, column, ref_table and ref_column") from error
    return {(_of(row, places[0]), _of(row, places[1]), _of(row, places[2]), _of(row, places[3])) for row in rows}


def _of(row: list[str], place: int) -> str:
    return row[place].lower().replace(" + ", "+")


def written_end(names: dict[str, str], end: End) -> tuple[str, str]:
    """Write an end as the truth does."""
    return names[end.table].lower(), "+".join(end.fields).lower()


def _written(reference: Reference) -> str:
    return "{}.{} -> {}.{}".format(*reference)
