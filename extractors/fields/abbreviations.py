"""How well one name abbreviates another: `PTHSTG`, `PatSta` and `pat_stage` for `pathologic stage`.

Names are compared as skeletons: vowels are dropped except where a word begins. The best alignment that keeps the order
(a longest common subsequence, weighted) counts beginnings of words more than the rest, and letters that follow each
other more than scattered ones, because a short name is easily a scattered part of a long one by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extractors.fields.compared import Fields, Matrix, Places

_LONGEST = 32
_VOWELS = frozenset("aeiou")
_BEGINNING, _FOLLOWING, _UNEVEN = 2.0, 0.5, 0.5
_LEAST_WEIGHT = 0.3


@dataclass(frozen=True)
class Skeletons:
    """Letters of the names without inner vowels: codes (0 after the end), what each counts, and where words begin."""

    codes: npt.NDArray[np.int32]
    weights: Matrix
    begins: npt.NDArray[np.bool_]


def skeletons(fields: Fields) -> Skeletons:
    """Write the names without inner vowels; words that many names of a table have count less."""
    return _skeletons(fields.words, fields.word_weights)


def abbreviation(left: Skeletons, right: Skeletons, rows: Places, columns: Places) -> tuple[Matrix, Matrix]:
    """Give, for pairs of places, the share of the shorter and of the longer name that the other one explains."""
    total = _aligned(left, right, rows, columns)
    whole = [_whole(side.weights[places], side.codes[places]) for side, places in ((left, rows), (right, columns))]
    shorter, longer = np.minimum(*whole), np.maximum(*whole)
    part, all_of_it = (np.clip(total / np.maximum(each, 1e-6), 0, 1) for each in (shorter, longer))
    return part.astype(np.float32), all_of_it.astype(np.float32)


def _skeletons(names: Sequence[Sequence[str]], word_weights: Matrix) -> Skeletons:
    codes = np.zeros((len(names), _LONGEST), np.int32)
    weights = np.zeros((len(names), _LONGEST), np.float32)
    begins = np.zeros((len(names), _LONGEST), bool)
    for row, each in enumerate(names):
        place = 0
        for number, word in enumerate(each):
            weight = word_weights[row, number] if number < word_weights.shape[1] else _LEAST_WEIGHT
            for index, letter in enumerate(word):
                if place == _LONGEST or (index and letter in _VOWELS):
                    continue
                codes[row, place], begins[row, place] = ord(letter), index == 0
                weights[row, place] = max(_LEAST_WEIGHT, weight) * (1 if index else _BEGINNING)
                place += 1
    return Skeletons(codes, weights, begins)


def _whole(weights: Matrix, codes: npt.NDArray[np.int32]) -> Matrix:
    following = np.maximum((codes > 0).sum(1) - 1, 0) * _FOLLOWING
    whole: Matrix = weights.sum(1) + following.astype(np.float32)
    return whole


def _aligned(left: Skeletons, right: Skeletons, rows: Places, columns: Places) -> Matrix:
    """Give the weight of the best alignment of each pair; one step per pair of places, for all pairs at once."""
    one, two = left.codes[rows].T.copy(), right.codes[columns].T.copy()
    weights = left.weights[rows].T.copy() / 2, right.weights[columns].T.copy() / 2
    begins = left.begins[rows].T.copy(), right.begins[columns].T.copy()
    height, width = (int((codes > 0).sum(0).max(initial=0)) for codes in (one, two))
    best = np.zeros((width + 1, len(rows)), np.float32)
    ending = np.zeros((width + 1, len(rows)), np.float32)
    for above in range(height):
        best_before, ending_before = best.copy(), ending.copy()
        for beside in range(width):
            same = (one[above] == two[beside]) & (one[above] > 0)
            gain = weights[0][above] + weights[1][beside]
            gain = np.where(begins[0][above] == begins[1][beside], gain, gain * np.float32(_UNEVEN))
            follows = ending_before[beside] + np.float32(_FOLLOWING)
            before = np.where(ending_before[beside] > 0, np.maximum(best_before[beside], follows), best_before[beside])
            ending[beside + 1] = np.where(same, before + gain, 0)
            best[beside + 1] = np.maximum(np.maximum(best_before[beside + 1], best[beside]), ending[beside + 1])
    weights_of_best: Matrix = best[width]
    return weights_of_best
