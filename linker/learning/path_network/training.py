"""Training of a path network: repeatable, resumable, stopped by held-out links."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from linker.learning import checkpointing
from linker.learning.graph import Integers, KnowledgeGraph, row_keys
from linker.learning.path_network.asking import Surroundings
from linker.learning.path_network.drawing import Lesson, Lessons
from linker.learning.path_network.network import PathModel, Shape
from linker.learning.path_network.scoring import PathNetwork
from linker.learning.path_network.settings import PathTraining
from linker.learning.ranking import KnownLinks, rank
from linker.learning.repeatable import repeatable_draws

LEAST_RATE = 0.05
"""Share of the learning rate that is left at the end."""
NO_RIVAL = -50.0
"""Score of the rivals of a question that has none."""

Report = Callable[[int, float, float], None]
"""Told at every check: step, mean loss since the last check, held-out MRR."""


def train_path_network(
    graph: KnowledgeGraph,
    training: PathTraining,
    *,
    held_out: Integers | None = None,
    checkpoint: Path | None = None,
    report: Report | None = None,
) -> PathNetwork:
    """Train a network on the graph's links.

    `held_out` links are for early stopping and are taken out of the graph; None chooses them at random. With a
    `checkpoint` path a killed training goes on where it was, and ends with the same network.
    """
    held_out = _chosen(graph, training) if held_out is None else held_out
    seen = graph.triples[~np.isin(row_keys(graph.triples, graph), row_keys(held_out, graph))]
    with repeatable_draws():
        course = _Course.begin(graph.with_triples(seen), training, held_out)
        course.run(checkpoint, report or _silent)
    return course.network()


def new_path_model(graph: KnowledgeGraph, training: PathTraining) -> PathModel:
    """Make an untrained network."""
    torch.manual_seed(training.seed)
    degrees = np.bincount(np.concatenate([graph.heads, graph.tails]), minlength=len(graph.entities))
    shape = Shape(
        relations=2 * len(graph.relation_names),
        text_width=graph.features.shape[1],
        dimensions=training.dimensions,
        layers=training.layers,
        log_links=max(float(np.log1p(degrees).mean()), 0.1),
    )
    model: PathModel = PathModel(shape).to(training.device)
    return model


def loss_of(scores: torch.Tensor, lesson: Lesson) -> torch.Tensor:
    """Give the mean surprise at the right answers, each against its question's rivals.

    Rivals were drawn; each counts as many times as there are others like it, so that the sum estimates that over all.
    """
    right, questions, shares, weights = (
        torch.from_numpy(array).to(scores.device)
        for array in (lesson.right, lesson.asked.questions, lesson.log_shares, lesson.weights)
    )
    wrong, row = (scores + shares)[~right], questions[~right]
    top = torch.full_like(weights, NO_RIVAL).scatter_reduce(0, row, wrong.detach(), "amax")
    rivals = top + torch.zeros_like(weights).index_add(0, row, (wrong - top[row]).exp()).clamp(min=1e-9).log()
    surprise = torch.nn.functional.softplus(rivals[questions[right]] - scores[right])
    number = torch.zeros_like(weights).index_add(0, questions[right], torch.ones_like(surprise))
    return (surprise * (weights / number)[questions[right]]).sum() / weights.sum()


@dataclass
class _Course:
    """A training under way; `progress.epoch` counts steps."""

    graph: KnowledgeGraph
    training: PathTraining
    held_out: Integers
    model: PathModel
    optimiser: Any
    lessons: Lessons
    progress: checkpointing.Progress = field(default_factory=checkpointing.Progress)

    @classmethod
    def begin(cls, graph: KnowledgeGraph, training: PathTraining, held_out: Integers) -> "_Course":
        entities, relations = len(graph.entities), len(graph.relation_names)
        surroundings = Surroundings.of(graph.triples, entities=entities, relations=relations)
        model = new_path_model(graph, training)
        return cls(
            graph=graph,
            training=training,
            held_out=held_out,
            model=model,
            optimiser=torch.optim.AdamW(
                model.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay
            ),
            lessons=Lessons(surroundings, graph.triples, training),
        )

    def run(self, checkpoint: Path | None, report: Report) -> None:
        if checkpoint:
            self.progress = checkpointing.resume(checkpoint, self.model, self.optimiser)
        losses = []
        while self.progress.epoch < self.training.steps and self.progress.worse_checks < self.training.patience:
            losses.append(self._step(self.progress.epoch))
            self.progress.epoch += 1
            if self.progress.epoch % self.training.check_every == 0 or self.progress.epoch == self.training.steps:
                mrr = self._check()
                report(self.progress.epoch, float(np.mean(losses)), mrr)
                losses = []
                if checkpoint:
                    checkpointing.save(checkpoint, self.progress, self.model, self.optimiser)
        if self.progress.best is not None:
            self.model.load_state_dict(self.progress.best)

    def network(self) -> PathNetwork:
        measured = {"steps": float(self.progress.epoch), "held_out_mrr": round(self.progress.best_mrr, 4)}
        return PathNetwork(self.model, self.graph, self.held_out, measured)

    def _step(self, step: int) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = self.training.learning_rate * _pace(step, self.training)
        self.model.train()
        lesson = self.lessons.draw(step)
        features = torch.from_numpy(self.graph.features).to(self.training.device)
        loss = loss_of(self.model(lesson.asked, features), lesson)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        return float(loss.detach())

    def _check(self) -> float:
        if not len(self.held_out):
            self.progress.note(0.0, self.model.state_dict())
            return 0.0
        known = KnownLinks(self.graph, np.concatenate([self.graph.triples, self.held_out]))
        ranks = rank(self.network().scorer(self.graph.triples), self.held_out[: self.training.checked_at_most], known)
        mrr = float((1 / ranks).mean())
        self.progress.note(mrr, self.model.state_dict())
        return mrr


def _chosen(graph: KnowledgeGraph, training: PathTraining) -> Integers:
    count = min(int(graph.links * training.held_out_share), training.held_out_at_most)
    return graph.triples[np.random.default_rng(training.seed).permutation(graph.links)[:count]]


def _pace(step: int, training: PathTraining) -> float:
    """Give the share of the learning rate at a step: rising, then falling along a cosine."""
    rising = min(1.0, (step + 1) / max(training.warm_up, 1))
    falling = LEAST_RATE + (1 - LEAST_RATE) * 0.5 * (1 + float(np.cos(np.pi * step / training.steps)))
    return rising * falling


def _silent(step: int, loss: float, mrr: float) -> None:
    """Tell nobody."""
