"""The set engine of one machine: DuckDB with bounded memory that spills into the project's cache."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

MEMORY_LIMIT = "2GB"


def connect(spill_folder: Path) -> Any:
    """Open a DuckDB connection of its own, in memory, whose big sorts and joins spill into a folder."""
    return duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(spill_folder),
            "preserve_insertion_order": False,
        }
    )


def scan(paths: Sequence[str]) -> str:
    """Give the SQL that reads staged batches as one relation, whatever order their columns are in."""
    files = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{files}], union_by_name = true)"


def identifier(name: str) -> str:
    """Quote a column's name."""
    return '"' + name.replace('"', '""') + '"'
