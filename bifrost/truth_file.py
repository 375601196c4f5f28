"""Files that say what is true, for evaluations: delimited rows, whatever the delimiter."""

import csv
from pathlib import Path

from bifrost.errors import BifrostError

_DELIMITERS = ",;|\t%"


class TruthUnusable(BifrostError):
    """A file with the truth does not say what it should."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} cannot be used as truth: {reason}")
        self.file, self.reason = file, reason


def read_rows(file: Path) -> list[list[str]]:
    """Read the cells of a delimited file; blank lines are left out.

    Raises:
        TruthUnusable: it holds no rows of at least two cells.
    """
    text = file.read_text(encoding="utf-8-sig", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(row)]
    if not rows or min(map(len, rows)) < 2:
        raise TruthUnusable(file, "every line must hold at least two values")
    return rows
