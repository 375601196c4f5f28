"""The contract of every projection: subclass it, give the projection, and tell how to read its content."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bifrost import plugins
from bifrost.ports import Projection
from bifrost.project import Project, create_project, open_project
from bifrost.snapshots import EMPTY, ChangeSet, Snapshot
from bifrost.testing.graphs import Fact, entity, labelled, linked, snapshot_of, typed, valued

FIRST, SECOND, THIRD = entity("1"), entity("2"), entity("3")
CUSTOMER = entity("c1", "crm", "customers")

Units = Mapping[str, Sequence[Fact]]

BEGINNING: Units = {
    "orders": [typed(FIRST), labelled(FIRST, "Order one"), valued(FIRST, "amount", "1.50", "decimal")],
    "more orders": [typed(SECOND), labelled(SECOND, "Order two"), valued(SECOND, "note", 'He said "hi"\n\\u0041')],
    "customers": [typed(CUSTOMER, "crm", "customers"), labelled(CUSTOMER, "Nordwerk", "crm")],
    "links": [linked(FIRST, "placed by", CUSTOMER, ("shop", "crm"), confidence=0.9)],
}
CHANGED: Units = {
    "orders": [typed(FIRST), labelled(FIRST, "Order one"), valued(FIRST, "amount", "2.50", "decimal")],
    "customers": BEGINNING["customers"],
    "new": [typed(THIRD), labelled(THIRD, "Order three", place="page 3, table 1")],
    "links": [linked(THIRD, "placed by", CUSTOMER, ("shop", "crm"))],
}

_APPLY = """
import sys
from pathlib import Path
from bifrost import plugins
from bifrost.project import open_project
from bifrost.snapshots import ChangeSet, Snapshot

