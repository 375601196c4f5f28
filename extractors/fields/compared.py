"""Fields with all that comparing them needs, computed once for all pairs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bifrost.field_words import REFERENCE_WORDS, singular, table_words, words
from bifrost.ports import TextEncoder
from extractors.fields.distribution import QUANTILES
from extractors.fields.measures import SKETCH_VALUES

Matrix = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

VALUES = 8
"""Values of a field whose meanings are compared one by one."""

WORDS = 8
"""Words of a name that are compared one by one."""

NOTHING_SAID = (
    *("", "null", "none", "nan", "n/a", "na", "yes", "no", "y", "n", "true", "false"),
    *("unknown", "not reported", "not applicable", "other"),
)
"""Values that lie in fields of every meaning."""

_TABLE_WORDS = REFERENCE_WORDS | {"name", "title", "label", "description", "type", "kind", "status", "note", "comment"}
_WITHOUT_VALUES = frozenset({"measure", "date", "time", "boolean", "text", "unknown"})
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class Vocabulary:
    """Texts of many fields: the vectors of the distinct ones, and which of them each field has (-1 for none)."""

    vectors: Matrix
    places: Places

    def part(self, start: int, stop: int) -> "Vocabulary":
        """Give some of the fields, with the same vectors."""
        return Vocabulary(self.vectors, self.places[start:stop])


@dataclass(frozen=True)
class Meanings:
    """Vectors of names, of the words in them, and of single values."""

    names: Matrix
    words: Vocabulary
    values: Vocabulary

    def part(self, start: int, stop: int) -> "Meanings":
        """Give some of the fields."""
        return Meanings(self.names[start:stop], self.words.part(start, stop), self.values.part(start, stop))


@dataclass(frozen=True)
class Fields:
    """Profiles (`bifrost.schemas.PROFILES`) with what comparing needs, one row per field."""

    profiles: pa.Table
    meanings: Meanings | None

    def __len__(self) -> int:
        return int(self.profiles.num_rows)

    def part(self, start: int, stop: int) -> "Fields":
        """Give some of the fields, with what was already computed of them."""
        meanings = self.meanings.part(start, stop) if self.meanings is not None else None
        part = Fields(self.profiles.slice(start, stop - start), meanings)
        part.__dict__["word_weights"] = self.word_weights[start:stop]
        return part

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Give the profiles without their sketches and vectors."""
        rows: list[dict[str, Any]] = self.profiles.drop_columns(
            ["sketch", "embedding", "grams", "value_words"]
        ).to_pylist()
        return rows

    @cached_property
    def sources(self) -> npt.NDArray[np.str_]:
        """Give the source of each field."""
        return np.array([row["source"] for row in self.rows], np.str_)

    @cached_property
    def tables(self) -> npt.NDArray[np.str_]:
        """Give the id of each field's table."""
        return np.array([f"{row['source']}/{row['table']}" for row in self.rows], np.str_)

    @cached_property
    def words(self) -> list[tuple[str, ...]]:
        """Give the words of the names."""
        return [name_words(row["field"]) for row in self.rows]

    @cached_property
    def names(self) -> list[str]:
        """Give the names as words."""
        return [" ".join(each) for each in self.words]

    @cached_property
    def word_weights(self) -> Matrix:
        """Weigh the words of each name, shape (fields, `WORDS`): little where many names of the table have the word."""
        return _word_weights(self.words, self.tables)

    @cached_property
    def table_names(self) -> list[str]:
        """Give the tables' names as words."""
        return [" ".join(table_words(row["table"])) for row in self.rows]

    @cached_property
    def generic(self) -> npt.NDArray[np.bool_]:
        """Tell which fields have a name that means something else in every table."""
        return np.array([all(word in _TABLE_WORDS for word in each) for each in self.words], bool)

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
    def grams(self) -> Matrix:
        """Give the hashed letters of the values; zeros where there are none."""
        lists = self.profiles["grams"].to_pylist()
        longest = max((len(each) for each in lists), default=0)
        return np.array([each or [0.0] * longest for each in lists], np.float32).reshape(len(lists), longest)

    @cached_property
    def quantiles(self) -> npt.NDArray[np.float64]:
        """Give the quantiles of numbers and dates; not-a-number for other fields."""
        nothing = [np.nan] * QUANTILES
        return np.array([row["quantiles"] or nothing for row in self.rows], np.float64).reshape(len(self), QUANTILES)

    @cached_property
    def sketches(self) -> list[npt.NDArray[np.uint64]]:
        """Give the sorted hashes of values, none for fields whose values are alike by chance."""
        said = _codes_of_nothing()
        return [
            np.setdiff1d(np.array(codes, np.uint64), said) if _comparable(row) else np.empty(0, np.uint64)
            for row, codes in zip(self.rows, self.profiles["sketch"].to_pylist(), strict=True)
        ]

    @cached_property
    def value_words(self) -> list[npt.NDArray[np.uint64]]:
        """Give the sorted hashes of words in the values."""
        return [np.array(codes, np.uint64) for codes in self.profiles["value_words"].to_pylist()]

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
    return Fields(profiles, _meanings(fields, encode))


