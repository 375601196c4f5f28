"""The fused model: a score for every possible answer to a question."""

from dataclasses import dataclass

import numpy as np

from linker.learning.fusion.candidates import candidates
from linker.learning.fusion.features import features
from linker.learning.fusion.parts import Parts
from linker.learning.fusion.ranker import UNLIKELY, Ranker
from linker.learning.graph import Floats, Integers
from linker.learning.ranking import SCORES_AT_ONCE


@dataclass(frozen=True)
class Predictor:
    """Parts and the ranker that joins them."""

    parts: Parts
    ranker: Ranker

    def against_all(self, subjects: Integers, kinds: Integers) -> Floats:
        """Give log-odds of each (subject, relation) with every entity, shape (questions, entities)."""
        scores = np.empty((len(subjects), self.parts.graph.entities), np.float32)
        for kind in np.unique(kinds):
            rows = np.flatnonzero(kinds == kind)
            distinct, row = np.unique(subjects[rows], return_inverse=True)
            scores[rows] = self._scored(distinct, int(kind))[row]
        return scores

    def against(self, subjects: Integers, kind: int, answers: Integers) -> Floats:
        """Give log-odds of (subject, relation) with some entities, shape (subjects, answers)."""
        together = max(1, SCORES_AT_ONCE // self.parts.graph.entities)
        asked = np.array_split(subjects, max(1, -(-len(subjects) // together)))
        return np.concatenate([self.against_all(part, np.full(len(part), kind))[:, answers] for part in asked])

    def _scored(self, subjects: Integers, kind: int) -> Floats:
        asked = candidates(self.parts, kind, subjects)
        odds = self.ranker.log_odds(features(self.parts, asked))
        scores = self._unlikely(subjects, kind)
        rows, places = np.nonzero(asked.answers >= 0)
        scores[rows, asked.answers[rows, places]] = odds[rows, places]
        return scores

    def _unlikely(self, subjects: Integers, kind: int) -> Floats:
        """Order what is no candidate by the first scorer, else by its number of links."""
        if self.parts.scorers:
            scorer = next(iter(self.parts.scorers.values()))
            order = scorer.against_all(subjects, np.full(len(subjects), kind))
        else:
            order = np.broadcast_to(np.diff(self.parts.graph.starts), (len(subjects), self.parts.graph.entities))
        low, high = order.min(axis=1, keepdims=True), order.max(axis=1, keepdims=True)
        scaled: Floats = (UNLIKELY + (order - low) / np.maximum(high - low, 1e-9) - 1).astype(np.float32)
        return scaled
