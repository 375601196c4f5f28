"""The main job on public data that was not made for it: two databases, office files and PDFs, scanned receipts."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent.parent.parent / "shared" / "data"


def sources(data: Path = DATA, receipts: str = "*.jpg") -> dict[str, dict[str, Any]]:
    """Give the sources: Northwind, Chinook, the documents of docling, receipts that match a pattern."""
    return {
        "northwind": {"kind": "sqlite", "path": str(data / "db-northwind" / "northwind.db")},
        "chinook": {"kind": "sqlite", "path": str(data / "db-chinook" / "Chinook_Sqlite.sqlite")},
        "documents": {
            "kind": "folder",
            "path": str(data / "docs-docling"),
            "exclude": ["**/groundtruth/**", "**/README.md", "**/LICENSE*", "README.md", "LICENSE*"],
        },
        "receipts": {"kind": "folder", "path": str(data / "ocr-sroie-receipts" / "img"), "include": [receipts]},
    }


def run(home: Path, entries: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Run all stages in a process of its own, and give reports, seconds and the largest process."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "bifrost.yaml").write_text(yaml.safe_dump({"sources": entries}))
    command = [sys.executable, "-m", "bifrost", "--dir", str(home)]
    started = time.monotonic()
    done = subprocess.run([*command, "run", "--json"], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    if not done.stdout:
        raise RuntimeError(done.stderr)
    status = subprocess.run([*command, "status", "--json"], capture_output=True, text=True, check=True)
    return {
        "seconds": round(seconds, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "reports": json.loads(done.stdout),
        "status": json.loads(status.stdout),
    }


def main() -> None:
    """Run twice and print both."""
    if not DATA.is_dir():
        print(json.dumps({"skipped": "the data with ground truth is not beside the project"}))
        return
    with tempfile.TemporaryDirectory() as folder:
        first = run(Path(folder) / "home", sources())
        second = run(Path(folder) / "home", sources())
    for report in first["reports"]:
        print(report["stage"], report["counts"], report["failures"])
    for reject in first["status"]["rejects"]:
        print("rejected", reject["source"], reject["item"], reject["place"], reject["reason"][:120])
    counts = {name: value for report in first["reports"] for name, value in report["counts"].items()}
    print(
        json.dumps(
            {
                "seconds": first["seconds"],
                "second_run_seconds": second["seconds"],
                "peak_mb": first["peak_mb"],
                "items": first["status"]["summary"]["items"],
                "entities": counts.get("entities"),
                "link_types": counts.get("link_types"),
                "links": counts.get("links"),
                "questions": counts.get("questions"),
                "rejects": len(first["status"]["rejects"]),
            }
        )
    )
