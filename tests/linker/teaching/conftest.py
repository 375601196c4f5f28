"""A factory's three databases with rules that are planted and hidden, linked once; each test gets a copy."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from bifrost import review
from bifrost.model import Proposal, RuleKind
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import Project, create_project, open_project
from bifrost.runner import run_stages

SETTINGS = """
base: https://kg.example.org/
linking: {graph_learning: false, precision: 0.9}
extraction: {embeddings: false, workers: 1}
sources:
  supply: {kind: sqlite, path: ../data/supply.db}
  plant: {kind: sqlite, path: ../data/plant.db}
  sales: {kind: sqlite, path: ../data/sales.db}
"""
SUPPLIERS, BATCHES, ORDERS, RETURNS = 8, 60, 200, 90
REGIONS = ["north", "south", "east"]
FAMILIES = ["SEAL", "BOND", "FOAM", "COAT"]
WORDS = ["amber", "basalt", "cobalt", "dune", "ember", "fjord", "garnet", "harbor", "indigo", "juniper", "krypton"]


def write(path: Path, table: str, columns: str, rows: list[tuple[object, ...]]) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE {table} ({columns})")
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def supplier_of_batch(batch: int) -> int:
    return 1 + batch * 5 % SUPPLIERS


def batch_of_order(order: int) -> int:
    return 1 + order * 7 % BATCHES


def write_data(folder: Path) -> None:
    folder.mkdir()
    chance = random.Random(7)
    write(
        folder / "supply.db",
        "suppliers",
        "supplier_id INTEGER PRIMARY KEY, name TEXT, region TEXT, remark TEXT",
        [
            (n, f"{WORDS[n].title()} Chemie", REGIONS[n % 3], f"{WORDS[n]} {WORDS[(n + 3) % 11]} works")
            for n in range(1, SUPPLIERS + 1)
        ],
    )
    write(
        folder / "supply.db",
        "batches",
        "batch_id TEXT PRIMARY KEY, supplier_id INTEGER, kg REAL",
        [(f"B-{n:04}", supplier_of_batch(n), 100.5 + n) for n in range(1, BATCHES + 1)],
    )
    write(
        folder / "plant.db",
        "orders",
        "order_no TEXT PRIMARY KEY, batch_id TEXT, article TEXT",
        [
            (f"PO-{n:05}", f"B-{batch_of_order(n):04}", f"{FAMILIES[n % 4]}-{1000 + n * 37 % 9000}-X")
            for n in range(1, ORDERS + 1)
        ],
    )
    write(
        folder / "plant.db",
        "families",
        "family TEXT PRIMARY KEY, title TEXT",
        [(name.lower(), f"{name.title()} products") for name in FAMILIES],
    )
    returns: list[tuple[object, ...]] = []
    for n in range(1, RETURNS + 1):
        order = 1 + n * 11 % ORDERS
        supplier = supplier_of_batch(batch_of_order(order))
        reason = "smell" if supplier in (2, 5) else chance.choice(["colour", "late", "size"])
        returns.append((f"R-{n:04}", f"PO-{order:05}", reason))
    write(folder / "sales.db", "returns", "return_no TEXT PRIMARY KEY, order_no TEXT, reason TEXT", returns)


@pytest.fixture(scope="session")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data and a project on it, whose references are in force."""
    folder = tmp_path_factory.mktemp("taught")
    write_data(folder / "data")
    project = create_project(folder / "home", SETTINGS)
    run_stages(project, Scope(), Silent(), ("crawl", "extract", "link"))
    return folder


@pytest.fixture
def project(factory: Path, tmp_path: Path) -> Project:
    """A copy that a test may change."""
    shutil.copytree(factory, tmp_path / "factory")
    return open_project(tmp_path / "factory" / "home")


class Planted:
    """What the data hides, and how tests look at a project."""

    def supplier_of_order(self, order: int) -> int:
        return supplier_of_batch(batch_of_order(order))

    def family_of_order(self, order: int) -> str:
        return FAMILIES[order % 4].lower()

    def link(self, project: Project) -> None:
        run_stages(project, Scope(), Silent(), ("crawl", "extract", "link"))

    def type_of(self, project: Project, start: str, end: str) -> Proposal:
        """Give the proposal of the reference between two tables."""
        (found,) = [
            each.proposal
            for each in review.current_proposals(project)
            if each.proposal.rule.kind is RuleKind.REFERENCE
            and (each.proposal.start.table, each.proposal.end.table) == (start, end)
        ]
        return found

    def links(self, project: Project, name: str) -> set[tuple[str, str]]:
        """Give the links of a type, ends as table/key."""
        predicate, head = project.namer.link(name), project.namer.base + "entity/"
        return {
            tuple("/".join(row[end].removeprefix(head).split("/")[1:]) for end in ("subject", "object"))
            for row in self.facts(project)
            if row["predicate"] == predicate
        }

    def facts(self, project: Project) -> list[dict[str, str]]:
        """Give the supports of all links."""
        units = project.snapshot().units.items()
        digests = [unit.facts for key, unit in units if key.startswith(("links:", "assertions"))]
        return project.staging.table(digests).to_pylist() if digests else []


@pytest.fixture
def planted() -> Planted:
    return Planted()
