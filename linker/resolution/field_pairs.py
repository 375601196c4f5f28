"""Fields by which records of two tables are compared, and what their profiles say about that."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

from bifrost.field_words import words

Profile = Mapping[str, Any]
Profiles = Mapping[tuple[str, str, str], Profile]
"""(source, table, field) -> the field's profile."""

LEAST_TOLD_APART = 0.3
"""A name that fewer of its records have to themselves names something else."""
MOSTLY_TOLD_APART = 0.9
"""An identifier need not be perfect: real data repeats some."""
_NAME_WORDS = frozenset({"name", "title", "label", "designation", "heading", "caption"})
_PERSON_WORDS = frozenset({"surname", "forename", "first", "last", "given", "family"})


class Compared(StrEnum):
    """How the values of two fields are compared."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class FieldPair:
    """Two fields that mean the same."""

    left: str
    right: str
    compared: Compared
    probability: float
    name: bool
    """True when the fields name their records for people."""
    identifying: bool = False
    """True when hardly any two records of a table share a value."""

    @property
    def label(self) -> str:
        """Name the pair for people."""
        return self.left if self.left == self.right else f"{self.left} = {self.right}"


def pair_fields(left: Profile, right: Profile, probability: float, labels: tuple[str, str]) -> FieldPair | None:
    """Pair two fields by their profiles; None for surrogate keys, which say nothing about sameness."""
    if counts_up(left) or counts_up(right):
        return None
    names = is_name(left, labels[0]) and is_name(right, labels[1])
    compared = _how_compared(left, right)
    identifying = compared is Compared.TEXT and min(told_apart(left), told_apart(right)) >= MOSTLY_TOLD_APART
    return FieldPair(left["field"], right["field"], compared, probability, names, identifying)


def profiles_by_field(profiles: pa.Table) -> dict[tuple[str, str, str], Profile]:
    """Give each field its profile, without sketches and samples."""
    wanted = ["source", "table", "field", "type", "semantic", "rows", "nulls", "distinct", "key"]
    rows = profiles.select(wanted).to_pylist()
    return {(row["source"], row["table"], row["field"]): row for row in rows}


def is_name(profile: Profile, label: str) -> bool:
    """Tell whether a field names its records for people: it is their label, or a part of a person's name."""
    if profile["type"] != "text" or told_apart(profile) <= LEAST_TOLD_APART:
        return False
    return profile["field"] == label or bool(_PERSON_WORDS & set(words(profile["field"])))


def says_name(pair: FieldPair) -> bool:
    """Tell whether a field is called a name."""
    return bool((_NAME_WORDS | _PERSON_WORDS) & {*words(pair.left), *words(pair.right)})


def told_apart(profile: Profile) -> float:
    """Give the distinct share of the values that are there, 1 for a unique field."""
    filled = profile["rows"] - profile["nulls"]
    return float(profile["distinct"] / filled) if filled else 0.0


def counts_up(profile: Profile) -> bool:
    """Recognise surrogate keys: numbers that every database counts from one."""
    return bool(profile["type"] == "integer" and (profile["key"] or profile["semantic"] == "identifier"))


def _how_compared(left: Profile, right: Profile) -> Compared:
    types = {left["type"], right["type"]}
    if types <= {"integer", "number"}:
        return Compared.NUMBER
    return Compared.DATE if types <= {"date", "timestamp"} else Compared.TEXT
