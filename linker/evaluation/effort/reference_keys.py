"""Candidates among the references of a database whose declarations are hidden: each is a type of link."""

from pathlib import Path

import numpy as np

from bifrost.ports import Progress
from bifrost.workbench import workbench
from linker.evaluation.effort.candidates import Listed
from linker.evaluation.references import declared, written_end
from linker.evidence import read_evidence
from linker.references.discover import discover

TRUTH = "foreign_keys.csv"
_DATABASES = (".sqlite", ".sqlite3", ".db")


def reference_keys(folder: Path, progress: Progress) -> Listed:
    """Propose references and compare them with foreign_keys.csv; one that is not proposed counts as one link.

    Raises:
        TruthUnusable: the truth has not the columns table, column, ref_table and ref_column.
    """
    true = declared(folder / TRUTH)
    with workbench({"data": _database(folder)}, progress) as project:
        evidence = read_evidence(project, project.catalog.head("extraction") or "", {})
        proposals = discover(project, evidence.tables, evidence.profiles, evidence.matches, progress)
        names = {table.name: table.name for table in evidence.tables}
    found = [(*written_end(names, each.start), *written_end(names, each.end)) for each in proposals]
    numbers: dict[str, int] = {}
    ends = [[numbers.setdefault(".".join(key[at : at + 2]), len(numbers)) for at in (0, 2)] for key in found]
    right = np.array([key in true for key in found], bool)
    links = np.array([max(each.estimated_links, 1) for each in proposals], np.int64)
    return Listed(
        types=tuple(f"link types by {each.rule.kind.value}" for each in proposals),
        ends=np.array(ends, np.int64).reshape(-1, 2),
        truth=right,
        links=links,
        true_links=int(links[right].sum()) + len(true - set(found)),
        probability=np.array([each.probability for each in proposals]),
        together=False,
    )


def is_reference_keys(folder: Path) -> bool:
    """Tell whether a folder has this layout."""
    return (folder / TRUTH).is_file() and any(path.suffix in _DATABASES for path in folder.iterdir())


def _database(folder: Path) -> Path:
    return next(path for path in sorted(folder.iterdir()) if path.suffix in _DATABASES)
