"""Training: seeded, resumable, and stopped early on links that were held out."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from linker.learning import checkpointing
from linker.learning.encoder.losses import Batch, denial_loss, link_loss
from linker.learning.encoder.message_graph import MessageGraph, seed_sampling
from linker.learning.encoder.settings import Training, planned_epochs
from linker.learning.encoder.steps import Reader
from linker.learning.encoder.trained import Trained, new_model
from linker.learning.graph import Integers, KnowledgeGraph, row_keys
from linker.learning.ranking import KnownLinks, rank
from linker.learning.repeatable import repeatable_draws

CHECKED_AT_MOST = 500
"""Held-out links that one check ranks; all of them serve the calibration."""


@dataclass(frozen=True)
class Lessons:
    """What people said about single links."""

    accepted: Integers = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    denied: Integers = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    accepted_weight: float = 3.0


def train(
    graph: KnowledgeGraph,
    training: Training,
    *,
    lessons: Lessons | None = None,
    held_out: Integers | None = None,
    checkpoint: Path | None = None,
) -> Trained:
    """Train a model on the graph's links.

    `held_out` links are for early stopping and are taken out of the graph; None chooses them at random. With a
    `checkpoint` path a killed training goes on where it was, and ends with the same model.
    """
    lessons = lessons or Lessons()
    held_out = _chosen(graph, training, lessons) if held_out is None else held_out
    seen = graph.triples[~np.isin(row_keys(graph.triples, graph), row_keys(held_out, graph))]
    with repeatable_draws():
        course = _Course.begin(graph.with_triples(seen), training, lessons, held_out)
        course.run(checkpoint)
    return Trained(course.model, course.graph, held_out, course.metrics())


@dataclass
class _Course:
    """A training under way."""

    graph: KnowledgeGraph
    training: Training
    lessons: Lessons
    held_out: Integers
    model: Any
    optimiser: Any
    reader: Reader
    epochs: int
    progress: checkpointing.Progress = field(default_factory=checkpointing.Progress)

    @classmethod
    def begin(cls, graph: KnowledgeGraph, training: Training, lessons: Lessons, held_out: Integers) -> "_Course":
        torch.manual_seed(training.seed)
        model = new_model(graph, training, graph.triples)
        entities, relations = len(graph.entities), len(graph.relation_names)
        return cls(
            graph=graph,
            training=training,
            lessons=lessons,
            held_out=held_out,
            model=model,
            optimiser=torch.optim.Adam(model.parameters(), lr=training.learning_rate),
            reader=Reader(graph, MessageGraph(graph.triples, entities=entities, relations=relations), training),
            epochs=planned_epochs(
                training,
                entities=entities,
                links=graph.links,
                questions=_questions(graph),
                text_width=graph.features.shape[1],
            ),
        )

    def run(self, checkpoint: Path | None) -> None:
        started = time.monotonic()
        if checkpoint:
            self.progress = checkpointing.resume(checkpoint, self.model, self.optimiser)
        while self.progress.epoch < self.epochs and not self._enough(started):
            self._train_epoch()
            self.progress.epoch += 1
            if self.progress.epoch % self.training.check_every == 0 or self.progress.epoch == self.epochs:
                self._check()
                if checkpoint:
                    checkpointing.save(checkpoint, self.progress, self.model, self.optimiser)
        if self.progress.best is not None:
            self.model.load_state_dict(self.progress.best)

    def metrics(self) -> dict[str, float]:
        return {"epochs": float(self.progress.epoch), "held_out_mrr": round(self.progress.best_mrr, 4)}

    def _enough(self, started: float) -> bool:
        limit = self.training.limit_seconds
        late = limit is not None and time.monotonic() - started > limit
        return late or self.progress.worse_checks >= self.training.patience

    def _train_epoch(self) -> None:
        epoch = self.progress.epoch
        # Seeded by epoch, so that a resumed training draws what an undisturbed one would have drawn.
        torch.manual_seed(self.training.seed * 1_000_003 + epoch)
        seed_sampling(self.training.seed * 1_000_003 + epoch)
        for group in self.optimiser.param_groups:
            group["lr"] = self.training.learning_rate * _annealed(epoch / self.epochs)
        self.model.train()
        for links in self._batches():
            self._step(links)

    def _batches(self) -> Iterator[torch.Tensor]:
        yield from torch.randperm(self.graph.links).split(self.training.batch_links)

    def _step(self, links: torch.Tensor) -> None:
        denied = torch.from_numpy(self.lessons.denied)
        batch = Batch.of(self.graph, links, self._weights(links))
        view = self.reader.read(self.model, links, batch, denied)
        loss = link_loss(self.model, view, batch, self.training.regularisation)
        if len(denied):
            loss = loss + self.training.denial_weight * denial_loss(self.model, view, denied)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    def _weights(self, links: torch.Tensor) -> torch.Tensor:
        chosen = row_keys(self.graph.triples[links.numpy()], self.graph)
        confirmed = np.isin(chosen, row_keys(self.lessons.accepted, self.graph))
        return torch.from_numpy(np.where(confirmed, self.lessons.accepted_weight, 1.0).astype(np.float32))

    def _check(self) -> None:
        if not len(self.held_out):
            self.progress.note(0.0, self.model.state_dict())
            return
        trained = Trained(self.model, self.graph, self.held_out, {})
        known = KnownLinks(self.graph, np.concatenate([self.graph.triples, self.held_out]))
        ranks = rank(trained.scorer(self.graph.triples), self.held_out[:CHECKED_AT_MOST], known)
        self.progress.note(float((1 / ranks).mean()), self.model.state_dict())


def _chosen(graph: KnowledgeGraph, training: Training, lessons: Lessons) -> Integers:
    """Hold links out at random, but none that a person confirmed: those are for learning."""
    free = graph.triples[~np.isin(row_keys(graph.triples, graph), row_keys(lessons.accepted, graph))]
    count = min(int(len(free) * training.held_out_share), training.held_out_at_most)
    order = np.random.default_rng(training.seed).permutation(len(free))
    return free[order[:count]]


def _questions(graph: KnowledgeGraph) -> int:
    """Count the distinct pairs of subject and relation in both directions."""
    return sum(
        len(np.unique(ends * len(graph.relation_names) + graph.relations)) for ends in (graph.heads, graph.tails)
    )


def _annealed(done: float) -> float:
    return float(0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * done)))
