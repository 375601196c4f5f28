"""Labels and links of forms by rules alone: what is shipped, and what reads forms before anybody trained a model."""

import re
from typing import Any

import numpy as np

from bifrost.ports import TextEncoder
from extractors.forms.linking.form_page import ANSWER, HEADER, LABELS, OTHER, QUESTION, FormPage, neighbours
from extractors.forms.linking.label_features import ASKING, DATE, NUMBER
from extractors.forms.linking.pair_features import distances

_MOST_LABEL_WORDS = 7
_LONG_TEXT_WORDS = 14
_FARTHEST = 22.0
"""A value stands no further from its label than so many heights of a line."""
_TAKEN_ON = 3.0
"""A piece so near to the right of a label with a colon is its value, whatever it looks like."""
_LETTERS = re.compile(r"[^\W\d_]")


class FormRules:
    """Knows labels by their colon, their words and their place, and takes the nearest label of every value."""

    def linked(self, page: FormPage, _encoder: TextEncoder | None = None) -> tuple[Any, dict[tuple[int, int], float]]:
        """Give weights of labels, and the links with theirs."""
        weights = label_weights(page)
        if len(page) < 2:
            return weights, {}
        labels = weights.argmax(axis=1)
        cost = distances(page)
        cost[labels != QUESTION, :] = np.inf
        cost[:, labels != ANSWER] = np.inf
        nearest = cost.argmin(axis=0)
        places = np.arange(len(page))
        found = np.flatnonzero(cost[nearest, places] < _FARTHEST)
        return weights, {(int(nearest[at]), int(at)): float(min(weights[at, ANSWER], 0.9)) for at in found}


def label_weights(page: FormPage) -> Any:
    """Weigh `LABELS` for every piece; the weights of a piece come to 1."""
    weights = np.array([_by_itself(text) for text in page.texts]).reshape(-1, len(LABELS))
    near = neighbours(page)
    across, down = page.gaps
    colon = [text.rstrip().endswith(":") for text in page.texts]
    for at, (left, right, _above, below) in enumerate(near.tolist()):
        if left >= 0 and colon[left] and not colon[at] and across[left, at] < _FARTHEST:
            weights[at, ANSWER] += 2.5 if across[left, at] < _TAKEN_ON else 1.6
        elif left >= 0 and weights[left, QUESTION] > weights[left, ANSWER] and not colon[at]:
            weights[at, ANSWER] += 0.6
        if right < 0 and left < 0:
            weights[at, HEADER] += 0.5 * (page.texts[at].isupper() and len(page.texts[at].split()) <= _MOST_LABEL_WORDS)
            weights[at, QUESTION] -= 0.3 * (not colon[at])
        if right >= 0 and across[at, right] < _FARTHEST and not colon[at]:
            weights[at, QUESTION] += 0.2
        if below >= 0 and down[at, below] > 3 and left < 0 and right < 0:
            weights[at, HEADER] += 0.2
    weights = np.maximum(weights, 0.01)
    return weights / weights.sum(axis=1, keepdims=True)


def _by_itself(text: str) -> list[float]:
    words = text.split()
    weights = [0.3, 0.3, 0.5, 0.8]
    if text.rstrip().endswith(":"):
        weights[QUESTION] += 3.0
    if len(words) > _LONG_TEXT_WORDS:
        weights[OTHER] += 1.2
    if NUMBER.fullmatch(text.strip()) or DATE.search(text):
        weights[ANSWER] += 1.0
    elif ASKING.search(text) and len(words) <= _MOST_LABEL_WORDS:
        weights[QUESTION] += 1.0
    if not _LETTERS.search(text):
        weights[QUESTION] -= 0.4
    if text.isupper() and len(words) >= 2:
        weights[HEADER] += 0.3
    return weights
