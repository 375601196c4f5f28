"""How far each type of link is to be trusted: by its own answers, before them by those of all other types.

Empirical Bayes in two levels (Robbins, "An Empirical Bayes Approach to Statistics", 1956; Gelman and others, "Bayesian
Data Analysis", chapter 5): the answers about other types give the line that a type starts from; how far types may
differ from it is chosen so that the answers are best foreseen.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bifrost.asking.calibration import UNTAUGHT, Line, Numbers, Truths, fit

LEAST_ANSWERS = 10
"""Below so many answers of one kind what is stated is taken as it is."""
SPREADS = (0.3, 1.0, 2.5)
"""How far the offsets of types may differ, in log-odds; slopes by a fifth of it."""
USUAL_SPREAD = 1.0
FEWEST_TYPES = 3
"""From so many types with answers on, the spread is chosen by the answers."""
SPLITS = (1 / 3, 1 / 2, 2 / 3, 4 / 5)
"""Shares of the answers after which a change is looked for."""
CLEAR_CHANGE = 0.5
"""Log of how much better two lines must foresee the answers, beside what they lose by leaving more open."""


@dataclass(frozen=True)
class Answered:
    """Answers of one kind; three aligned arrays."""

    types: tuple[str, ...]
    stated: Numbers
    """Log-odds as stated when it was asked, before the answer taught anything."""
    right: Truths


@dataclass(frozen=True)
class Beliefs:
    """What the answers of one kind say about every type of link."""

    answered: Answered

    @property
    def taught(self) -> bool:
        """Tell whether there are answers enough to change what is stated."""
        return len(self.answered.types) >= LEAST_ANSWERS

    def line(self, type_name: str) -> Line:
        """Give the line of one type, also of one that nobody answered yet."""
        start = self._start(type_name).loosened(_spread(self.spread))
        stated, right = self._own(type_name)
        since = changed_at(start, stated, right)
        return fit(start, stated[since:], right[since:])

    @cached_property
    def spread(self) -> float:
        """Give how far types differ, by which their answers are foreseen best."""
        if len(self._names) < FEWEST_TYPES:
            return USUAL_SPREAD
        starts = [(self._start(name), *self._own(name)) for name in self._names]
        foreseen = [
            sum(fit(start.loosened(_spread(spread)), stated, right).evidence for start, stated, right in starts)
            for spread in SPREADS
        ]
        return SPREADS[int(np.argmax(foreseen))]

    @cached_property
    def _starts(self) -> dict[str, Line]:
        return {}

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.answered.types)))

    @cached_property
    def _column(self) -> np.ndarray:
        return np.array(self.answered.types, dtype=object)

    def _start(self, type_name: str) -> Line:
        """Fit all other types, once for each: a type's own answers must not count twice."""
        if type_name not in self._starts:
            others = self._column != type_name
            self._starts[type_name] = fit(UNTAUGHT, self.answered.stated[others], self.answered.right[others])
        return self._starts[type_name]

    def _own(self, type_name: str) -> tuple[Numbers, Truths]:
        mine = self._column == type_name
        return self.answered.stated[mine], self.answered.right[mine]


def changed_at(start: Line, stated: Numbers, right: Truths) -> int:
    """Give the place in the log from which on the answers tell how far to trust what is stated today.

    What states the probabilities learns, too; then older answers are about another model. They are left out where two
    lines foresee the answers much better than one does (Bayes factor; Kass and Raftery, 1995).
    """
    whole, best, place = fit(start, stated, right).evidence, 0.0, 0
    for share in SPLITS:
        at = int(share * len(stated))
        if at >= LEAST_ANSWERS and len(stated) - at >= LEAST_ANSWERS:
            apart = sum(fit(start, *part).evidence for part in ((stated[:at], right[:at]), (stated[at:], right[at:])))
            if apart - whole > max(best, CLEAR_CHANGE):
                best, place = apart - whole, at
    return place


def _spread(offset: float) -> Numbers:
    return np.array([offset, offset / 5])
