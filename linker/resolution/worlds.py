"""The candidates as they are, and in two worlds where every record has lost its best candidate.

What comes first there is wrong by construction: it shows what the best candidate of a record without a partner
looks like.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linker.resolution.candidates import Candidates
from linker.resolution.evidence import Evidence
from linker.resolution.rivals import Mask, best_rival, is_first
from linker.resolution.sparse_texts import Scores

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """Features of all candidates; those that are not `present` were taken away from the records of `bereft`."""

    features: Matrix
    present: Mask
    bereft: str = ""

    def agreed(self, rankings: int) -> Mask:
        """Mark the pairs that no ranking puts behind another pair of either record."""
        margins = self.features[:, -2 * rankings :]
        return self.present & np.asarray((margins >= 0).all(axis=1))

    def mutual(self, candidates: Candidates, here: Scores, elsewhere: Scores) -> Mask:
        """Mark pairs that lead for both records: the bereft choose anew, the others keep the choice they had."""
        shown = np.where(self.present, here, -np.inf)
        left = shown if self.bereft != "right" else elsewhere
        right = shown if self.bereft != "left" else elsewhere
        return (
            self.present
            & _leads(candidates.left, here, left, anew=self.bereft != "right")
            & _leads(candidates.right, here, right, anew=self.bereft != "left")
        )


def _leads(group: npt.NDArray[np.int64], here: Scores, rivals: Scores, *, anew: bool) -> Mask:
    if anew:
        return is_first(group, rivals)
    return np.asarray(here >= best_rival(group, rivals, nothing=-np.inf))


def worlds(candidates: Candidates, evidence: Evidence, score: Scores) -> list[World]:
    """Give the world as it is, the one with bereft left records, and the one with bereft right records."""
    intact = np.ones(len(candidates), bool)
    left, right = ~is_first(candidates.left, score), ~is_first(candidates.right, score)
    base = base_features(evidence)
    margins = [_margins(group, evidence, intact) for group in (candidates.left, candidates.right)]
    return [
        World(np.column_stack([base, *margins]), intact),
        World(np.column_stack([base, _margins(candidates.left, evidence, left), margins[1]]), left, "left"),
        World(np.column_stack([base, margins[0], _margins(candidates.right, evidence, right)]), right, "right"),
    ]


def feature_names(evidence: Evidence) -> list[str]:
    """Name the columns of the features."""
    return [*evidence.columns, *(f"margin_{side}_{name}" for side in ("left", "right") for name in evidence.rankings)]


def base_features(evidence: Evidence) -> Matrix:
    """Give the columns of evidence; what is missing on a side counts as the average of what is known."""
    columns = []
    for values in evidence.columns.values():
        known = np.isfinite(values)
        columns.append(np.where(known, values, values[known].mean() if known.any() else 0.0))
    return np.column_stack(columns)


def _margins(group: npt.NDArray[np.int64], evidence: Evidence, present: Mask) -> Matrix:
    """Give for each ranking how far a pair is ahead of the best rival that is present."""
    columns = []
    for name in evidence.rankings:
        values = np.nan_to_num(evidence.columns[name])
        columns.append(values - best_rival(group, np.where(present, values, -np.inf), nothing=0.0))
    return np.column_stack(columns)
