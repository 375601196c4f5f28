"""A fitted model of links: what was learned, apart from the graph that it is read over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from bifrost.errors import ConfigInvalid
from linker.learning.encoder.model import LinkModel
from linker.learning.encoder.trained import Trained, filled_model
from linker.learning.fusion.parts import Parts
from linker.learning.fusion.predictor import Predictor
from linker.learning.fusion.ranker import Ranker
from linker.learning.graph import Integers, KnowledgeGraph
from linker.learning.proposing.calibration import Scale
from linker.learning.rules.mined import mine

ENCODER = "graph network"
MOST_WALKS = 2e8
"""Walks that are counted for rules at every link: seconds."""


@dataclass(frozen=True)
class Vocabulary:
    """What a model knows by name."""

    entities: pa.Array
    relations: tuple[str, ...]
    types: tuple[str, ...]

    @classmethod
    def of(cls, graph: KnowledgeGraph) -> "Vocabulary":
        """Take the names of a graph."""
        return cls(graph.entities, graph.relation_names, graph.type_names)


@dataclass(frozen=True)
class FittedModel:
    """An encoder over links and texts, a ranker that joins it with rules, and what its beliefs are worth."""

    encoder: LinkModel
    known: Vocabulary
    ranker: Ranker
    scales: Mapping[str, Scale]
    """By the relation's name; without one nothing is proposed of it."""
    metrics: Mapping[str, float]

    def on(self, graph: KnowledgeGraph) -> Predictor:
        """Read a graph, also one that has changed since: what is new is scored by its texts and links alone.

        Raises:
            ConfigInvalid: the graph's texts are read otherwise than when the model was fitted.
        """
        if self.encoder.shape.text_width != graph.features.shape[1]:
            why = "it reads texts otherwise than the settings say now: run 'bifrost run' to fit another"
            raise ConfigInvalid("the model of links in force", [why])
        return predictor(translated(self.encoder, self.known, graph), graph, self.ranker)

    def scales_of(self, graph: KnowledgeGraph) -> dict[int, Scale]:
        """Give the scales by the relations' numbers in this graph."""
        named = enumerate(graph.relation_names)
        return {number: self.scales[name] for number, name in named if name in self.scales}


def predictor(encoder: LinkModel, graph: KnowledgeGraph, ranker: Ranker) -> Predictor:
    """Read a graph with everything that has an opinion."""
    return Predictor(parts_of(encoder, graph), ranker)


def parts_of(encoder: LinkModel, graph: KnowledgeGraph) -> Parts:
    """Count the rules of a graph, and encode its entities."""
    rules = mine(
        graph.triples, entities=len(graph.entities), relations=len(graph.relation_names), most_walks=MOST_WALKS
    )
    nothing = np.zeros((0, 3), np.int64)
    scorer = Trained(encoder, graph, nothing, {}).scorer(graph.triples)
    texts = graph.features if graph.features.shape[1] else np.zeros((0, 0), np.float32)
    return Parts(rules, {ENCODER: scorer}, texts)


def translated(encoder: LinkModel, known: Vocabulary, graph: KnowledgeGraph) -> LinkModel:
    """Give the encoder for the entities, types and relations of another graph; those it does not know start at zero."""
    if known == Vocabulary.of(graph):
        return encoder
    entities = _places(graph.entities, known.entities)
    relations = _places(pa.array(graph.relation_names, pa.string()), pa.array(known.relations, pa.string()))
    both = np.concatenate([relations, np.where(relations >= 0, relations + len(known.relations), -1)])
    types = _places(pa.array(graph.type_names, pa.string()), pa.array(known.types, pa.string()))
    shape = replace(
        encoder.shape,
        entities=len(graph.entities),
        relations=len(graph.relation_names),
        types=max(len(graph.type_names), 1),
    )
    weights = encoder.state_dict()
    moved = {"known": entities, "identity": entities, "relations": both, "types": types}
    weights |= {name: _moved(weights[name], places) for name, places in moved.items()}
    return filled_model(shape, weights)


def _places(wanted: pa.Array, known: pa.Array) -> Integers:
    found = pc.fill_null(pc.index_in(wanted, known), -1)
    places: Integers = found.to_numpy(zero_copy_only=False).astype(np.int64)
    return places


def _moved(values: torch.Tensor, places: Integers) -> torch.Tensor:
    """Give the rows at these places, zeros where there is none; one row where nothing is asked for."""
    asked = places if len(places) else np.array([-1])
    rows = torch.zeros(len(asked), values.shape[1])
    there = torch.from_numpy(asked >= 0)
    rows[there] = values[torch.from_numpy(asked[asked >= 0])]
    return rows
