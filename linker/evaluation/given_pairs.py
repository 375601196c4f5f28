"""Pairs of records, and which field of a table holds the identifiers that they are given by."""

from collections.abc import Collection, Mapping
from pathlib import Path

from bifrost.truth_file import TruthUnusable

Pair = tuple[str, str]


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
