"""What the other candidate pairs say of a pair: the rivals for either of its fields.

The pairs form a graph. Pairs that share a field and lead to the same table are rivals; `extractors.fields.network`
passes messages between them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extractors.fields.compared import Fields, Matrix, Places

INPUTS = 3
"""Log-odds of the pair on its own, and by how much they are ahead of the rivals on either side."""

_FARTHEST_AHEAD = 4.0
_SURE = 12.0
_NO_RIVAL = -8.0


@dataclass(frozen=True)
class PairGraph:
    """Candidate pairs of fields: places of both fields, and two groups of rivals for each pair."""

    rows: Places
    columns: Places
    groups: tuple[Places, Places]


def pair_graph(fields: Fields, rows: Places, columns: Places) -> PairGraph:
    """Group pairs by one field and the other's table."""
    _, tables = np.unique(fields.tables, return_inverse=True)
    count = int(tables.max(initial=0)) + 1
    keys = rows * count + tables[columns], columns * count + tables[rows]
    groups = tuple(np.unique(key, return_inverse=True)[1] for key in keys)
    return PairGraph(rows, columns, (groups[0], groups[1]))


def standing(graph: PairGraph, scores: npt.NDArray[np.float64]) -> Matrix:
    """Give what a network starts from, shape (pairs, `INPUTS`), from the log-odds that pairs have on their own."""
    ahead = [_ahead(group, scores) for group in graph.groups]
    return (np.stack([np.clip(scores, -_SURE, _SURE), *ahead], axis=1) / _FARTHEST_AHEAD).astype(np.float32)


def _ahead(group: Places, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give by how much a pair is ahead of the best other one of its group; negative where it is behind."""
    size = int(group.max(initial=-1)) + 1
    best = np.full(size, -np.inf)
    np.maximum.at(best, group, scores)
    leading = scores >= best[group]
    leaders = np.bincount(group[leading], minlength=size)
    second = np.full(size, _NO_RIVAL)
    np.maximum.at(second, group[~leading], scores[~leading])
    second = np.where(leaders > 1, best, second)
    return np.clip(scores - np.where(leading, second[group], best[group]), -_FARTHEST_AHEAD, _FARTHEST_AHEAD)
