"""What a path tells: whether things that lead to the same end are alike in a value or in another link."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from linker.paths.traits import Trait

FEWEST_OF_AN_END = 5
"""Ends that fewer things lead to show no pattern."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How much things with the same end agree in one trait."""

    trait: str
    lift: float
    """How many times as often two things with the same end agree, compared with any two."""
    surprise: float
    """Standard deviations of the chi-squared statistic above what independence gives."""

    @property
    def sentence(self) -> str:
        """Say it."""
        return f"two with the same end share {self.trait} {self.lift:.1f} times as often as any two"


def telling(pairs: Any, traits: Iterable[Trait]) -> Telling | None:
    """Give the trait that pairs (a sparse matrix, starts x ends) tell most about; None where they tell of none."""
    ends = np.unique(pairs.indices)
    of_ends = pairs[:, ends].T.tocsr()
    found = [each for trait in traits if (each := _told(trait, (of_ends @ trait.held).toarray()))]
    return max(found, key=lambda each: (each.surprise, each.trait), default=None)


def _told(trait: Trait, cells: Any) -> Telling | None:
    """Compare a table of counts (ends x values) with independence."""
    cells = cells[cells.sum(1) >= FEWEST_OF_AN_END]
    cells = cells[:, cells.sum(0) > 0].astype(np.float64)
    if min(cells.shape, default=0) < 2:
        return None
    ends, values, total = cells.sum(1), cells.sum(0), cells.sum()
    # That two things both lack something is no likeness.
    counted = slice(1, None) if trait.presence else slice(None)
    agreeing, partners = (cells * (cells - 1))[:, counted].sum(), (ends * (ends - 1)).sum()
    expected = (values * (values - 1))[counted].sum() / (total * (total - 1))
    if not expected or not partners:
        return None
    chi_squared = total * ((cells**2 / np.outer(ends, values)).sum() - 1)
    freedom = (len(ends) - 1) * (len(values) - 1)
    surprise = float(chi_squared - freedom) / math.sqrt(2 * freedom)
    return Telling(trait.name, float(agreeing / partners / expected), surprise)
