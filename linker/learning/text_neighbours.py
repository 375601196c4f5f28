"""Answers by text: what an entity's nearest neighbours by text are linked to, and what is worded like it."""

from dataclasses import dataclass

import numpy as np

from linker.learning.graph import Floats, Integers
from linker.learning.rules.incidence import Incidence

NEIGHBOURS = 20
SHARPNESS = 15.0
"""How much more a nearer neighbour counts: votes fall by e for every 1/15 of cosine."""
VOTES, LIKENESS = 8.0, 4.0
"""Weights of the neighbours' votes and of the answer's own likeness in the score."""


@dataclass(frozen=True)
class TextNeighbours:
    """Scores answers for entities that need not have a link; texts are unit vectors, shape (entities, width)."""

    texts: Floats
    graph: Incidence

    def against_all(self, subjects: Integers, kinds: Integers) -> Floats:
        """Score each (subject, relation) with every entity, shape (questions, entities)."""
        scores: Floats = LIKENESS * (self.texts[subjects] @ self.texts.T)
        for kind in np.unique(kinds):
            rows = np.flatnonzero(kinds == kind)
            scores[rows] += VOTES * self._votes(subjects[rows], int(kind))
        return scores

    def _votes(self, subjects: Integers, kind: int) -> Floats:
        """Give for every answer the share of neighbours, weighted by nearness, that are linked to it."""
        groups = np.flatnonzero(self.graph.group_kinds == kind)
        linked = np.searchsorted(self.graph.first_groups, groups, "right") - 1
        votes = np.zeros((len(subjects), self.graph.entities), np.float32)
        if not len(groups):
            return votes
        near = self.texts[subjects] @ self.texts[linked].T
        near[subjects[:, None] == linked[None, :]] = -np.inf
        count = min(NEIGHBOURS, len(groups))
        nearest = np.argpartition(-near, count - 1, axis=1)[:, :count]
        weights = np.exp(SHARPNESS * (np.take_along_axis(near, nearest, axis=1) - 1))
        weights /= weights.sum(axis=1, keepdims=True) + 1e-9
        for row in range(len(subjects)):
            for place, weight in zip(groups[nearest[row]], weights[row], strict=True):
                votes[row, self.graph.others[self.graph.group_starts[place] : self.graph.group_starts[place + 1]]] += (
                    weight
                )
        return votes
