"""A small supply chain with planted regularities, and a project around it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bifrost.project import Project, create_project
from linker.learning.encoder.settings import Training
from linker.learning.graph import Integers, KnowledgeGraph

BASE = "https://graph.example.org/"
NAMES = ("Norda", "Kelvin", "Omega", "Tundra", "Zephyr", "Baltic", "Quartz", "Irwell", "Mistral", "Fjord")


@dataclass
class World:
    """Links and entities as tables, and the links that were taken out."""

    links: list[tuple[str, str, str]] = field(default_factory=list)
    entities: list[tuple[str, str, str]] = field(default_factory=list)
    missing: dict[tuple[str, str], str] = field(default_factory=dict)
    """(head, predicate) -> tail."""

    def add(self, kind: str, number: int, label: str) -> str:
        iri = f"{BASE}entity/{kind}/{number}"
        self.entities.append((iri, f"{BASE}ontology/{kind}", label))
        return iri

    def link(self, head: str, name: str, tail: str) -> None:
        self.links.append((head, f"{BASE}link/{name}", tail))

    def missing_in(self, graph: KnowledgeGraph) -> Integers:
        """Give what was taken out as numbered triples of a graph, sorted."""
        place = {iri: number for number, iri in enumerate(graph.entities.to_pylist())}
        rows = [
            (place[head], graph.relation_names.index(predicate), place[tail])
            for (head, predicate), tail in self.missing.items()
        ]
        return np.array(sorted(rows))

    def links_table(self) -> pa.Table:
        return _table(self.links, ("subject", "predicate", "object"))

    def entities_table(self) -> pa.Table:
        return _table(self.entities, ("iri", "type", "label"))


def _table(rows: list[tuple[str, str, str]], names: tuple[str, str, str]) -> pa.Table:
    return pa.table({name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)})


def planted_world(batches: int = 240, seed: int = 5, hidden: float = 0.15, speaking: bool = False) -> World:
    """Make batches whose supplier follows from material and warehouse (and from the label, if it is speaking)."""
    world, chance = World(), np.random.default_rng(seed)
    suppliers = [world.add("supplier", number, f"{name} Metals Ltd") for number, name in enumerate(NAMES)]
    materials = [world.add("material", number, f"M{number:02d}") for number in range(5)]
    warehouses = [world.add("warehouse", number, f"W{number:02d}") for number in range(4)]
    for number in range(batches):
        supplier = int(chance.integers(len(suppliers)))
        label = f"{NAMES[supplier].upper()}-{number:04d}" if speaking else f"B-{number:04d}"
        batch = world.add("batch", number, label)
        world.link(batch, "of_material", materials[supplier % 5])
        world.link(batch, "stored_in", warehouses[supplier // 5 + 2 * int(chance.integers(2))])
        if chance.random() < hidden:
            world.missing[batch, f"{BASE}link/supplied_by"] = suppliers[supplier]
        else:
            world.link(batch, "supplied_by", suppliers[supplier])
    return world


@pytest.fixture(scope="session")
def make_world() -> Callable[..., World]:
    return planted_world


@pytest.fixture(scope="session")
def world() -> World:
    return planted_world()


@pytest.fixture(scope="session")
def quick() -> Training:
    return Training(dimensions=32, most_epochs=16, budget_seconds=3.0, batch_links=128)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "home", "{}")
