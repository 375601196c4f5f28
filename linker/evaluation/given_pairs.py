"""Pairs of records in files: lists of two identifiers, with or without a header and a label."""

import csv
from collections.abc import Collection, Mapping
from pathlib import Path

from bifrost.errors import BifrostError

Pair = tuple[str, str]

_DELIMITERS = ",;|\t%"


class TruthUnusable(BifrostError):
    """A file with the truth does not say what it should."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} cannot be used as truth: {reason}")
        self.file, self.reason = file, reason


def read_rows(file: Path) -> list[list[str]]:
    """Read the cells of a delimited file, whatever its delimiter; blank lines are left out.

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


def identifying_field(fields: Mapping[str, Collection[str]], wanted: Collection[str], file: Path) -> str:
    """Find the field whose values are the identifiers that a truth speaks of; `fields` gives the values of each.

    Raises:
        TruthUnusable: no field holds at least half of them.
    """
    known = set(wanted)
    shares = {name: len(known & set(values)) / max(1, len(known)) for name, values in fields.items()}
    best = max(shares, key=lambda name: shares[name], default="")
    if not best or shares[best] < 0.5:
        raise TruthUnusable(file, "its identifiers stand in no field of the table")
    return best
