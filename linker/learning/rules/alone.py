"""Answers by rules alone: noisy-or of the strongest rules, without anything fitted."""

from dataclasses import dataclass

import numpy as np

from linker.learning.graph import Floats, Integers
from linker.learning.rules.evidence import apply_rules, beliefs
from linker.learning.rules.mined import MinedRules

MOST = 150


def believed(evidence: Floats) -> Floats:
    """Join the strongest rules of all classes by noisy-or: the sum of -log(1 - confidence), one per candidate."""
    rows = evidence.reshape(-1, evidence.shape[-1])
    return beliefs(rows).reshape(evidence.shape[:-1])


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
