"""Which values of two coded fields mean the same: `M` and `male`, `1` and `yes`, `pT2` and `T2`.

Each value of the left field looks for one of the right; several may find the same (`Stage IIA` and `Stage IIB` both
find `Stage II`). A value's score is the strongest sign that speaks for the pair, plus a little for frequencies that
agree; of several left values, the one that says the same most clearly keeps its partner from the weaker ones only where
those have an alternative.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bifrost.ports import TextEncoder

Matrix = npt.NDArray[np.float64]

MOST_VALUES = 200
"""Fields with more distinct values hold names or identifiers, not codes."""

LEAST_PROBABILITY = 0.5

_SAME_SAYING = (
    ("yes", "y", "true", "t", "1", "present", "positive", "pos", "on", "+", "x"),
    ("no", "n", "false", "f", "0", "absent", "negative", "neg", "off", "-", "not identified", "none"),
    (
        "unknown",
        "not known",
        "not reported",
        "not available",
        "n/a",
        "na",
        "missing",
        "?",
        "not specified",
        "undetermined",
    ),
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_WORD = re.compile(r"[^\W\d_]+|\d+")
_LED = re.compile(r"[^\W\d_]+(?=\d|x$)")
_EXACT, _BARE, _SAYING, _INITIAL, _PREFIX = 6.0, 4.0, 4.0, 2.5, 3.0
_LETTERS, _MEANING, _FREQUENCY, _RIVAL, _AT_LEAST = 4.0, 4.0, 0.8, 1.0, 2.0


@dataclass(frozen=True, slots=True)
class ValuePair:
    """Two values that mean the same, with the probability that they do."""

    left: str
    right: str
    probability: float


def map_values(left: Mapping[str, int], right: Mapping[str, int], encode: TextEncoder | None = None) -> list[ValuePair]:
    """Map the values of one field (with the number of rows of each) to those of another; unsure ones are left out."""
    if not left or not right or max(len(left), len(right)) > MOST_VALUES:
        return []
    ours, theirs = list(left), list(right)
    scores = _signs(ours, theirs, encode) + _FREQUENCY * _frequencies(list(left.values()), list(right.values()))
    scores -= _RIVAL * _taken(scores)
    likely = _shares(scores)
    best = likely.argmax(axis=1)
    pairs = [
        ValuePair(ours[row], theirs[column], round(float(likely[row, column]), 4)) for row, column in enumerate(best)
    ]
    return [pair for pair in pairs if pair.probability >= LEAST_PROBABILITY]


def map_by_rows(pairs: Sequence[tuple[str, str]]) -> list[ValuePair]:
    """Map values by records that are known to be the same: the most frequent partner, with Laplace's correction."""
    counts: dict[str, dict[str, int]] = {}
    for one, two in pairs:
        partners = counts.setdefault(one, {})
        partners[two] = partners.get(two, 0) + 1
    found = []
    for one, partners in counts.items():
        two = max(partners, key=lambda value: (partners[value], value))
        found.append(ValuePair(one, two, round((partners[two] + 1) / (sum(partners.values()) + 2), 4)))
    return found


def _signs(ours: Sequence[str], theirs: Sequence[str], encode: TextEncoder | None) -> Matrix:
    """Give the strongest sign for each pair, in log-odds over a pair without any."""
    exact = np.array([[_strongest(one, two) for two in theirs] for one in ours], np.float64)
    letters = _LETTERS * _letter_cosines(ours, theirs)
    best = np.maximum(exact, letters)
    if encode is not None:
        vectors = [
            np.asarray(encode([value.strip().casefold() for value in side]), np.float64) for side in (ours, theirs)
        ]
        best = np.maximum(best, _MEANING * np.clip(vectors[0] @ vectors[1].T, 0, 1))
    return best


def _strongest(one: str, two: str) -> float:
    left, right = _words(one), _words(two)
    if left == right:
        return _EXACT
    if any({"".join(left), one.strip().casefold()} & set(each) and {"".join(right), two.strip().casefold()} & set(each)
           for each in _SAME_SAYING):  # fmt: skip
        return _SAYING
    bare = _bare(one), _bare(two)
    if bare[0] and bare[0] == bare[1]:
        return _BARE
    shorter, longer = sorted(("".join(left), "".join(right)), key=len)
    if not shorter or shorter.isdigit() or not longer.startswith(shorter):
        return 0.0
    return _INITIAL if len(shorter) == 1 else _PREFIX


def _words(value: str) -> tuple[str, ...]:
    """Give the words, Roman numbers beside other words as digits."""
    found = tuple(_WORD.findall(value.casefold()))
    if len(found) < 2:
        return found
    return tuple(str(_ROMAN[word]) if word in _ROMAN else word for word in found)


def _bare(value: str) -> str:
    """Give a code without what stands in brackets and without its leading letters but one (`pT2 (old)`: `t2`)."""
    plain = re.sub(r"\(.*?\)", "", value.casefold()).strip()
    led = _LED.match(plain)
    return plain[led.end() - 1 :] if led else plain


def _letter_cosines(ours: Sequence[str], theirs: Sequence[str]) -> Matrix:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))
    try:
        vectorizer.fit([*ours, *theirs])
    except ValueError:  # no value has two letters
        return np.zeros((len(ours), len(theirs)))
    cosines: Matrix = (vectorizer.transform(ours) @ vectorizer.transform(theirs).T).toarray()
    return cosines


def _frequencies(ours: Sequence[int], theirs: Sequence[int]) -> Matrix:
    """Tell how well the shares of rows agree, 1 at best; nothing where one side lists each value once."""
    if max(theirs) == 1 or max(ours) == 1:
        return np.zeros((len(ours), len(theirs)))
    shares = [np.array(each, np.float64) / sum(each) for each in (ours, theirs)]
    return 1 - np.abs(shares[0][:, None] - shares[1][None, :])


def _taken(scores: Matrix) -> Matrix:
    """Tell where another left value has a clearly better claim on the right one."""
    behind: Matrix = np.clip(scores.max(axis=0, keepdims=True) - scores, 0, 2)
    return behind


def _shares(scores: Matrix) -> Matrix:
    """Turn scores into probabilities over the right values and "none of them"."""
    raised = np.exp(2 * (scores - _AT_LEAST))
    result: Matrix = raised / (1 + raised.sum(axis=1, keepdims=True))
    return result
