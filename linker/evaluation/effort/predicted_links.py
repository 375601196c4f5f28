"""Candidates among the links that a graph lacks: the answers of a predictor, ranked and made probabilities.

The predictor is behind `Predictor`; what makes its scores probabilities is one light model for all relations, fitted
on the links held out for validation and moved by every answer.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bifrost.asking.calibration import Numbers, Truths
from linker.evaluation.effort.candidates import Answers
from linker.evaluation.effort.moved_by_answers import moved_by_answers
from linker.evaluation.triples import Split, graph_of, read_triples
from linker.learning.fusion.fitting import EMBEDDING, NETWORK, RULES, Fitting, fit
from linker.learning.graph import Integers, KnowledgeGraph

LEAST_PROBABILITY = 0.01
"""Less likely links are no candidates."""
_FILES = ("train.txt", "valid.txt", "test.txt")


class Predictor(Protocol):
    """What ranks links that are missing."""

    def all_scores(self) -> NDArray[np.float64]:
        """Score every link, shape (relations, heads, tails)."""
        ...


@dataclass(frozen=True)
class Fused:
    """Rules, vectors and the path network, joined by a ranker that learns from what is held out."""

    graph: KnowledgeGraph
    held_out: Integers
    fitting: Fitting

    def all_scores(self) -> NDArray[np.float64]:
        """Fit, and give the mean log-odds of every link asked from both ends, shape (relations, entities, entities)."""
        model = fit(self.graph, self.held_out, self.fitting)
        entities, relations = np.arange(len(self.graph.entities)), len(self.graph.relation_names)
        both = [
            (model.against_all(entities, np.full(len(entities), kind)) for kind in (relation, relation + relations))
            for relation in range(relations)
        ]
        return np.stack([(forward + backward.T) / 2 for forward, backward in both]).astype(np.float64)


@dataclass(frozen=True)
class PredictedLinks:
    """Likely links of a graph, each relation a type."""

    types: tuple[str, ...]
    ends: NDArray[np.int64]
    truth: Truths
    true_links: int
    features: NDArray[np.float64]
    """In units of their spread among the candidates."""
    unanswered: Numbers
    """What is stated before any answer."""
    type_questions: int = 0
    together: bool = True

    @cached_property
    def links(self) -> NDArray[np.int64]:
        """Give one link for each candidate."""
        return np.ones(len(self.types), np.int64)

    def stated(self, answers: Answers) -> Numbers:
        """Move what is stated by the answers; what nobody answered moves nothing."""
        if not answers:
            return self.unanswered
        asked, right = np.fromiter(answers, np.int64, len(answers)), np.fromiter(answers.values(), bool, len(answers))
        return moved_by_answers(self.unanswered, self.features, asked, right)


def predicted_links(folder: Path) -> PredictedLinks:
    """Reveal the links of train.txt and valid.txt; the true links to find are those of test.txt."""
    split = read_triples(folder)
    graph = graph_of(split)
    fitting = Fitting((RULES, EMBEDDING, NETWORK))
    return candidates_of(split, graph, Fused(graph, graph.numbered(split.valid), fitting))


def is_predicted_links(folder: Path) -> bool:
    """Tell whether a folder has this layout."""
    return all((folder / name).is_file() for name in _FILES)


def candidates_of(split: Split, graph: KnowledgeGraph, predictor: Predictor) -> PredictedLinks:
    """Take the likely ones of all links that are not known, by what any predictor scores."""
    known, held_out, tested = (_cells(graph, graph.numbered(table)) for table in (split.train, split.valid, split.test))
    features = _features(predictor.all_scores(), known)
    likely = ~known
    likely[~known] = _fitted(features[~known], held_out[~known], features[~known]) >= LEAST_PROBABILITY
    confirmed, likely = likely & held_out, likely & ~held_out
    both = np.concatenate([features[likely], features[confirmed]])
    relations, heads, tails = np.nonzero(likely)
    return PredictedLinks(
        types=tuple(graph.relation_names[relation] for relation in relations),
        ends=np.stack([heads, tails], axis=1),
        truth=tested[likely],
        true_links=int(tested.sum()),
        features=_in_spreads(features[likely], both),
        unanswered=_fitted(both, np.repeat([False, True], [likely.sum(), confirmed.sum()]), features[likely]),
    )


def _cells(graph: KnowledgeGraph, triples: Integers) -> Truths:
    entities = len(graph.entities)
    cells = np.zeros((len(graph.relation_names), entities, entities), bool)
    cells[triples[:, 1], triples[:, 0], triples[:, 2]] = True
    return cells


def _features(scores: NDArray[np.float64], known: Truths) -> NDArray[np.float64]:
    """Give belief among tails and among heads, the score, and how many links relation, head and tail have already."""
    turned = _belief(scores.transpose(0, 2, 1), known.transpose(0, 2, 1)).transpose(0, 2, 1)
    of_relation = np.broadcast_to(np.log1p(known.sum(axis=(1, 2)))[:, None, None], known.shape)
    of_head = np.broadcast_to(np.log1p(known.sum(axis=2))[:, :, None], known.shape)
    of_tail = np.broadcast_to(np.log1p(known.sum(axis=1))[:, None, :], known.shape)
    return np.stack([_belief(scores, known), turned, scores, of_relation, of_head, of_tail], axis=-1)


def _belief(scores: NDArray[np.float64], known: Truths) -> NDArray[np.float64]:
    """Give log-odds of each answer's share among those that are not known, along the last axis."""
    possible = np.where(known, -np.inf, scores)
    shifted = scores - possible.max(axis=-1, keepdims=True)
    weights = np.where(known, 0.0, np.exp(np.minimum(shifted, 0.0)))
    others = np.maximum(weights.sum(axis=-1, keepdims=True) - weights, 1e-12)
    belief: NDArray[np.float64] = np.where(known, 0.0, shifted - np.log(others))
    return belief


def _in_spreads(features: NDArray[np.float64], among: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = among.std(axis=0)
    found: NDArray[np.float64] = (features - among.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return found


def _fitted(features: NDArray[np.float64], right: Truths, asked: NDArray[np.float64]) -> Numbers:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(features, right)
    probability: Numbers = model.predict_proba(asked)[:, 1]
    return probability
