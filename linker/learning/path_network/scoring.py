"""A trained path network and how it scores, over the links it was trained on or any others of the same relations."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from linker.learning.graph import Floats, Integers, KnowledgeGraph
from linker.learning.path_network.asking import Candidates, Reading, Surroundings, ask
from linker.learning.path_network.cones import Question, Reach
from linker.learning.path_network.network import PathModel
from linker.learning.repeatable import repeatable

ROWS_AT_ONCE = 200_000
"""Candidates of all questions that are scored at once: it bounds the memory."""
NO_PLACES = np.zeros(0, np.int64)


@dataclass(frozen=True)
class PathNetwork:
    """A network with the graph it was trained on and what it was never shown."""

    model: PathModel
    graph: KnowledgeGraph
    """All entities, and the links that the training saw."""
    held_out: Integers
    metrics: dict[str, float]

    def scorer(self, triples: Integers, features: Floats | None = None) -> "PathScorer":
        """Be ready to score over these links, shape (links, 3), whatever their entities are.

        `features` are given where the entities are not those of the training; their number is taken from it.
        """
        features = self.graph.features if features is None else features
        surroundings = Surroundings.of(triples, entities=len(features), relations=len(self.graph.relation_names))
        return PathScorer(self.model, surroundings, torch.from_numpy(features))

    def as_bytes(self) -> bytes:
        """Give the weights as a file's content; equal networks give equal bytes."""
        buffer = io.BytesIO()
        torch.save({name: value.cpu().contiguous() for name, value in self.model.state_dict().items()}, buffer)
        return buffer.getvalue()


@dataclass(frozen=True)
class PathScorer:
    """Scores of answers over some links; the number of relation r's inverse is r + relations."""

    model: PathModel
    surroundings: Surroundings
    features: torch.Tensor

    def against_all(self, subjects: Integers, relations: Integers) -> Floats:
        """Score each (subject, relation) with every entity, shape (queries, entities); equal queries are read once."""
        entities = self.surroundings.adjacency.entities
        asked, place = np.unique(np.stack([subjects, relations], axis=1), axis=0, return_inverse=True)
        everyone = np.arange(entities)
        scores = self.for_candidates(asked[:, 0], asked[:, 1], [everyone] * len(asked))
        return np.stack(scores)[place.ravel()] if scores else np.zeros((0, entities), np.float32)

    def for_candidates(self, subjects: Integers, relations: Integers, candidates: Sequence[Integers]) -> list[Floats]:
        """Score each (subject, relation) with the candidates of its own; only what leads to them is read."""
        sizes = np.array([len(chosen) for chosen in candidates], np.int64)
        scores: list[Floats] = []
        with repeatable(), torch.no_grad():
            self.model.eval()
            for part in _portions(sizes):
                questions = [Question(int(subjects[number]), int(relations[number])) for number in part]
                scores.extend(self._scored(questions, [candidates[number] for number in part]))
        return scores

    def _scored(self, questions: Sequence[Question], candidates: Sequence[Integers]) -> list[Floats]:
        layers = self.model.shape.layers
        reaches = [Reach(self.surroundings.adjacency, question, layers - 1) for question in questions]
        chosen = [Candidates(entities, NO_PLACES) for entities in candidates]
        asked = ask(self.surroundings, reaches, chosen, Reading(layers))
        scores = self.model(asked, self.features.to(self.model.asked.device)).cpu().numpy()
        return np.split(scores, np.cumsum([len(entities) for entities in candidates])[:-1])


def _portions(sizes: Integers) -> Iterator[Integers]:
    """Cut questions into runs of at most `ROWS_AT_ONCE` candidates, or of one question."""
    portions = (np.cumsum(sizes) - sizes) // ROWS_AT_ONCE
    for portion in np.unique(portions):
        yield np.flatnonzero(portions == portion)
