"""The set engine for the rows of one file: one thread, and rows keep their order."""

from pathlib import Path
from typing import Any

from bifrost.engine import connect as connect_engine


def connect(cache: Path) -> Any:
    """Open an engine in memory that spills into the cache."""
    folder = cache / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    connection = connect_engine(folder)
    connection.execute("SET threads = 1; SET preserve_insertion_order = true")
    return connection
