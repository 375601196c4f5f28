"""How alike the fields of two sets are: a weighted sum of five likenesses, computed for all pairs at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bifrost.field_words import REFERENCE_WORDS, singular, table_words, words
from bifrost.ports import TextEncoder
from extractors.fields.measures import SKETCH_VALUES

UNLIKE_TABLES = "unlike tables"
WEIGHTS: Mapping[str, float] = {
    "meaning of name and values": 1.0,
    "shared values": 0.5,
    "letters of the names": 0.2,
    "meaning of the names": 0.2,
    "same type": 0.15,
    UNLIKE_TABLES: -0.4,
}
"""What each likeness (0 to 1) adds to the score of a pair. `UNLIKE_TABLES` takes away from fields whose names mean
something else in every table (`name`, `code`), as far as the names of their tables are unlike."""

WEIGHTS_WITHOUT_MEANING: Mapping[str, float] = {
    "meaning of name and values": 0.0,
    "shared values": 0.7,
    "letters of the names": 1.2,
    "meaning of the names": 0.0,
    "same type": 0.15,
    UNLIKE_TABLES: -0.4,
}
"""The same where no encoder is installed; the sum of the positive weights stays the same."""

_NOTHING_SAID = (
    *("", "null", "none", "nan", "n/a", "na", "yes", "no", "y", "n", "true", "false"),
    *("unknown", "not reported", "not applicable", "other"),
)
_TABLE_WORDS = REFERENCE_WORDS | {"name", "title", "label", "description", "type", "kind", "status", "note", "comment"}
_WITHOUT_VALUES = frozenset({"measure", "date", "time", "boolean", "text", "unknown"})
_LETTERS = (3, 4)
_FEW_SHARED = 2.0

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Fields:
    """Profiles (`bifrost.schemas.PROFILES`) with what comparing needs, one row per field."""

    profiles: pa.Table
    name_vectors: Matrix | None

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Give the profiles without their sketches and vectors."""
        rows: list[dict[str, Any]] = self.profiles.drop_columns(["sketch", "embedding"]).to_pylist()
        return rows

    def part(self, start: int, stop: int) -> "Fields":
        """Give some of the fields."""
        vectors = self.name_vectors[start:stop] if self.name_vectors is not None else None
        return Fields(self.profiles.slice(start, stop - start), vectors)

    @cached_property
    def sources(self) -> npt.NDArray[np.str_]:
        """Give the source of each field."""
        return np.array([row["source"] for row in self.rows], np.str_)

    @cached_property
    def tables(self) -> npt.NDArray[np.str_]:
        """Give the id of each field's table."""
        return np.array([f"{row['source']}/{row['table']}" for row in self.rows], np.str_)

    @cached_property
    def names(self) -> list[str]:
        """Give the names as words."""
        return [" ".join(_singular_words(row["field"])) for row in self.rows]

    @cached_property
    def table_names(self) -> list[str]:
        """Give the tables' names as words."""
        return [" ".join(table_words(row["table"])) for row in self.rows]

    @cached_property
    def generic(self) -> npt.NDArray[np.bool_]:
        """Tell which fields have a name that means something else in every table."""
        return np.array([all(word in _TABLE_WORDS for word in name.split()) for name in self.names], bool)

    @cached_property
    def types(self) -> npt.NDArray[np.str_]:
        """Give the type of each field, "" where no value shows it; integers and numbers count as one."""
        return np.array([_kind_of_values(row) for row in self.rows], np.str_)

    @cached_property
    def vectors(self) -> Matrix | None:
        """Give the vectors of names and values, or None when a field has none."""
        lists = self.profiles["embedding"].to_pylist()
        return np.array(lists, np.float32) if lists and all(lists) else None

    @cached_property
    def sketches(self) -> list[npt.NDArray[np.uint64]]:
        """Give the sorted hashes of values, none for fields whose values are alike by chance."""
        said = _codes_of_nothing()
        return [
            np.setdiff1d(np.array(codes, np.uint64), said) if _comparable(row) else np.empty(0, np.uint64)
            for row, codes in zip(self.rows, self.profiles["sketch"].to_pylist(), strict=True)
        ]

    @cached_property
    def sketch_ends(self) -> npt.NDArray[np.uint64]:
        """Give the hash up to which each sketch is complete."""
        whole = np.iinfo(np.uint64).max
        lists = self.profiles["sketch"].to_pylist()
        return np.array([codes[-1] if len(codes) >= SKETCH_VALUES else whole for codes in lists], np.uint64)


def prepare(profiles: pa.Table, encode: TextEncoder | None) -> Fields:
    """Get profiles ready for comparing."""
    fields = Fields(profiles, None)
    if encode is None or fields.vectors is None:
        return fields
    return Fields(profiles, np.asarray(encode(fields.names), np.float32))


