"""What the ranking model sees of a pair of fields besides the likenesses: dearer, and so only for candidates."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from extractors.fields.abbreviations import abbreviation, skeletons
from extractors.fields.compared import Fields, Matrix, Places, Vocabulary
from extractors.fields.likeness import Codes, incidence
from extractors.fields.traits import Traits

WORD_MEANINGS = "meaning of the words"
ONE_NAME_IN_OTHER = "words of one name in the other"
ABBREVIATION, ABBREVIATED_WHOLE = "abbreviation", "abbreviation of the whole name"
SAME_NAME = "same name"
VALUE_MEANINGS = "meaning of the values"
SPREAD = "spread of the numbers"
SHAPES = "shapes of the values"
SAME_ROLE = "same role"
VALUE_LENGTHS = "lengths of the values"
REPETITION = "repetition of the values"
BARE_CODES = "shared codes without a first letter"
NO_VALUES = "no values to compare"

PAIR_FEATURES = (
    *(WORD_MEANINGS, ONE_NAME_IN_OTHER, ABBREVIATION, ABBREVIATED_WHOLE, SAME_NAME, VALUE_MEANINGS, SPREAD, SHAPES),
    *(SAME_ROLE, VALUE_LENGTHS, REPETITION, BARE_CODES, NO_VALUES),
)

_AT_ONCE = 4096
_At = tuple[Places, Places]
_UNRELATED = 0.2
_UNTOLD = 0.5


def pair_features(left: Fields, right: Fields, rows: Places, columns: Places) -> dict[str, Matrix]:
    """Give the features (0 to 1) of the fields at these places."""
    one, two = Traits(left.rows), Traits(right.rows)
    known = one.known[rows] & two.known[columns]
    told = one.population[rows] & two.population[columns]
    part, whole = abbreviation(skeletons(left), skeletons(right), rows, columns)
    both, either = _word_meanings(left, right, rows, columns)
    joined = [np.array(["".join(each) for each in side.words], np.str_) for side in (left, right)]
    return {
        WORD_MEANINGS: both,
        ONE_NAME_IN_OTHER: either,
        ABBREVIATION: part,
        ABBREVIATED_WHOLE: whole,
        SAME_NAME: (joined[0][rows] == joined[1][columns]).astype(np.float32),
        VALUE_MEANINGS: _value_meanings(left, right, rows, columns),
        SPREAD: _spread(left.quantiles[rows], right.quantiles[columns]),
        SHAPES: np.einsum("pf,pf->p", one.shapes[rows], two.shapes[columns]),
        SAME_ROLE: _where(told, one.roles[rows] == two.roles[columns]),
        VALUE_LENGTHS: _where(told, np.exp(-np.abs(one.lengths[rows] - two.lengths[columns]))),
        REPETITION: _where(told, 1 - np.abs(one.repetition[rows] - two.repetition[columns])),
        BARE_CODES: _bare_codes((left.sketches, right.sketches), (one.bare_codes, two.bare_codes), (rows, columns)),
        NO_VALUES: 1 - known.astype(np.float32),
    }


def _where(told: npt.NDArray[np.bool_], values: npt.NDArray[Any]) -> Matrix:
    return np.where(told, values, _UNTOLD).astype(np.float32)


def _word_meanings(left: Fields, right: Fields, rows: Places, columns: Places) -> tuple[Matrix, Matrix]:
    """Align each word with the closest of the other name; give the mean of both directions, and the better one."""
    if left.meanings is None or right.meanings is None:
        return (np.zeros(len(rows), np.float32),) * 2
    one, two = left.meanings.words, right.meanings.words
    ways = np.zeros((2, len(rows)), np.float32)
    for start in range(0, len(rows), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        here, there = one.places[rows[some]], two.places[columns[some]]
        used, at = np.unique(here, return_inverse=True)
        likeness = np.clip((one.vectors[used] @ two.vectors.T - _UNRELATED) / (1 - _UNRELATED), 0, 1)
        close = likeness[at.reshape(here.shape)[:, :, None], there[:, None, :]] * _both(here, there)
        weights = left.word_weights[rows[some]], right.word_weights[columns[some]]
        ways[0, some] = _weighted(close.max(2), weights[0])
        ways[1, some] = _weighted(close.max(1), weights[1])
    return ways.mean(0), ways.max(0)


def _weighted(values: Matrix, weights: Matrix) -> Matrix:
    mean: Matrix = (values * weights).sum(1) / np.maximum(weights.sum(1), 1e-6)
    return mean


def _both(here: Places, there: Places) -> npt.NDArray[np.bool_]:
    present: npt.NDArray[np.bool_] = (here >= 0)[:, :, None] & (there >= 0)[:, None, :]
    return present


def _value_meanings(left: Fields, right: Fields, rows: Places, columns: Places) -> Matrix:
    """Align each value with the closest of the other field (a Chamfer likeness); give the better direction."""
    result = np.zeros(len(rows), np.float32)
    if left.meanings is None or right.meanings is None:
        return result
    one, two = left.meanings.values, right.meanings.values
    wanted = np.flatnonzero((one.places[rows, 0] >= 0) & (two.places[columns, 0] >= 0))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        result[some] = _chamfer(one, two, rows[some], columns[some])
    return result


def _chamfer(one: Vocabulary, two: Vocabulary, rows: Places, columns: Places) -> Matrix:
    here, there = one.places[rows], two.places[columns]
    close = np.matmul(one.vectors[here], two.vectors[there].transpose(0, 2, 1))
    close = np.where(_both(here, there), np.clip(close, 0, 1), 0)
    ways = [close.max(axis).sum(1) / np.maximum((side >= 0).sum(1), 1) for axis, side in ((2, here), (1, there))]
    better: Matrix = np.maximum(*ways).astype(np.float32)
    return better


def _spread(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> Matrix:
    """Compare quantiles by their mean distance, in units of the mean spread of both; 0 where either has no numbers."""
    spread = ((one[:, -2] - one[:, 1]) + (two[:, -2] - two[:, 1])) / 2
    distance = np.abs(one - two)[:, 1:-1].mean(1)
    likeness = 1 / (1 + 4 * distance / np.maximum(spread, 1e-9))
    known: Matrix = np.nan_to_num(likeness).astype(np.float32)
    return known


def _bare_codes(
    sketches: tuple[Sequence[Codes], Sequence[Codes]], bare: tuple[Sequence[Codes], Sequence[Codes]], at: _At
) -> Matrix:
    """Tell which share of one field's bare codes the other field has as values; the better direction."""
    codes = np.unique(np.concatenate([np.empty(0, np.uint64), *sketches[0], *sketches[1], *bare[0], *bare[1]]))
    whole, short = ([incidence(each, codes) for each in both] for both in (sketches, bare))
    rows, columns = (places.copy() for places in at)
    better: Matrix = np.maximum(
        _share(short[0][rows], whole[1][columns]),
        _share(short[1][columns], whole[0][rows]),
    )
    return better


def _share(bare: Any, values: Any) -> Matrix:
    common = np.asarray(bare.multiply(values).sum(1), np.float32).ravel()
    sizes = np.maximum(np.asarray(bare.sum(1), np.float32).ravel(), 1)
    return (common / sizes * np.minimum(1, common / 2)).astype(np.float32)