def name_words(name: str) -> tuple[str, ...]:
    """Split a name into lower-case words in the singular; a name without letters stays as it is."""
    return tuple(singular(word) for word in words(name)) or (name.lower(),)


def compared_values(row: Mapping[str, Any]) -> list[str]:
    """Give the frequent values of a field that say something, folded; none for numbers, dates and long texts."""
    if row["type"] != "text" or row["semantic"] in _WITHOUT_VALUES - {"boolean", "unknown"}:
        return []
    folded = [value.strip().casefold()[:_LONGEST_VALUE] for value in row["samples"]]
    return [value for value in dict.fromkeys(folded) if value not in NOTHING_SAID]


def _meanings(fields: Fields, encode: TextEncoder) -> Meanings:
    values = [compared_values(row)[:VALUES] for row in fields.rows]
    return Meanings(
        names=np.asarray(encode(fields.names), np.float32),
        words=_vocabulary([each[:WORDS] for each in fields.words], WORDS, encode),
        values=_vocabulary(values, VALUES, encode),
    )


def _vocabulary(texts: Sequence[Sequence[str]], width: int, encode: TextEncoder) -> Vocabulary:
    places: dict[str, int] = {}
    table = np.full((len(texts), width), -1, np.int64)
    for row, each in enumerate(texts):
        for column, text in enumerate(each):
            table[row, column] = places.setdefault(text, len(places))
    return Vocabulary(np.asarray(encode(list(places)), np.float32), table)


def _word_weights(names: Sequence[Sequence[str]], tables: Iterable[str]) -> Matrix:
    ids = list(tables)
    counts: dict[tuple[str, str], int] = {}
    sizes: dict[str, int] = {}
    for table, each in zip(ids, names, strict=True):
        sizes[table] = sizes.get(table, 0) + 1
        for word in set(each):
            counts[table, word] = counts.get((table, word), 0) + 1
    weights = np.zeros((len(names), WORDS), np.float32)
    for row, (table, each) in enumerate(zip(ids, names, strict=True)):
        for column, word in enumerate(each[:WORDS]):
            weights[row, column] = np.log1p(sizes[table] / counts[table, word]) / np.log1p(sizes[table])
    return weights


def _kind_of_values(row: Mapping[str, Any]) -> str:
    if not row["distinct"]:
        return ""
    if row["semantic"] == "date":
        return "date"
    return "number" if row["type"] in ("integer", "number") else str(row["type"])


def _comparable(row: Mapping[str, Any]) -> bool:
    return row["type"] == "text" and row["semantic"] not in _WITHOUT_VALUES


def _codes_of_nothing() -> npt.NDArray[np.uint64]:
    from extractors.fields.traits import hashes

    return np.array(hashes(NOTHING_SAID), np.uint64)
