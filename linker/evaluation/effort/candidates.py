"""What a simulated reviewer works on: possible links whose truth is known, scored by whatever proposes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bifrost.asking.beliefs import Answered
from bifrost.asking.calibration import Numbers, Truths

Answers = Mapping[int, bool]
"""Number of a candidate -> what the reviewer said."""


class Candidates(Protocol):
    """Possible links, numbered from 0, in a fixed order."""

    @property
    def types(self) -> tuple[str, ...]:
        """Give the type of link of each candidate."""
        ...

    @property
    def ends(self) -> NDArray[np.int64]:
        """Give the numbers of the things at both ends, shape (candidates, 2)."""
        ...

    @property
    def truth(self) -> Truths:
        """Tell which are true."""
        ...

    @property
    def links(self) -> NDArray[np.int64]:
        """Give how many links each stands for: one, or all of a type."""
        ...

    @property
    def true_links(self) -> int:
        """Count all true links, also those that are no candidates."""
        ...

    @property
    def type_questions(self) -> int:
        """Count the answers about types that come first: none of their candidates is in before."""
        ...

    @property
    def together(self) -> bool:
        """Tell whether the precision is that of a set of links, or of each one by itself (types of links)."""
        ...

    def stated(self, answers: Answers) -> Numbers:
        """Give the probability of every candidate after these answers."""
        ...


@dataclass(frozen=True)
class Listed:
    """Candidates with fixed probabilities: what a predictor that is not taught by answers gives."""

    types: tuple[str, ...]
    ends: NDArray[np.int64]
    truth: Truths
    links: NDArray[np.int64]
    true_links: int
    probability: Numbers
    type_questions: int = 0
    together: bool = True

    def stated(self, answers: Answers) -> Numbers:
        """Give what was listed."""
        return self.probability


NOBODY = Answered((), np.zeros(0), np.zeros(0, bool))
"""No answers from earlier data."""
