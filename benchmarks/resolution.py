"""Find who is who among made-up people, a fifth of whom stand in the list again: quality, time, memory, and growth."""

import json
import math
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.people import make_people

SIZES = (10_000, 100_000, 1_000_000)


def measure(records: int) -> dict[str, Any]:
    """Resolve a list of so many people in this process: reading, profiles and matching of fields included."""
    from linker.evaluation.resolution import evaluate_resolution

    with tempfile.TemporaryDirectory() as folder:
        people, truth = make_people(records).write(Path(folder))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = evaluate_resolution(people, truth=truth)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wanted = ("precision", "recall", "f1", "candidate_recall", "seconds")
    return {
        "records": records,
        **{name: found[name] for name in wanted},
        "peak_mb": peak // 1024,
        "peak_mb_before": before // 1024,
    }


def main() -> None:
    """Measure each size in a process of its own, and print the exponent of the growth from the first to the last."""
    found = []
    for records in SIZES:
        command = [sys.executable, "-m", "benchmarks.resolution", str(records)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
        print(json.dumps(found[-1]), flush=True)
    growth = math.log(found[-1]["seconds"] / found[0]["seconds"]) / math.log(SIZES[-1] / SIZES[0])
    print(json.dumps({"exponent": round(growth, 2)}))


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
