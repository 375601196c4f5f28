"""From links to a fused model: rules mined, vectors trained, and the ranker fitted on links that both did not see."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bifrost.ports import Progress
from bifrost.progress import SILENT
from linker.learning.embedding import EmbeddingSettings, train_embedding
from linker.learning.fusion.parts import Parts
from linker.learning.fusion.predictor import Predictor
from linker.learning.fusion.ranker import fit_ranker
from linker.learning.graph import Integers, KnowledgeGraph
from linker.learning.path_network.settings import PathTraining
from linker.learning.path_network.training import train_path_network
from linker.learning.ranking import Scorer
from linker.learning.rules.mined import mine
from linker.learning.text_neighbours import TextNeighbours

RULES, EMBEDDING, NETWORK, TEXT = "rules", "embedding", "network", "text"
PARTS = (RULES, EMBEDDING, NETWORK, TEXT)

ENOUGH_LINKS = 10_000
"""Held-out links from which on a ranker learns little more."""
FOLD_SHARE = 0.1
MOST_FOLDS = 5


@dataclass(frozen=True)
class Fitting:
    """What a fit uses, and where a training that is stopped leaves its state."""

    parts: Collection[str] = (RULES, EMBEDDING)
    work: Path | None = None
    embedding: EmbeddingSettings | None = None
    network: PathTraining | None = None
    """None, like the one above, chooses by the size of the graph."""
    seed: int = 1


def fit(graph: KnowledgeGraph, held_out: Integers, fitting: Fitting, progress: Progress = SILENT) -> Predictor:
    """Fit all parts on the graph's links, and the ranker on `held_out` links, which are not among them.

    Where these are few the ranker also learns from folds of the graph: from links that parts fitted on all others have
    not seen (stacking; Wolpert, "Stacked Generalization", 1992).
    """
    folds = list(_folds(graph, held_out, fitting.seed))
    with progress.task("predict links", len(folds) + 2) as steps:
        parts = _parts(graph, held_out, fitting, "whole")
        steps.advance()
        lessons = [(parts, held_out)]
        for number, (seen, fold) in enumerate(folds):
            lessons.append((_parts(graph.with_triples(seen), fold, fitting, f"fold-{number}"), fold))
            steps.advance()
        predictor = Predictor(parts, fit_ranker(lessons, seed=fitting.seed))
        steps.advance()
    return predictor


def _folds(graph: KnowledgeGraph, held_out: Integers, seed: int) -> Iterator[tuple[Integers, Integers]]:
    """Give (links seen, links asked about), as many times as it takes to have lessons enough."""
    size = int(FOLD_SHARE * graph.links)
    wanted = min(MOST_FOLDS, -(-(ENOUGH_LINKS - len(held_out)) // max(size, 1)))
    order = np.random.default_rng(seed).permutation(graph.links)
    for number in range(wanted):
        fold = order[number * size : (number + 1) * size]
        yield np.delete(graph.triples, fold, axis=0), graph.triples[fold]


def _parts(graph: KnowledgeGraph, held_out: Integers, fitting: Fitting, name: str) -> Parts:
    rules = mine(graph.triples, entities=len(graph.entities), relations=len(graph.relation_names))
    scorers: dict[str, Scorer] = {}
    if EMBEDDING in fitting.parts:
        settings = fitting.embedding or EmbeddingSettings.for_size(len(graph.entities))
        checkpoint = fitting.work / f"embedding-{name}.checkpoint" if fitting.work else None
        scorers[EMBEDDING] = train_embedding(graph, settings, checkpoint)
    if NETWORK in fitting.parts:
        scorers[NETWORK] = _network(graph, held_out, fitting, name)
    if TEXT not in fitting.parts:
        return Parts(rules, scorers)
    scorers[TEXT] = TextNeighbours(graph.features, rules.graph)
    return Parts(rules, scorers, graph.features)


def _network(graph: KnowledgeGraph, held_out: Integers, fitting: Fitting, name: str) -> Scorer:
    training = fitting.network or PathTraining.for_graph(len(graph.entities), graph.links)
    # Where no link that is to be found joins two ends that are linked already, a direct link must not be leaned on.
    training = replace(training, hide_all_direct=training.hide_all_direct or not _linked_already(graph, held_out).any())
    checkpoint = fitting.work / f"network-{name}.checkpoint" if fitting.work else None
    # Texts are a part of their own: the network reads paths alone.
    silent = replace(graph, features=np.zeros((len(graph.entities), 0), np.float32))
    trained = train_path_network(silent, training, held_out=held_out, checkpoint=checkpoint)
    scorer: Scorer = trained.scorer(graph.triples)
    return scorer


def _linked_already(graph: KnowledgeGraph, links: Integers) -> NDArray[np.bool_]:
    """Tell which links join two entities that another link joins, in either direction."""
    first, second = np.minimum(graph.heads, graph.tails), np.maximum(graph.heads, graph.tails)
    joined = first * len(graph.entities) + second
    linked: NDArray[np.bool_] = np.isin(
        links[:, [0, 2]].min(axis=1) * len(graph.entities) + links[:, [0, 2]].max(axis=1), joined
    )
    return linked
