"""Write the Airflow pools that the sources of BIFROST_HOME need, in the form that `airflow pools import` reads.

A pool must be there before a task that names it can run, and tasks cannot make one: run this, and the import, where
Airflow's own database can be reached, after a source got a limit on its rate.
"""

import json
import os
import sys
from pathlib import Path

from bifrost.registry import registered_sources


def pools(project: Path) -> dict[str, dict[str, object]]:
    """Give the pools by name: one slot for each source with a limit on its rate."""
    return {
        source.pool: {"slots": 1, "description": f"reads source {source.name}", "include_deferred": True}
        for source in registered_sources(project)
        if source.pool
    }


if __name__ == "__main__":
    json.dump(pools(Path(os.environ.get("BIFROST_HOME", "."))), sys.stdout, indent=2)
    sys.stdout.write("\n")
