"""The publish stage: every store from the snapshot that it shows to the latest one."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from bifrost import plugins
from bifrost.errors import StagingDamaged
from bifrost.model import StageReport
from bifrost.ports import Progress, Projection, Scope
from bifrost.project import Project
from bifrost.snapshots import EMPTY, ChangeSet, Snapshot
from graph_store.rejected import record_rejects


class PublishStage:
    """Brings the stores up to date; a store that fails does not keep the others back."""

    name: ClassVar[str] = "publish"

    def run(self, project: Project, scope: Scope, progress: Progress) -> StageReport:
        """Apply what changed since each store's cursor; nothing is opened for writing when nothing did."""
        target = project.snapshot()
        counts = Counter({"facts": target.facts})
        failures: list[str] = []
        names = project.settings.stores.projections
        with progress.task("publish", len(names)) as task:
            for name in names:
                counts.update(_attempt(name, failures, partial(_publish, project, name, target)))
                task.advance()
        counts.update(_attempt("rejects", failures, partial(record_rejects, project, target)))
        return StageReport(self.name, dict(counts), tuple(failures))


def _attempt(name: str, failures: list[str], work: Callable[[], dict[str, int]]) -> dict[str, int]:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - a store's failure is recorded, and the others go on
        failures.append(f"{name}: {error}")
        return {}


def _publish(project: Project, name: str, target: Snapshot) -> dict[str, int]:
    projection: Projection = plugins.load(plugins.PROJECTIONS, name)(project)
    try:
        if projection.cursor() == target.digest or not (target.digest or projection.cursor()):
            return {f"added_{name}": 0, f"removed_{name}": 0}
        return _applied(project, projection, target)
    finally:
        projection.close()


def _applied(project: Project, projection: Projection, target: Snapshot) -> dict[str, int]:
    changes = _changes(project, projection, target)
    try:
        return _apply(projection, changes)
    except StagingDamaged:
        if not changes.origin.units:
            raise
        # What the store shows cannot be read any more, so that the difference is unknown; what it must show can.
        projection.clear()
        return _apply(projection, ChangeSet(project.staging, EMPTY, target))


def _apply(projection: Projection, changes: ChangeSet) -> dict[str, int]:
    counts = changes.counts()
    projection.apply(changes)
    return {f"{change}_{projection.name}": count for change, count in counts.items()}


def _changes(project: Project, projection: Projection, target: Snapshot) -> ChangeSet:
    """Give the changes from what the store shows; one that shows nothing, or nothing known, starts from nothing."""
    shown = projection.cursor()
    if shown and project.staging.has(shown):
        return ChangeSet(project.staging, Snapshot.load(project.staging, shown), target)
    projection.clear()
    return ChangeSet(project.staging, EMPTY, target)
