"""The network: messages along all paths from a subject, conditioned on the asked relation.

After Zhu et al., "Neural Bellman-Ford Networks" (2021), section 3: the subject starts with the relation's vector,
every link multiplies it with a vector of its own relation, and an entity's score follows from what arrives. Messages
are aggregated as in Corso et al., "Principal Neighbourhood Aggregation for Graph Nets" (2020). As in Zhang & Yao,
"Knowledge Graph Reasoning with Relational Digraph" (2022), an entity has no state before a path reaches it.
No entity has a vector of its own, so that one never seen in training is scored like any other.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from linker.learning.path_network.aggregation import aggregate
from linker.learning.path_network.asking import Asked
from linker.learning.path_network.cones import Layer


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network."""

    relations: int
    """Both ways."""
    text_width: int
    dimensions: int
    layers: int
    log_links: float
    """Mean over entities of log(1 + links), which the number of messages is measured by."""


class PathModel(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Scores candidates of questions."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.dimensions
        self.asked = nn.Parameter(torch.randn(shape.relations, width))
        self.rounds = nn.ModuleList(Round(shape) for _ in range(shape.layers))
        self.states = nn.Linear(width, 2 * width, bias=False)
        self.query = nn.Linear(width, 2 * width)
        self.priors = nn.Linear(2, 2 * width, bias=False)
        self.verdict = nn.Linear(2 * width, 1)
        self.text = Text(shape) if shape.text_width else None

    def forward(self, asked: Asked, features: torch.Tensor) -> torch.Tensor:
        """Score each candidate, shape (candidates,). `features` has shape (entities, text width)."""
        device = self.asked.device
        subjects, relations, roots, candidates, questions = (
            torch.from_numpy(numbers).to(device)
            for numbers in (asked.subjects, asked.relations, asked.rounds.roots, asked.candidates, asked.questions)
        )
        query = self.asked[relations]
        start = query if self.text is None else query + self.text.start(features[subjects])
        states = start[roots]
        for layer, links in zip(self.rounds, asked.rounds.layers, strict=True):
            states = layer(states, query, links)
        states = _rows(self.states(states), torch.from_numpy(asked.rounds.rows).to(device))
        hidden = states + self.priors(torch.from_numpy(asked.priors).to(device))
        hidden = torch.relu(hidden + self.query(query).index_select(0, questions))
        scores: torch.Tensor = self.verdict(hidden).squeeze(1)
        if self.text is None:
            return scores
        return scores + self.text(features[subjects], query, features[candidates], questions)


class Round(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """One round of messages, added to what an entity knows already."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.dimensions
        self.log_links = shape.log_links
        self.kinds = nn.Parameter(torch.randn(shape.relations, width))
        self.shift = nn.Linear(width, shape.relations * width, bias=False)
        nn.init.normal_(self.shift.weight, std=0.1 / width**0.5)
        self.own = nn.Linear(width, width)
        self.heard = nn.Linear(4 * width, 2 * width, bias=False)
        self.norm = nn.LayerNorm(width)

    def forward(self, states: torch.Tensor, query: torch.Tensor, links: Layer) -> torch.Tensor:
        """Give the states of the rows of `links`, given those of the rows below."""
        width = states.shape[1]
        vectors = (self.shift(query).view(-1, *self.kinds.shape) + self.kinds).reshape(-1, width)
        messages = aggregate(states, vectors, links).flatten(1)
        own = _rows(states, torch.from_numpy(links.own).to(states.device))
        scale = torch.from_numpy(np.log1p(np.diff(links.starts)) / self.log_links).to(states).unsqueeze(1)
        evenly, counted = self.heard(messages).chunk(2, dim=1)
        heard = self.own(own) + evenly + counted * scale
        return own + torch.relu(self.norm(heard))


class Text(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """What the texts of subject and candidate say: the only evidence where no path leads."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.dimensions
        self.start = nn.Linear(shape.text_width, width, bias=False)
        self.subject = nn.Linear(shape.text_width, 2 * width, bias=False)
        self.candidate = nn.Linear(shape.text_width, 2 * width, bias=False)
        self.gate = nn.Linear(width, 2 * width)

    def forward(
        self, subjects: torch.Tensor, query: torch.Tensor, candidates: torch.Tensor, questions: torch.Tensor
    ) -> torch.Tensor:
        """Score candidates by text, given the subjects' texts and the relations' vectors of the questions."""
        wanted = self.subject(subjects) * self.gate(query)
        scores: torch.Tensor = (wanted.index_select(0, questions) * self.candidate(candidates)).sum(dim=1)
        return scores


def _rows(states: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Take rows by number; -1 gives zeros."""
    nothing = states.new_zeros(1, states.shape[1])
    return torch.cat([states, nothing]).index_select(0, torch.where(rows < 0, len(states), rows))
