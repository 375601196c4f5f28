"""The set engine for the rows of one file: one thread, and rows keep their order."""

import resource
from pathlib import Path
from typing import Any

from bifrost.engine import connect as connect_engine

_MOST_BYTES = 2 << 30


def connect(cache: Path) -> Any:
    """Open an engine in memory that spills into the cache."""
    folder = cache / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    connection = connect_engine(folder)
    connection.execute("SET threads = 1; SET preserve_insertion_order = true")
    allowed = resource.getrlimit(resource.RLIMIT_DATA)[0]
    if allowed != resource.RLIM_INFINITY:  # within a worker the engine shares what the file may use, and spills sooner
        connection.execute(f"SET memory_limit = '{min(allowed // 2, _MOST_BYTES) >> 20}MiB'")
    return connection
