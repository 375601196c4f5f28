"""What each training step reads: the whole graph with the asked links silenced, or a sampled neighbourhood."""

from typing import Any

import torch

from linker.learning.encoder import message_graph
from linker.learning.encoder.losses import Batch, View
from linker.learning.encoder.message_graph import MessageGraph
from linker.learning.encoder.model import Inputs
from linker.learning.encoder.settings import Training
from linker.learning.encoder.trained import all_inputs
from linker.learning.graph import KnowledgeGraph


class Reader:
    """Encodes what a batch needs. The batch's own links carry no messages, or the answer would be in the question."""

    def __init__(self, graph: KnowledgeGraph, messages: MessageGraph, training: Training) -> None:
        self.messages, self.training = messages, training
        self.inputs = all_inputs(graph)
        self.rivals = Rivals(self.inputs.types)
        self.sampled = graph.links > training.sampled_above

    def read(self, model: Any, links: torch.Tensor, batch: Batch, denied: torch.Tensor) -> View:
        """Encode the entities of a batch, of the rejected links, and the candidates."""
        candidates = self._candidates(batch)
        if self.sampled:
            seeds = torch.unique(torch.cat([batch.subjects, batch.answers, candidates, denied[:, 0], denied[:, 2]]))
            fanouts = [self.training.fanout] * self.training.layers
            blocks = self.messages.sampled(seeds, links, fanouts)
            states, relations = model.encode(blocks, self._inputs_of(message_graph.sources(blocks[0])))
            return View(seeds, states, relations, candidates)
        blocks = self.messages.whole(self.training.layers)
        states, relations = model.encode(blocks, self.inputs, self.messages.without(links))
        return View(self.inputs.entities, states, relations, candidates)

    def _candidates(self, batch: Batch) -> torch.Tensor:
        if len(self.inputs.entities) < self.training.all_against_below:
            return self.inputs.entities
        answers = batch.answers[torch.randint(len(batch.answers), (self.training.negatives,))]
        return torch.unique(self.rivals.of_same_type(answers))

    def _inputs_of(self, entities: torch.Tensor) -> Inputs:
        return Inputs(entities, self.inputs.types[entities], self.inputs.features[entities])


class Rivals:
    """Draws entities of given entities' types."""

    def __init__(self, types: torch.Tensor) -> None:
        self.types = types
        self.members = torch.argsort(types, stable=True)
        self.counts = torch.bincount(types)
        self.starts = torch.cumsum(self.counts, 0) - self.counts

    def of_same_type(self, entities: torch.Tensor) -> torch.Tensor:
        """Draw one entity per given entity, uniformly within its type."""
        types = self.types[entities]
        places = (torch.rand(len(types)) * self.counts[types]).long()
        return self.members[self.starts[types] + places]
