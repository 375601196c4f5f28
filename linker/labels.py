"""Which field of a table names its records for people."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from bifrost.model import Table

_NAME_LIKE = ("name", "title", "label")
_LEAST_FILLED = 0.2
"""A field that most records lack names none of them."""


def label_fields(tables: Sequence[Table], profiles: pa.Table) -> dict[str, str]:
    """Give table id -> the field that reads best as a label; empty where the key must serve."""
    by_table: dict[str, list[dict[str, Any]]] = {table.id: [] for table in tables}
    wanted = ["source", "table", "field", "position", "semantic", "rows", "distinct", "nulls", "type"]
    for row in profiles.select(wanted).to_pylist():
        by_table.setdefault(f"{row['source']}/{row['table']}", []).append(row)
    return {table.id: _label_field(by_table[table.id]) for table in tables}


def _label_field(profiles: Sequence[dict[str, Any]]) -> str:
    candidates = [(_readability(row), -row["position"], row["field"]) for row in profiles if _readability(row) > 0]
    return max(candidates)[2] if candidates else ""


def _readability(row: dict[str, Any]) -> float:
    if row["type"] != "text" or row["rows"] == 0:
        return 0.0
    filled = 1 - row["nulls"] / row["rows"]
    told_apart = row["distinct"] / max(row["rows"] - row["nulls"], 1)
    named = any(word in row["field"].lower() for word in _NAME_LIKE)
    if (row["semantic"] != "name" and not named) or filled < _LEAST_FILLED:
        return 0.0
    return filled * told_apart * (2.0 if named else 1.0) if told_apart > 0.5 else 0.0
