"""The model: relation-aware message passing over links, and a scorer of (head, relation) against all tails.

Layers follow Vashishth et al., "Composition-based Multi-Relational Graph Convolutional Networks" (2020), sections
4.1 and 4.2: messages are compositions of sender and relation, with weights of their own for links, inverse links
and the entity itself. Scorers: DistMult (Yang et al., 2015) and ComplEx (Trouillon et al., 2016).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import nn

from linker.learning.encoder import message_graph
from linker.learning.encoder.message_graph import FORWARD, INVERSE

States: TypeAlias = torch.Tensor


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model and the choice of its parts."""

    entities: int
    relations: int
    types: int
    text_width: int
    dimensions: int = 64
    layers: int = 2
    composition: str = "multiply"
    """"multiply" or "correlate" (circular correlation)."""
    scorer: str = "complex"
    """"complex" or "distmult"."""
    dropout: float = 0.1
    identity_dropout: float = 0.1
    """Share of entities whose own vector is hidden in a step, so that text, type and links must do without it."""


class LinkModel(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Encodes entities and relations, and scores links.

    An entity starts as text + type + a vector of its own; entities without a link in training have no such vector
    (zero), so that unseen entities are encoded as the model has learned to do without it.
    """

    def __init__(self, shape: Shape, known: torch.Tensor) -> None:
        super().__init__()
        self.shape = shape
        width = shape.dimensions
        self.register_buffer("known", known.float().unsqueeze(1))
        self.identity = nn.Parameter(torch.randn(shape.entities, width) * 0.1)
        self.types = nn.Parameter(torch.randn(shape.types, width) * 0.1)
        self.text = nn.Linear(shape.text_width, width, bias=False) if shape.text_width else None
        self.relations = nn.Parameter(torch.randn(2 * shape.relations, width) * 0.5)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))

    def encode(
        self,
        blocks: Sequence[Any],
        inputs: "Inputs",
        weight: torch.Tensor | None = None,
    ) -> tuple[States, States]:
        """Give states of the last block's receivers and of the relations (both directions)."""
        states, relations = self._start(inputs), self.relations
        for layer, block in zip(self.layers, blocks, strict=True):
            states, relations = layer(block, states, relations, weight)
        return states, relations

    def queries(self, heads: States, relations: States) -> States:
        """Combine head and relation so that the dot product with a tail is the link's score."""
        return SCORERS[self.shape.scorer](heads, relations)

    def _start(self, inputs: "Inputs") -> States:
        shown = self.known[inputs.entities]
        if self.training and self.shape.identity_dropout:
            shown = shown * (torch.rand_like(shown) >= self.shape.identity_dropout)
        states = self.identity[inputs.entities] * shown + self.types[inputs.types]
        return states if self.text is None else states + self.text(inputs.features)


@dataclass(frozen=True)
class Inputs:
    """What is known of the entities that a step reads, row by row."""

    entities: torch.Tensor
    types: torch.Tensor
    features: torch.Tensor


class Layer(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """One round of messages, added to what an entity knows already."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.dimensions
        self.composition = shape.composition
        self.incoming = nn.Linear(width, width, bias=False)
        self.outgoing = nn.Linear(width, width, bias=False)
        self.itself = nn.Linear(width, width)
        self.relation = nn.Linear(width, width, bias=False)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(
        self, block: Any, states: States, relations: States, weight: torch.Tensor | None
    ) -> tuple[States, States]:
        """Give new states of the block's receivers, and of the relations."""
        compose = COMPOSITIONS[self.composition]
        received = self.incoming(compose(block, FORWARD, states, relations, weight))
        sent = self.outgoing(compose(block, INVERSE, states, relations, weight))
        own = states[: message_graph.receivers(block)]
        heard = torch.tanh(self.dropout(received + sent) + self.itself(own))
        return own + heard, relations + self.relation(relations)


def _multiply(block: Any, direction: str, states: States, relations: States, weight: torch.Tensor | None) -> States:
    total, count = message_graph.aggregate(block, direction, states, relations, weight)
    return total / count.clamp(min=1.0).sqrt()


def _correlate(block: Any, direction: str, states: States, relations: States, weight: torch.Tensor | None) -> States:
    """Correlate in the frequency domain: the transform is linear, so one per entity does, not one per link."""
    sender, relation = torch.fft.rfft(states).conj(), torch.fft.rfft(relations)
    one = torch.cat([sender.real, sender.imag], 1), torch.cat([relation.real, relation.real], 1)
    two = torch.cat([-sender.imag, sender.real], 1), torch.cat([relation.imag, relation.imag], 1)
    total, count = message_graph.aggregate(block, direction, *one, weight)
    total = total + message_graph.aggregate(block, direction, *two, weight)[0]
    real, imaginary = total.chunk(2, dim=1)
    mixed = torch.fft.irfft(torch.complex(real.contiguous(), imaginary.contiguous()), n=states.shape[1])
    return mixed / count.clamp(min=1.0).sqrt()


def _distmult(heads: States, relations: States) -> States:
    return heads * relations


def _complex(heads: States, relations: States) -> States:
    head, head_i = heads.chunk(2, dim=1)
    relation, relation_i = relations.chunk(2, dim=1)
    return torch.cat([head * relation - head_i * relation_i, head * relation_i + head_i * relation], dim=1)


COMPOSITIONS: dict[str, Callable[..., States]] = {"multiply": _multiply, "correlate": _correlate}
SCORERS: dict[str, Callable[[States, States], States]] = {"complex": _complex, "distmult": _distmult}
