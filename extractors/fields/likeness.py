"""How alike fields are, for all pairs of two sets at once: what finds candidates, and half of what ranks them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from extractors.fields.compared import Fields, Matrix, Places
from extractors.fields.value_words import SKETCH_WORDS

Codes = npt.NDArray[np.uint64]

NAME_AND_VALUES = "meaning of name and values"
NAMES = "meaning of the names"
LETTERS = "letters of the names"
SKELETONS = "consonants of the names"
BEGINNINGS = "beginnings of the words"
SHARED_VALUES, ALL_SHARED = "shared values", "shared values on both sides"
SHARED_WORDS, ALL_SHARED_WORDS = "shared words in the values", "shared words in the values on both sides"
VALUE_LETTERS = "letters of the values"
SAME_TYPE = "same type"

LIKENESSES = (
    *(NAME_AND_VALUES, NAMES, LETTERS, SKELETONS, BEGINNINGS),
    *(SHARED_VALUES, ALL_SHARED, SHARED_WORDS, ALL_SHARED_WORDS, VALUE_LETTERS, SAME_TYPE),
)

_FEW_SHARED, _EXPECTED_FIELDS = 2.0, 20
_NONE = np.empty(0, np.uint64)
_LETTERS, _SKELETON_LETTERS = (3, 4), (2, 3)
_LONGEST_BEGINNING = 3
_VOWELS = frozenset("aeiou")


def likenesses(left: Fields, right: Fields) -> dict[str, Matrix]:
    """Give likenesses (0 to 1) as matrices of shape (fields on the left, fields on the right)."""
    shape = len(left), len(right)
    names = (left.meanings.names if left.meanings else None, right.meanings.names if right.meanings else None)
    values, values_back = _shared_values(left, right), _shared_values(right, left).T
    words, words_back = _shared_words(left, right)
    return {
        NAME_AND_VALUES: _cosines(left.vectors if names[0] is not None else None, right.vectors, shape),
        NAMES: _cosines(*names, shape),
        LETTERS: letter_cosines(left.names, right.names),
        SKELETONS: _text_cosines(_skeletons(left), _skeletons(right), analyzer="char", ngram_range=_SKELETON_LETTERS),
        BEGINNINGS: _text_cosines(left.words, right.words, analyzer=_beginnings),
        SHARED_VALUES: np.maximum(values, values_back),
        ALL_SHARED: np.sqrt(values * values_back),
        SHARED_WORDS: np.maximum(words, words_back),
        ALL_SHARED_WORDS: np.sqrt(words * words_back),
        VALUE_LETTERS: _cosines(left.grams, right.grams, shape),
        SAME_TYPE: _same_type(left, right),
    }


def unlike_tables(fields: Fields, rows: Places, columns: Places) -> Matrix:
    """Tell how unlike the tables of pairs are, where both names mean something else in every table; else 0."""
    distinct, places = np.unique(np.array(fields.table_names, np.str_), return_inverse=True)
    alike = letter_cosines(distinct.tolist(), distinct.tolist())[places[rows], places[columns]]
    return np.where(fields.generic[rows] & fields.generic[columns], 1 - alike, 0).astype(np.float32)


def letter_cosines(left: Sequence[str], right: Sequence[str]) -> Matrix:
    """Compare texts by sequences of three and four letters within words."""
    return _text_cosines(left, right, analyzer="char_wb", ngram_range=_LETTERS)


def _text_cosines(
    left: Sequence[Any],
    right: Sequence[Any],
    *,
    analyzer: str | Callable[[Any], list[str]],
    ngram_range: tuple[int, int] = (1, 1),
) -> Matrix:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=analyzer, ngram_range=ngram_range, dtype=np.float32)
    try:
        vectorizer.fit(sorted({*left, *right}))
    except ValueError:  # no name has a letter
        return np.zeros((len(left), len(right)), np.float32)
    cosines: Matrix = (vectorizer.transform(left) @ vectorizer.transform(right).T).toarray()
    return cosines


def _skeletons(fields: Fields) -> list[str]:
    return ["".join(_skeleton(word) for word in each) for each in fields.words]


def _skeleton(word: str) -> str:
    return word[:1] + "".join(letter for letter in word[1:] if letter not in _VOWELS)


def _beginnings(words: Sequence[str]) -> list[str]:
    return [word[:length] for word in words for length in range(1, min(_LONGEST_BEGINNING, len(word)) + 1)]


def _cosines(left: Matrix | None, right: Matrix | None, shape: tuple[int, ...]) -> Matrix:
    if left is None or right is None or left.shape[1:] != right.shape[1:]:
        return np.zeros(shape, np.float32)
    cosines: Matrix = np.clip(left @ right.T, 0, 1)
    return cosines


def _same_type(left: Fields, right: Fields) -> Matrix:
    same = (left.types[:, None] == right.types[None, :]).astype(np.float32)
    unknown = (left.types == "")[:, None] | (right.types == "")[None, :]
    return np.where(unknown, np.float32(0.5), same)


def _shared_values(left: Fields, right: Fields) -> Matrix:
    """Estimate the share of the left values that lie on the right, from the hashes that both sketches cover."""
    shared = common_codes(left.sketches, right.sketches)
    share = shared / np.maximum(_covered(left.sketches, right.sketch_ends), 1)
    # One shared value is often chance.
    values: Matrix = (share * np.minimum(1, shared / _FEW_SHARED)).astype(np.float32)
    return values


def _shared_words(left: Fields, right: Fields) -> tuple[Matrix, Matrix]:
    """Give the share of each side's words in values that the other has.

    A word counts less the more fields on the right have it.
    """
    codes = np.unique(np.concatenate([*left.value_words, *right.value_words, _NONE]))
    there, counts = np.unique(np.concatenate([*right.value_words, _NONE]), return_counts=True)
    known = np.zeros(len(codes), np.float32)
    known[np.searchsorted(codes, there)] = counts
    weights = np.log((len(right) + 2) / (known + 1)).astype(np.float32)
    one, two = (incidence(side.value_words, codes) for side in (left, right))
    shared = ((one.multiply(weights)) @ two.T).toarray()
    ends = [_ends(side.value_words, SKETCH_WORDS) for side in (left, right)]
    here, beyond = _weight_up_to(one, codes, weights, ends[1]), _weight_up_to(two, codes, weights, ends[0]).T
    few = np.minimum(1, shared / (_FEW_SHARED * np.log(_EXPECTED_FIELDS)))
    return shared / np.maximum(here, 1e-6) * few, shared / np.maximum(beyond, 1e-6) * few


def common_codes(left: Sequence[Codes], right: Sequence[Codes]) -> Matrix:
    """Count the hashes that each two sketches share."""
    codes = np.unique(np.concatenate([*left, *right, _NONE]))
    common: Matrix = (incidence(left, codes) @ incidence(right, codes).T).toarray()
    return common


def incidence(sketches: Sequence[Codes], codes: Codes) -> Any:
    """Give a sparse matrix with a 1 where a sketch has one of the (sorted) codes."""
    from scipy.sparse import csr_matrix

    columns = np.concatenate([np.searchsorted(codes, sketch) for sketch in sketches] or [np.empty(0, np.int64)])
    ends = np.cumsum([0, *(len(sketch) for sketch in sketches)])
    return csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(sketches), len(codes)))


def _ends(sketches: Sequence[Codes], size: int) -> Codes:
    whole = np.iinfo(np.uint64).max
    return np.array([sketch[-1] if len(sketch) >= size else whole for sketch in sketches], np.uint64)


def _weight_up_to(sketches: Any, codes: Codes, weights: Matrix, ends: Codes) -> Matrix:
    """Sum the weights of each sketch's codes up to each end."""
    distinct, back = np.unique(ends, return_inverse=True)
    weighted = sketches.multiply(weights).tocsr()
    columns = [weighted[:, : int(np.searchsorted(codes, end, side="right"))].sum(1) for end in distinct]
    sums: Matrix = np.asarray(np.concatenate(columns, axis=1), np.float32)[:, back]
    return sums


def _covered(sketches: Sequence[Codes], ends: Codes) -> Matrix:
    """Count the hashes of each sketch up to each end."""
    counts = [np.searchsorted(sketch, ends, side="right") for sketch in sketches]
    return np.array(counts, np.float32).reshape(len(sketches), len(ends))
