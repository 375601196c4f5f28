"""Published projects for the tests of stores and queries."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from bifrost.model import StageReport
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from bifrost.testing.graphs import Fact, snapshot_of
from graph_store.stage import PublishStage

Publish = Callable[[Mapping[str, Sequence[Fact]]], StageReport]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "home", "")


@pytest.fixture
def publish(project: Project) -> Publish:
    """Make units of facts the latest graph, and publish it."""

    def published(units: Mapping[str, Sequence[Fact]]) -> StageReport:
        project.catalog.move_head("snapshot", snapshot_of(project, units).digest)
        return PublishStage().run(project, Scope(), Silent())

    return published
