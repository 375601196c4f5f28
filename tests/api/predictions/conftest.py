"""A plant whose batches name suppliers, some of them left out: really crawled, linked and published."""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from bifrost.ports import Scope
from bifrost.progress import SILENT
from bifrost.project import Project, create_project, open_project
from bifrost.runner import run_stages

SETTINGS = """
base: https://kg.example.org/
extraction: {embeddings: false, workers: 1}
sources:
  plant: {kind: folder, path: ../data}
"""
BASE = "https://kg.example.org/entity/plant"
METALS = ("Norda", "Kelvin", "Omega", "Tundra", "Zephyr", "Baltic", "Quartz", "Irwell", "Mistral", "Fjord")


@dataclass(frozen=True)
class Plant:
    """A project and the links that its data leaves out."""

    project: Project
    missing: dict[str, str]
    """IRI of a batch -> IRI of its supplier."""

    @property
    def gap(self) -> tuple[str, str]:
        """Give a batch and the supplier that it really has."""
        return next(iter(self.missing.items()))

    @property
    def supplied(self) -> str:
        """Give a batch whose supplier is known."""
        batches = (f"{BASE}/batches/B-{number:04d}" for number in range(len(self.missing) + 1))
        return next(batch for batch in batches if batch not in self.missing)


def supplier(number: int) -> str:
    return f"{BASE}/suppliers/S-{number:02d}"


def _write(folder: Path) -> dict[str, str]:
    """Write batches whose supplier follows from material and warehouse, and give those that were left out."""
    chance, missing = np.random.default_rng(5), {}
    batches = [("batch_id", "material_id", "warehouse_id", "supplier_id")]
    for number in range(240):
        metal, side, gap = int(chance.integers(10)), int(chance.integers(2)), chance.random() < 0.15
        named = (f"B-{number:04d}", f"M-{metal % 5:02d}", f"W-{metal // 5 + 2 * side:02d}")
        batches.append((*named, "" if gap else f"S-{metal:02d}"))
        if gap:
            missing[f"{BASE}/batches/{named[0]}"] = supplier(metal)
    rows = {
        "suppliers": [("supplier_id", "name"), *((f"S-{n:02d}", f"{name} Metals") for n, name in enumerate(METALS))],
        "materials": [("material_id", "grade"), *((f"M-{n:02d}", f"steel {n * 7919}") for n in range(5))],
        "warehouses": [("warehouse_id", "town"), *((f"W-{n:02d}", f"town {n * 104729}") for n in range(4))],
        "batches": batches,
    }
    for name, lines in rows.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    return missing


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """The plant after one run; tests only read it."""
    folder = tmp_path_factory.mktemp("predicted")
    (folder / "data").mkdir()
    missing = _write(folder / "data")
    project = create_project(folder / "home", SETTINGS)
    run_stages(project, Scope(), SILENT, ("crawl", "extract", "link", "publish"))
    return Plant(project, missing)


@pytest.fixture
def plant(untouched: Plant, tmp_path: Path) -> Plant:
    """A copy of the plant that a test may change."""
    shutil.copytree(untouched.project.home.parent, tmp_path / "copy")
    return Plant(open_project(tmp_path / "copy" / "home"), untouched.missing)


@pytest.fixture
def unlinked(tmp_path: Path) -> Project:
    """A project in which nothing ever ran."""
    return create_project(tmp_path / "unlinked", "{}")


@pytest.fixture
def read_web(untouched: Plant) -> Iterator[TestClient]:
    """The server of the plant that nobody changes."""
    with TestClient(create_app(untouched.project), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def plant_web(plant: Plant) -> Iterator[TestClient]:
    with TestClient(create_app(plant.project), base_url="http://localhost") as client:
        yield client
