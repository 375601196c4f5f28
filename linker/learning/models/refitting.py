"""When a model is fitted anew, and how a new one comes into force."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bifrost.digests import digest_of
from bifrost.ports import Task as Steps
from bifrost.project import Project
from linker.learning.models.held_back import kept_back
from linker.learning.models.registry import Registry, Version
from linker.learning.models.task import Task
from linker.learning.proposing.questions import LEAST_LINKS
from linker.learning.proposing.verdicts import Verdicts

ASKED_FOR = "asked for"
CHANGED_SHARE = 0.05
"""Share of links that are new or gone from which on a model is fitted anew."""


@dataclass(frozen=True, slots=True)
class Refitting:
    """A fit that is due."""

    project: Project
    task: Task
    because: str

    @property
    def taught(self) -> Verdicts:
        """Give the answers that teach: none while there are fewer than a fit is worth; they shift probabilities."""
        few = len(self.task.verdicts.answered) < self.project.settings.linking.refit_after
        return Verdicts(()) if few and self.because != ASKED_FOR else self.task.verdicts


def why_refit(task: Task, registry: Registry, refit_after: int) -> str:
    """Say why a new fit is due; an empty string says that the latest one still serves."""
    latest = registry.latest()
    if latest is None or registry.in_force() is None:
        return "no model yet"
    if latest.identity != task.identity:
        return "settings changed"
    answers = len(task.verdicts.answered)
    if abs(answers - latest.answers) >= refit_after:
        return f"{abs(answers - latest.answers)} answers since"
    return _changed(task, registry, latest)


def _changed(task: Task, registry: Registry, latest: Version) -> str:
    graph = task.graph
    counts = np.bincount(graph.relations, minlength=len(graph.relation_names))
    many = {name for name, count in zip(graph.relation_names, counts, strict=True) if count >= LEAST_LINKS}
    new = sorted(many - set(latest.parts.get("relations", many)))
    if new:
        return f"{len(new)} new types of links"
    before = registry.keys(latest)
    different = len(np.setxor1d(before, task.keys, assume_unique=True))
    return f"{different} links changed" if different > CHANGED_SHARE * max(len(before), 1) else ""


def refit(due: Refitting, steps: Steps) -> Version:
    """Fit a model, keep it as a version, and put it in force unless it is worse than the one that is."""
    from linker.learning.models.fitting import fit_model
    from linker.learning.models.promotion import compare
    from linker.learning.models.storing import load_model, store_model

    project, task, registry = due.project, due.task, Registry(due.project)
    links = registry.store_keys(task.keys)
    data = digest_of([task.identity, links, due.taught.identity()])
    latest = registry.latest()
    if latest is not None and latest.data == data:
        return latest
    material = kept_back(task.described, task.answered(due.taught), task.training)
    checkpoint = _checkpoint_file(project, data)
    model = fit_model(material, task.training, skipped_types=task.skipped_types, checkpoint=checkpoint)
    steps.advance()
    before, compared = registry.in_force(), None
    if model and before and before.parts and before.identity == task.identity:
        compared = compare(model, load_model(project.staging, before.parts), material)
    version = Version(
        parts=store_model(project.staging, model) if model else {},
        data=data,
        identity=task.identity,
        links=links,
        answers=len(due.taught.answered),
        because=due.because,
        compared=compared.as_json() if compared else None,
    )
    better_than_none = model is not None or before is None
    registry.add(version, promoted=better_than_none and not (compared and compared.worse))
    checkpoint.unlink(missing_ok=True)
    steps.advance()
    return version


def _checkpoint_file(project: Project, given: str) -> Path:
    """Name the file of a training under way; those of other inputs will never be finished and go."""
    folder = project.cache_folder("learning")
    path = folder / f"{given}.checkpoint"
    for other in folder.glob("*.checkpoint"):
        if other != path:
            other.unlink(missing_ok=True)
    return path
