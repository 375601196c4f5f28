"""A small world of real files, and a project on it that is run through the command line."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from docx import Document
from PIL import Image, ImageDraw, ImageFont

from bifrost.plugins import SERVICES, load
from bifrost.project import open_project
from graph_store.triples.published import read_state, view_folder


class World:
    """A home folder with a project, and its data beside it."""

    def __init__(self, folder: Path) -> None:
        self.home, self.data = folder / "home", folder / "data"

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start the command line in a process group of its own."""
        command = [sys.executable, "-m", "bifrost", "--dir", str(self.home), *arguments]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def call(self, *arguments: str, expect: int = 0):
        """Run a command to its end and give its JSON."""
        process = self.start(*arguments, "--json")
        output, errors = process.communicate(timeout=240)
        assert process.returncode == expect, output + errors
        return json.loads(output)

    def counts(self, reports, stage):
        """Give the counts of one stage."""
        return next(report["counts"] for report in reports if report["stage"] == stage)

    def quads(self):
        """Give every quad that readers of the triple store see, sorted."""
        import pyoxigraph

        folder = self.home / "stores" / "triples"
        store = pyoxigraph.Store.read_only(str(view_folder(folder, read_state(folder).view)))
        return sorted(str(quad) for quad in store)

    def rows(self, query):
        """Ask in SPARQL."""
        return load(SERVICES, "sparql")(open_project(self.home), query).rows

    def found(self, text):
        """Search, and give the labels."""
        return [hit.label for hit in load(SERVICES, "search")(open_project(self.home), text)]


def kill(process: subprocess.Popen) -> None:
    """Kill a process with its children, as the kernel would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def write_database(path: Path, rows: int = 40) -> None:
    """Write suppliers and batches without declared references."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE suppliers (supplier_id INTEGER PRIMARY KEY, name TEXT, city TEXT)")
        names = ["Nordwerk Chemie", "Brandt Pigmente", "Olsen Plast", "Castellano Resine", "Vidal Polymeres"]
        connection.executemany(
            "INSERT INTO suppliers VALUES (?, ?, ?)",
            [(number, name, "Hamburg") for number, name in enumerate(names, 101)],
        )
        connection.execute("CREATE TABLE batches (batch_id TEXT PRIMARY KEY, supplier_id INTEGER, kg REAL)")
        connection.executemany(
            "INSERT INTO batches VALUES (?, ?, ?)",
            [(f"B-{number:04}", 101 + number % 5, 100.5 + number) for number in range(1, rows + 1)],
        )


def write_scan(path: Path, number: int) -> None:
    """Write a page without a text layer."""
    page = Image.new("L", (1240, 800), 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(34)
    for line, text in enumerate([f"Quality report QR-{number:04}", f"Batch: B-{number:04}", "Moisture: 0.41"]):
        draw.text((120, 120 + 90 * line), text, fill=0, font=font)
    page.save(path, resolution=150)


def write_documents(folder: Path, scans: int = 2) -> None:
    """Write notes, a table and scans."""
    (folder / "scans").mkdir(parents=True)
    note = Document()
    note.add_heading("Visit at Nordwerk Chemie", 1)
    note.add_paragraph("Batch B-0007 of Nordwerk Chemie smelled of solvent. Batch 9 was fine.")
    note.save(folder / "visit.docx")
    deliveries = "\n".join(f"D-{number:03};B-{number:04};2025-03-{number % 28 + 1:02}" for number in range(1, 31))
    (folder / "deliveries.csv").write_text("delivery_no;batch;delivered_on\n" + deliveries + "\n")
    for number in range(1, scans + 1):
        write_scan(folder / "scans" / f"QR-{number:04}.pdf", number)


def write_world(folder: Path) -> World:
    """Write data and project."""
    world = World(folder)
    world.data.mkdir(parents=True)
    write_database(world.data / "supply.db")
    write_documents(world.data / "documents")
    world.home.mkdir()
    settings = {
        # The learner has tests of its own; here it would only cost its imports at every run.
        "linking": {"graph_learning": False},
        "sources": {
            "supply": {"kind": "sqlite", "path": str(world.data / "supply.db")},
            "documents": {"kind": "folder", "path": str(world.data / "documents")},
        },
    }
    (world.home / "bifrost.yaml").write_text(yaml.safe_dump(settings))
    return world


@pytest.fixture
def world(tmp_path):
    return write_world(tmp_path)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A world that was run once; tests of this module change it in their order."""
    world = write_world(tmp_path_factory.mktemp("published"))
    world.reports = world.call("run")
    return world
