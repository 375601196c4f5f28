"""A trained model and how it scores."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from linker.learning.encoder.message_graph import MessageGraph
from linker.learning.encoder.model import Inputs, LinkModel, Shape
from linker.learning.encoder.settings import Training
from linker.learning.graph import Floats, Integers, KnowledgeGraph
from linker.learning.repeatable import repeatable


@dataclass(frozen=True)
class Trained:
    """A model with the graph it was trained on and what it was never shown."""

    model: LinkModel
    graph: KnowledgeGraph
    """All entities, and the links that the training saw."""
    held_out: Integers
    """Links kept back for early stopping and calibration, shape (links, 3)."""
    metrics: dict[str, float]

    def scorer(self, triples: Integers) -> "Scorer":
        """Read the graph of these links, and be ready to score."""
        relations = len(self.graph.relation_names)
        messages = MessageGraph(triples, entities=len(self.graph.entities), relations=relations)
        with repeatable(), torch.no_grad():
            self.model.eval()
            states, kinds = self.model.encode(messages.whole(self.model.shape.layers), all_inputs(self.graph))
        return Scorer(self.model, states, kinds)


@dataclass(frozen=True)
class Scorer:
    """States of all entities and relations; the number of relation r's inverse is r + relations."""

    model: LinkModel
    states: torch.Tensor
    kinds: torch.Tensor

    def against_all(self, heads: Integers, relations: Integers) -> Floats:
        """Score each (head, relation) with every entity as tail, shape (queries, entities)."""
        with repeatable(), torch.no_grad():
            asked = self.model.queries(self.states[torch.from_numpy(heads)], self.kinds[torch.from_numpy(relations)])
            scores: Floats = (asked @ self.states.T).numpy()
        return scores

    def against(self, heads: Integers, relation: int, tails: Integers) -> Floats:
        """Score heads with some entities as tails, shape (heads, tails)."""
        with repeatable(), torch.no_grad():
            asked = self.model.queries(self.states[torch.from_numpy(heads)], self.kinds[relation].unsqueeze(0))
            scores: Floats = (asked @ self.states[torch.from_numpy(tails)].T).numpy()
        return scores


def new_model(graph: KnowledgeGraph, training: Training, seen: Integers) -> LinkModel:
    """Make an untrained model; only entities in `seen` links get a vector of their own."""
    known = np.zeros(len(graph.entities), bool)
    known[seen[:, [0, 2]].ravel()] = True
    shape = Shape(
        entities=len(graph.entities),
        relations=len(graph.relation_names),
        types=max(len(graph.type_names), 1),
        text_width=graph.features.shape[1],
        dimensions=training.dimensions,
        layers=training.layers,
        composition=training.composition,
        scorer=training.scorer,
        dropout=training.dropout,
        identity_dropout=training.identity_dropout,
    )
    return LinkModel(shape, torch.from_numpy(known))


def all_inputs(graph: KnowledgeGraph) -> Inputs:
    """Give what is known of every entity."""
    return Inputs(
        entities=torch.arange(len(graph.entities)),
        types=torch.from_numpy(graph.entity_types),
        features=torch.from_numpy(graph.features),
    )


def weights_as_bytes(model: LinkModel) -> bytes:
    """Give the weights as a file's content; equal models give equal bytes."""
    buffer = io.BytesIO()
    torch.save({name: value.contiguous() for name, value in model.state_dict().items()}, buffer)
    return buffer.getvalue()


def weights_of(content: bytes) -> dict[str, torch.Tensor]:
    """Read what `weights_as_bytes` gave; nothing but tensors is accepted."""
    weights: dict[str, torch.Tensor] = torch.load(io.BytesIO(content), weights_only=True)
    return weights


def filled_model(shape: Shape, weights: Mapping[str, torch.Tensor]) -> LinkModel:
    """Make a model of these weights without drawing random numbers, which a training beside it may be drawing."""
    with torch.device("meta"):
        model = LinkModel(shape, torch.zeros(shape.entities))
    model.load_state_dict(weights, assign=True)
    return model
