"""Answers by rules alone: noisy-or of the strongest rules, without anything fitted."""

from dataclasses import dataclass

import numpy as np

from linker.learning.graph import Floats, Integers
from linker.learning.rules.evidence import CLASSES, COLUMNS, STRONGEST, SUREST, apply_rules
from linker.learning.rules.mined import MinedRules

MOST = 150


def believed(evidence: Floats) -> Floats:
    """Join the strongest rules of all classes by noisy-or: the sum of -log(1 - confidence)."""
    classes = evidence.reshape(*evidence.shape[:-1], CLASSES, COLUMNS)[..., :STRONGEST]
    belief: Floats = -np.log(1 - np.minimum(classes, SUREST)).sum(axis=(-2, -1))
    return belief


@dataclass(frozen=True)
class RulesAlone:
    """Mined rules as a scorer."""

    rules: MinedRules

    def against_all(self, subjects: Integers, kinds: Integers) -> Floats:
        """Give each answer's belief, shape (questions, entities); 0 for what no rule speaks for."""
        entities = self.rules.graph.entities
        scores = np.zeros((len(subjects), entities), np.float32)
        for kind in np.unique(kinds):
            rows = np.flatnonzero(kinds == kind)
            distinct, row = np.unique(subjects[rows], return_inverse=True)
            found = apply_rules(self.rules, int(kind), distinct, min(MOST, entities))
            own = np.zeros((len(distinct), entities), np.float32)
            at, place = np.nonzero(found.answers >= 0)
            own[at, found.answers[at, place]] = believed(found.evidence)[at, place]
            scores[rows] = own[row]
        return scores
