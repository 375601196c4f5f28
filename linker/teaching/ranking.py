"""Which rule people mean by their examples: the one that explains them with the fewest other links."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bifrost.model import End, Reason, Rule

_NOISE = 0.05
"""How often an example is a mistake, or an exception to the rule."""
_DENIED_BY_MISTAKE = 0.02
_SIMPLE = 3.0
MOST_SURE = 0.99


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that may be meant, with what it links."""

    start: End
    end: End
    rule: Rule
    cost: float
    """What its kind takes from the log-odds: simple rules come first."""
    covered: frozenset[int]
    """Numbers of the examples that it links."""
    denied: frozenset[int]
    """Numbers of the denied pairs that it links all the same."""
    links: int
    possible: int
    """Pairs of a thing of the one kind and a thing of the other."""
    notes: tuple[Reason, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()

    def evidence(self, examples: int, denied: int) -> tuple[Reason, ...]:
        """Give the parts of the log-likelihood ratio against chance, which add up (the size principle).

        Were a rule meant, an example would be any of its links: the fewer there are, the less it is by chance that
        they hold the examples (Tenenbaum and Griffiths 2001, strong sampling).
        """
        each = math.log((1 - _NOISE) * self.possible / max(self.links, 1))
        missed, wrong = examples - len(self.covered), len(self.denied)
        right = denied - wrong
        rest = math.log(_DENIED_BY_MISTAKE) * wrong + math.log(1 - _DENIED_BY_MISTAKE) * right
        return (
            Reason("links the examples", f"{len(self.covered)} of {examples}", round(len(self.covered) * each, 4)),
            *([Reason("misses examples", str(missed), round(missed * math.log(_NOISE), 4))] if missed else []),
            *([Reason("links denied pairs", f"{wrong} of {denied}", round(rest, 4))] if denied else []),
            Reason("kind of rule", str(self.rule.kind), round(-self.cost, 4)),
        )

    def is_plausible(self, examples: int) -> bool:
        """Tell whether a simple rule links all examples and not most of everything: a person may mean it."""
        return len(self.covered) == examples and self.cost <= _SIMPLE and 4 * self.links <= 3 * self.possible


def ranked(candidates: Sequence[Candidate], examples: int, denied: int) -> list[tuple[Candidate, float]]:
    """Give the candidates with their posterior probabilities, the best first; chance has a part of its own.

    Left out is what explains the examples no better than chance, unless it is plausible.
    """
    scores = [sum(reason.weight for reason in each.evidence(examples, denied)) for each in candidates]
    weights = np.exp(np.array([0.0, *scores]) - max([0.0, *scores]))
    shares = weights[1:] / weights.sum()
    kept = [score > 0 or each.is_plausible(examples) for each, score in zip(candidates, scores, strict=True)]
    order = sorted(range(len(candidates)), key=lambda place: (-scores[place], str(candidates[place].rule)))
    return [(candidates[place], min(float(shares[place]), MOST_SURE)) for place in order if kept[place]]
