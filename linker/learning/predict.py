"""Proposals for missing links: trained on the graph and on people's verdicts, remembered until either changes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from bifrost.iris import slug
from bifrost.model import Decision, Proposal, Verdict
from bifrost.ports import Progress
from bifrost.ports import Task as Steps
from bifrost.project import Project
from linker.learning.features import hashed_ngrams
from linker.learning.graph import TRIPLE, Integers, KnowledgeGraph, build_graph, unique_rows
from linker.learning.naming import link_name
from linker.learning.questions import open_questions
from linker.learning.registry import ModelManifest
from linker.learning.settings import Training
from linker.learning.verdicts import Verdicts

VERSION = 2
"""Part of every checkpoint: raised whenever the proposals for the same input may differ."""
STAGE, UNIT = "learn", "links"
LEAST_LINKS = 50
STEPS = 3


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

    `links` has the columns subject, predicate, object (IRIs); `entities` has iri, type, label. `decisions` are those
    that count now. For the input of an earlier call the answer is read from staging, without loading the model.
    """
    if links.num_rows < LEAST_LINKS:
        return []
    training = training or Training()
    verdicts = Verdicts.of(decisions)
    given = _digest(project, links, entities, verdicts, training)
    known = project.catalog.checkpoint(STAGE, UNIT, given)
    if known is None or not project.staging.has(known):
        known = _learn(project, _Task(links, entities, verdicts, training, given), progress).store(project.staging)
        project.catalog.finish_unit(STAGE, UNIT, given, known)
        _checkpoint_file(project, given).unlink(missing_ok=True)
    return list(ModelManifest.load(project.staging, known).proposals)


@dataclass(frozen=True)
class _Task:
    links: pa.Table
    entities: pa.Table
    verdicts: Verdicts
    training: Training
    given: str


def _learn(project: Project, task: _Task, progress: Progress) -> ModelManifest:
    """Train, stage the weights, and propose; where nothing is missing there is nothing to train for."""
    skipped = {project.namer.term("Document")}
    with progress.task("learn", STEPS) as steps:
        graph, lessons = _material(task.links, task.entities, task.verdicts)
        steps.advance()
        if not open_questions(graph, skipped):
            return ModelManifest(data=task.given, training=task.training.as_json())
        return _trained(project, task, graph, lessons, skipped, steps)


def _trained(
    project: Project,
    task: _Task,
    graph: KnowledgeGraph,
    lessons: tuple[Integers, Integers],
    skipped: set[str],
    steps: Steps,
) -> ModelManifest:
    from linker.learning.proposing import propose
    from linker.learning.train import Lessons, train

    trained = train(graph, task.training, lessons=Lessons(*lessons), checkpoint=_checkpoint_file(project, task.given))
    weights = project.staging.put_bytes([trained.as_bytes()], suffix=".pt").digest
    steps.advance()
    proposals = propose(trained, graph, task.verdicts, denied=lessons[1], weights=weights, skipped_types=skipped)
    steps.advance()
    return ModelManifest(weights, task.given, task.training.as_json(), trained.metrics, tuple(proposals))


def _material(
    links: pa.Table, entities: pa.Table, verdicts: Verdicts
) -> tuple[KnowledgeGraph, tuple[Integers, Integers]]:
    """Give the graph with the accepted links in it, and the accepted and rejected links by number."""
    graph = build_graph(links, entities, features=hashed_ngrams)
    predicates = {slug(link_name(predicate)): predicate for predicate in graph.relation_names}
    accepted, denied = (
        graph.numbered(
            _table([(head, predicates.get(slug(name), name), tail) for head, name, tail in verdicts.links(each)])
        )
        for each in (Verdict.ACCEPT, Verdict.REJECT)
    )
    complete = graph.with_triples(unique_rows(np.concatenate([graph.triples, accepted])))
    return complete, (accepted, denied)


def _table(rows: list[tuple[str, str, str]]) -> pa.Table:
    return pa.table({name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(TRIPLE)})


def _checkpoint_file(project: Project, given: str) -> Path:
    """Name the file of a training under way; those of other inputs will never be finished and go."""
    folder = project.cache_folder("learning")
    path = folder / f"{given}.checkpoint"
    for other in folder.glob("*.checkpoint"):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def _digest(project: Project, links: pa.Table, entities: pa.Table, verdicts: Verdicts, training: Training) -> str:
    rest = json.dumps([VERSION, project.settings.base, verdicts.identity(), training.as_json()], sort_keys=True)
    digest = hashlib.blake2b(rest.encode(), digest_size=16)
    for table, columns in ((links, TRIPLE), (entities, ("iri", "type", "label"))):
        digest.update(_content(table, columns))
    return digest.hexdigest()


def _content(table: pa.Table, columns: Sequence[str]) -> bytes:
    """Digest rows in a fixed order, however the table was cut into batches."""
    rows = table.select(list(columns)).cast(pa.schema([pa.field(name, pa.string()) for name in columns]))
    rows = rows.sort_by([(name, "ascending") for name in columns]).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return hashlib.blake2b(sink.getvalue(), digest_size=16).digest()