home, name, origin, target = sys.argv[1:]
project = open_project(Path(home))
load = lambda digest: Snapshot.load(project.staging, digest or None)
projection = plugins.load(plugins.PROJECTIONS, name)(project)
print("ready", flush=True)
projection.apply(ChangeSet(project.staging, load(origin), load(target)))
"""


class ProjectionContract:
    """What every store that is fed from change sets must do."""

    projection: str
    """Name of the projection's entry point."""
    many = 1_500
    """Entities in the change whose writer is killed: enough that the kill comes in its middle."""

    def content(self, project: Project) -> Any:
        """Give what readers of the store find in it, comparable, without its cursor."""
        raise AssertionError("a contract's subclass says how to read its store")

    @pytest.fixture
    def project(self, tmp_path: Path) -> Project:
        """Make an empty project."""
        return create_project(tmp_path / "home", "")

    def opened(self, project: Project) -> Projection:
        """Open the projection."""
        found: Projection = plugins.load(plugins.PROJECTIONS, self.projection)(project)
        return found

    def publish(self, project: Project, origin: Snapshot, target: Snapshot) -> None:
        """Apply one change."""
        store = self.opened(project)
        store.apply(ChangeSet(project.staging, origin, target))
        store.close()

    def rebuilt(self, project: Project, target: Snapshot) -> Any:
        """Give the content of a new store in a project of its own that was built from nothing."""
        other = create_project(project.home.parent / f"rebuilt-{target.digest}", "")
        store = self.opened(other)
        store.apply(ChangeSet(project.staging, EMPTY, target))
        store.close()
        return self.content(other)

    def test_a_new_store_has_no_cursor(self, project: Project) -> None:
        assert self.opened(project).cursor() is None

    def test_the_cursor_is_the_snapshot_that_is_shown(self, project: Project) -> None:
        first = snapshot_of(project, BEGINNING)
        self.publish(project, EMPTY, first)
        assert self.opened(project).cursor() == first.digest

    def test_changes_lead_to_the_same_store_as_building_it_anew(self, project: Project) -> None:
        first, second = snapshot_of(project, BEGINNING), snapshot_of(project, CHANGED)
        self.publish(project, EMPTY, first)
        self.publish(project, first, second)
        assert self.content(project) == self.rebuilt(project, second)
        assert self.content(project) != self.rebuilt(project, first)

    def test_going_back_gives_the_first_store_again(self, project: Project) -> None:
        first, second = snapshot_of(project, BEGINNING), snapshot_of(project, CHANGED)
        self.publish(project, EMPTY, first)
        before = self.content(project)
        self.publish(project, first, second)
        self.publish(project, second, first)
        assert self.content(project) == before

    def test_applying_a_change_twice_is_applying_it_once(self, project: Project) -> None:
        first, second = snapshot_of(project, BEGINNING), snapshot_of(project, CHANGED)
        self.publish(project, EMPTY, first)
        self.publish(project, first, second)
        once = self.content(project)
        self.publish(project, first, second)
        assert self.content(project) == once
        assert self.opened(project).cursor() == second.digest

    def test_nothing_of_the_graph_remains_when_all_units_go(self, project: Project) -> None:
        first, nothing = snapshot_of(project, BEGINNING), snapshot_of(project, {})
        self.publish(project, EMPTY, first)
        self.publish(project, first, nothing)
        assert self.content(project) == self.rebuilt(project, nothing)

    def test_a_fact_stays_while_a_second_support_does(self, project: Project) -> None:
        twice = {"csv": [typed(FIRST), labelled(FIRST, "One")], "pdf": [labelled(FIRST, "One", place="page 1")]}
        once = {"csv": twice["csv"]}
        both, single = snapshot_of(project, twice), snapshot_of(project, once)
        self.publish(project, EMPTY, both)
        self.publish(project, both, single)
        assert self.content(project) == self.rebuilt(project, single)

    def test_a_removed_source_takes_exactly_its_facts_along(self, project: Project) -> None:
        first = snapshot_of(project, BEGINNING)
        rest = snapshot_of(project, {name: facts for name, facts in BEGINNING.items() if "orders" in name})
        self.publish(project, EMPTY, first)
        self.publish(project, first, rest)
        assert self.content(project) == self.rebuilt(project, rest)

    def test_a_cleared_store_can_be_built_again(self, project: Project) -> None:
        first = snapshot_of(project, BEGINNING)
        self.publish(project, EMPTY, first)
        before = self.content(project)
        store = self.opened(project)
        store.clear()
        assert store.cursor() is None
        store.close()
        self.publish(project, EMPTY, first)
        assert self.content(project) == before

    @pytest.mark.parametrize("delay_seconds", [0.02, 0.1, 0.3])
    def test_a_killed_writer_is_made_good_by_the_next(self, project: Project, delay_seconds: float) -> None:
        first = snapshot_of(project, BEGINNING)
        large = snapshot_of(project, {**CHANGED, "many": _many(self.many)})
        self.publish(project, EMPTY, first)
        before = self.content(project)
        _kill_while_applying(project, self.projection, first, large, delay_seconds)
        if self.opened(project).cursor() == first.digest:
            assert self.content(project) == before
        self.publish(project, first, large)
        assert self.content(project) == self.rebuilt(project, large)

    def test_after_a_kill_another_change_leaves_nothing_of_the_interrupted_one(self, project: Project) -> None:
        first, second = snapshot_of(project, BEGINNING), snapshot_of(project, CHANGED)
        large = snapshot_of(project, {**BEGINNING, "many": _many(self.many)})
        self.publish(project, EMPTY, first)
        _kill_while_applying(project, self.projection, first, large, 0.2)
        shown = self.opened(project).cursor()
        self.publish(project, Snapshot.load(project.staging, shown), second)
        assert self.content(project) == self.rebuilt(project, second)


def _many(count: int) -> list[Fact]:
    iris = [entity(f"many {number}") for number in range(count)]
    return [fact for iri in iris for fact in (typed(iri), labelled(iri, iri[-8:]), valued(iri, "amount", len(iri)))]


def _kill_while_applying(project: Project, name: str, origin: Snapshot, target: Snapshot, delay: float) -> None:
    command = [sys.executable, "-c", _APPLY, str(project.home), name, origin.digest, target.digest]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"ready\n"
    time.sleep(delay)
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    open_project(project.home)