def likenesses(left: Fields, right: Fields) -> dict[str, Matrix]:
    """Give every likeness as a matrix of shape (fields on the left, fields on the right)."""
    letters, tables = _letter_cosines(left.names, right.names), _letter_cosines(left.table_names, right.table_names)
    both_generic = left.generic[:, None] & right.generic[None, :]
    return {
        "meaning of name and values": _cosines(left.vectors, right.vectors, letters.shape),
        "shared values": _shared_values(left, right),
        "letters of the names": letters,
        "meaning of the names": _cosines(left.name_vectors, right.name_vectors, letters.shape),
        "same type": _same_type(left, right),
        UNLIKE_TABLES: np.where(both_generic, 1 - tables, 0).astype(np.float32),
    }


def weights(left: Fields, right: Fields) -> Mapping[str, float]:
    """Choose the weights by whether there are vectors."""
    known = left.name_vectors is not None and right.name_vectors is not None
    return WEIGHTS if known else WEIGHTS_WITHOUT_MEANING


def score(left: Fields, right: Fields) -> Matrix:
    """Give the weighted sum for all pairs; higher means more alike, 2.05 at most."""
    chosen = weights(left, right)
    parts = [np.float32(chosen[name]) * matrix for name, matrix in likenesses(left, right).items()]
    total: Matrix = np.sum(parts, axis=0, dtype=np.float32)
    return total


def _singular_words(name: str) -> list[str]:
    return [singular(word) for word in words(name)] or [name.lower()]


def _kind_of_values(row: Mapping[str, Any]) -> str:
    if not row["distinct"]:
        return ""
    if row["semantic"] == "date":
        return "date"
    return "number" if row["type"] in ("integer", "number") else str(row["type"])


def _comparable(row: Mapping[str, Any]) -> bool:
    return row["type"] == "text" and row["semantic"] not in _WITHOUT_VALUES


def _codes_of_nothing() -> npt.NDArray[np.uint64]:
    import duckdb

    marks = ", ".join(["(?)"] * len(_NOTHING_SAID))
    rows = duckdb.connect().execute(f"SELECT hash(word) FROM (VALUES {marks}) t(word)", _NOTHING_SAID).fetchall()
    return np.array([code for (code,) in rows], np.uint64)


def _cosines(left: Matrix | None, right: Matrix | None, shape: tuple[int, ...]) -> Matrix:
    if left is None or right is None:
        return np.zeros(shape, np.float32)
    cosines: Matrix = np.clip(left @ right.T, 0, 1)
    return cosines


def _same_type(left: Fields, right: Fields) -> Matrix:
    same = (left.types[:, None] == right.types[None, :]).astype(np.float32)
    unknown = (left.types == "")[:, None] | (right.types == "")[None, :]
    return np.where(unknown, np.float32(0.5), same)


def _letter_cosines(left: Sequence[str], right: Sequence[str]) -> Matrix:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=_LETTERS, dtype=np.float32)
    try:
        vectorizer.fit(sorted({*left, *right}))
    except ValueError:  # no name has a letter
        return np.zeros((len(left), len(right)), np.float32)
    cosines: Matrix = (vectorizer.transform(left) @ vectorizer.transform(right).T).toarray()
    return cosines


def _shared_values(left: Fields, right: Fields) -> Matrix:
    """Estimate the share of the left values that lie on the right, from the hashes that both sketches cover."""
    shared = _common_codes(left.sketches, right.sketches)
    share = shared / np.maximum(_covered(left.sketches, right.sketch_ends), 1)
    # One shared value is often chance.
    values: Matrix = (share * np.minimum(1, shared / _FEW_SHARED)).astype(np.float32)
    return values


def _common_codes(left: Sequence[Any], right: Sequence[Any]) -> Matrix:
    from scipy.sparse import csr_matrix

    codes = np.unique(np.concatenate([*left, *right, np.empty(0, np.uint64)]))

    def incidence(sketches: Sequence[Any]) -> Any:
        columns = np.concatenate([np.searchsorted(codes, sketch) for sketch in sketches] or [np.empty(0, np.int64)])
        ends = np.cumsum([0, *(len(sketch) for sketch in sketches)])
        return csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(sketches), len(codes)))

    common: Matrix = (incidence(left) @ incidence(right).T).toarray()
    return common


def _covered(sketches: Sequence[Any], ends: npt.NDArray[np.uint64]) -> Matrix:
    """Count the hashes of each sketch up to each end."""
    counts = [np.searchsorted(sketch, ends, side="right") for sketch in sketches]
    return np.array(counts, np.float32).reshape(len(sketches), len(ends))
