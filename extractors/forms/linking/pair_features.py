"""What speaks for two pieces of a form belonging together, as numbers."""

from typing import Any

import numpy as np

from extractors.forms.linking.form_page import ANSWER, QUESTION, FormPage

_NEAREST, _NEAREST_IN_ROW, _NEAREST_IN_COLUMN = 8, 5, 8
"""Only so many of the nearest pieces are looked at as labels of a value, wherever they are, to the left, and above."""
_LEAST_PROBABILITY = 0.04
_DOWN_WEIGHT, _UP_COST = 1.6, 30.0


def candidate_pairs(page: FormPage, probabilities: Any) -> Any:
    """Give places of possible labels and of their values, two columns: near each other, and each perhaps one."""
    count = len(page)
    if count < 2:
        return np.zeros((0, 2), np.int64)
    possible = (probabilities[:, QUESTION, None] >= _LEAST_PROBABILITY) & (
        probabilities[:, ANSWER] >= _LEAST_PROBABILITY
    )
    np.fill_diagonal(possible, val=False)
    chosen = np.zeros((count, count), dtype=bool)
    most = (_NEAREST, _NEAREST_IN_ROW, _NEAREST_IN_COLUMN)
    for cost, most_here in zip((distances(page), *_row_and_column(page)), most, strict=True):
        limited = np.where(possible, cost, np.inf)
        chosen |= np.isfinite(limited) & (np.argsort(np.argsort(limited, axis=0), axis=0) < most_here)
    return np.argwhere(chosen)


def _row_and_column(page: FormPage) -> tuple[Any, Any]:
    """Give how far a value (columns) stands to the right of a label (rows) in its row, and below it in its column."""
    across, down = page.gaps
    share_across, share_down = page.common
    in_row = np.where((share_down > 0.3) & (across > -1), across, np.inf)
    in_column = np.where((share_across > 0.1) & (down > -1), down, np.inf)
    for cost in (in_row, in_column):
        np.fill_diagonal(cost, np.inf)
    return in_row, in_column


def distances(page: FormPage) -> Any:
    """Give how far a value (columns) stands from a label (rows): to the right is near, below a little further."""
    across, down = page.gaps
    share_across, share_down = page.common
    aside = np.maximum(across, 0) + np.where(share_down > 0.3, 0.0, _UP_COST)
    offset = np.where(share_across > 0.1, 0.0, np.maximum(np.maximum(across, across.T), 0) * 2)
    under = np.maximum(down, 0) * _DOWN_WEIGHT + offset
    cost = np.minimum(np.where(across > -1, aside, np.inf), np.where(down > -1, under, np.inf))
    np.fill_diagonal(cost, np.inf)
    return cost


def pair_features(page: FormPage, pairs: Any, probabilities: Any, meaning: Any) -> Any:
    """Give a row of numbers for every pair of places; `meaning` holds a vector for each piece."""
    label, value = pairs.T
    cost = distances(page)
    asking = np.where(probabilities[:, QUESTION, None] > 0.3, cost, np.inf)
    answering = np.where(probabilities[:, ANSWER] > 0.3, cost, np.inf)
    across, down = (gap[label, value] for gap in page.gaps)
    share_across, share_down = (share[label, value] for share in page.common)
    edges = page.edges
    middle = (edges[:, 0] + edges[:, 2]) / 2, (edges[:, 1] + edges[:, 3]) / 2
    own = np.stack(
        [
            across,
            down,
            share_across,
            share_down,
            np.minimum(cost[label, value], 200),
            middle[0][value] - middle[0][label],
            middle[1][value] - middle[1][label],
            edges[value, 0] - edges[label, 0],
            edges[value, 2] - edges[label, 2],
            _rank(cost, 0)[label, value],
            _rank(cost, 1)[label, value],
            _rank(asking, 0)[label, value],
            _rank(answering, 1)[label, value],
            _rivals(asking, label, value, axis=0),
            _rivals(answering, label, value, axis=1),
            _between(page, label, value),
            *edges_of(edges, label),
            *edges_of(edges, value),
            np.array([page.texts[place].rstrip().endswith(":") for place in label], np.float64),
            np.array([len(page.texts[place]) for place in label], np.float64),
            np.array([len(page.texts[place]) for place in value], np.float64),
            (meaning[label] * meaning[value]).sum(axis=1),
        ],
        axis=1,
    )
    places = [_places(cost, probabilities, label, value) for cost in _row_and_column(page)]
    return np.hstack(
        [own, *places, probabilities[label], probabilities[value], meaning[label][:, :8], meaning[value][:, :8]]
    )


def _places(cost: Any, probabilities: Any, label: Any, value: Any) -> Any:
    """Say which of the labels of a value this one is, and which of the values of a label, in a row or column."""
    asking = np.where(probabilities[:, QUESTION, None] > 0.3, cost, np.inf)
    answering = np.where(probabilities[:, ANSWER] > 0.3, cost, np.inf)
    return np.stack(
        [
            np.minimum(cost[label, value], 90),
            np.where(np.isfinite(asking[label, value]), _rank(asking, 0)[label, value], -1),
            np.where(np.isfinite(answering[label, value]), _rank(answering, 1)[label, value], -1),
            np.minimum(asking.min(axis=0), 90)[value],
            np.minimum(answering.min(axis=1), 90)[label],
            np.isfinite(asking).sum(axis=0)[value],
            np.isfinite(answering).sum(axis=1)[label],
        ],
        axis=1,
    )


def edges_of(edges: Any, places: Any) -> tuple[Any, Any]:
    """Give widths and heights."""
    return edges[places, 2] - edges[places, 0], edges[places, 3] - edges[places, 1]


def _rank(cost: Any, axis: int) -> Any:
    return np.minimum(np.argsort(np.argsort(cost, axis=axis), axis=axis), 20)


def _rivals(cost: Any, label: Any, value: Any, *, axis: int) -> Any:
    """Give how much nearer this pair is than the best other pair of the same value, or of the same label."""
    ordered = np.sort(cost, axis=axis)
    best, second = (ordered[0], ordered[1]) if axis == 0 else (ordered[:, 0], ordered[:, 1])
    own, place = cost[label, value], value if axis == 0 else label
    other = np.where(own <= best[place], second[place], best[place])
    return np.minimum(other, 90) - np.minimum(own, 90)


def _between(page: FormPage, label: Any, value: Any) -> Any:
    """Count the pieces whose middles lie in the rectangle between both."""
    edges = page.edges
    x, y = (edges[:, 0] + edges[:, 2]) / 2, (edges[:, 1] + edges[:, 3]) / 2
    left, right = np.minimum(x[label], x[value]), np.maximum(x[label], x[value])
    top, bottom = np.minimum(y[label], y[value]) - 0.3, np.maximum(y[label], y[value]) + 0.3
    inside = (x > left[:, None]) & (x < right[:, None]) & (y > top[:, None]) & (y < bottom[:, None])
    return np.minimum(inside.sum(axis=1), 20)
