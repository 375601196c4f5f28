"""Proposals for missing links: what the model in force says of the graph, remembered until either changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from bifrost.decisions import effective
from bifrost.digests import digest_of
from bifrost.errors import NothingToFit
from bifrost.model import Decision, Proposal
from bifrost.ports import Progress
from bifrost.project import Project
from bifrost.staging import Staging
from linker.learning.encoder.settings import Training
from linker.learning.models.refitting import ASKED_FOR, Refitting, refit, why_refit
from linker.learning.models.registry import Entry, Registry
from linker.learning.models.task import Task
from linker.learning.proposing.questions import open_questions

VERSION = 3
"""Part of every checkpoint: raised whenever the proposals for the same input may differ."""
STAGE, UNIT = "learn", "links"
LEAST_LINKS = 50
STEPS = 3


@dataclass(frozen=True, slots=True)
class Predictions:
    """What was proposed of a graph, and the tables that it was made of."""

    model: str = ""
    """The version's digest; empty when nothing was missing, and no model was needed."""
    links: str = ""
    entities: str = ""
    proposals: tuple[Proposal, ...] = field(default=())

    def store(self, staging: Staging) -> str:
        """Write it and return its digest."""
        proposals = [proposal.as_json() for proposal in self.proposals]
        return staging.put_json(
            {"model": self.model, "links": self.links, "entities": self.entities, "proposals": proposals}
        )

    @classmethod
    def load(cls, staging: Staging, digest: str) -> "Predictions":
        """Read what `store` wrote."""
        value: Mapping[str, Any] = staging.json(digest)
        proposals = tuple(Proposal.from_json(entry) for entry in value["proposals"])
        return cls(value["model"], value["links"], value["entities"], proposals)


def predict_links(
    project: Project,
    links: pa.Table,
    entities: pa.Table,
    decisions: Sequence[Decision],
    progress: Progress,
    *,
    training: Training | None = None,
) -> list[Proposal]:
    """Propose missing links, unfilled references first, at most 50 and all at least as likely as not.

    `links` has the columns subject, predicate, object (IRIs); `entities` has iri, type, label, and may have text.
    `decisions` are those that count now. A model is fitted where there is none, or where enough has changed. For the
    input of an earlier call the answer is read from staging, without loading the model.
    """
    if links.num_rows < LEAST_LINKS:
        return []
    task = Task.of(project, links, entities, decisions, training or Training())
    registry = Registry(project)
    given = _given(task, registry)
    known = project.catalog.checkpoint(STAGE, UNIT, given)
    if known is None or not project.staging.has(known):
        known = _predicted(project, task, progress).store(project.staging)
        # Fitting may have changed the model in force.
        project.catalog.finish_unit(STAGE, UNIT, _given(task, registry), known)
    return list(Predictions.load(project.staging, known).proposals)


def refit_links(project: Project, progress: Progress, *, training: Training | None = None) -> Entry:
    """Fit a model on the latest graph and every answer, unless the latest was; the next link predicts with it.

    Raises:
        NothingToFit: nothing was linked yet, or there are too few links.
        ProjectBusy: another run holds the project.
    """
    with project.exclusive(), progress.task("learn", STEPS) as steps:
        latest = project.catalog.checkpoints(STAGE).get(UNIT)
        if latest is None or not project.staging.has(latest[1]):
            raise NothingToFit(LEAST_LINKS)
        found = Predictions.load(project.staging, latest[1])
        links, entities = (project.staging.table([digest]) for digest in (found.links, found.entities))
        answers = effective(project.catalog.decisions()).values()
        task = Task.of(project, links, entities, list(answers), training or Training())
        steps.advance()
        refit(Refitting(project, task, because=ASKED_FOR), steps)
    return Registry(project).entries()[0]


def _predicted(project: Project, task: Task, progress: Progress) -> Predictions:
    """Propose with the model in force; where nothing is missing none is loaded or fitted."""
    links, entities = (project.staging.put_table(table).digest for table in (task.links, task.entities))
    with progress.task("learn", STEPS) as steps:
        if not open_questions(task.graph, task.skipped_types):
            return Predictions(links=links, entities=entities)
        registry = Registry(project)
        reason = why_refit(task, registry, project.settings.linking.refit_after)
        if reason:
            refit(Refitting(project, task, because=reason), steps)
        proposals: Sequence[Proposal] = ()
        version = registry.in_force()
        if version is not None and version.parts:
            from linker.learning.models.storing import load_model
            from linker.learning.proposing.proposals import propose

            proposals = propose(load_model(project.staging, version.parts), task, name=version.name)
        steps.advance()
    return Predictions(registry.digest, links, entities, tuple(proposals))


def _given(task: Task, registry: Registry) -> str:
    whole = registry.digest if registry.in_force() else ""
    return digest_of([VERSION, task.digest, whole])
