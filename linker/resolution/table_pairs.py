"""Which tables may describe the same things, and by which fields their records are compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

from bifrost.field_words import words
from bifrost.model import Decision, ItemKind, ProposalKind, RuleKind, Table, Verdict

LEAST_MATCH_PROBABILITY = 0.5
"""Below this, two fields are not taken to mean the same."""


LEAST_TOLD_APART = 0.3
"""A name that fewer of its records have to themselves names something else."""
_NAME_WORDS = frozenset({"name", "title", "label", "surname", "forename", "designation", "heading", "caption"})


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


@dataclass(frozen=True, slots=True)
class TablePair:
    """Two tables whose records are to be compared; twice the same table means a search for duplicates."""

    left: Table
    right: Table
    fields: tuple[FieldPair, ...]

    @property
    def id(self) -> str:
        """Name the pair uniquely within the project."""
        return f"{self.left.id}|{self.right.id}"

    @property
    def duplicates(self) -> bool:
        """Tell whether the search is for duplicates within one table."""
        return self.left.id == self.right.id

    @property
    def names(self) -> tuple[FieldPair, ...]:
        """Give the fields that name the records, or else the texts that stand in for a name."""
        texts = tuple(pair for pair in self.fields if pair.compared is Compared.TEXT)
        named = tuple(pair for pair in texts if pair.name)
        return tuple(pair for pair in named if says_name(pair)) or named[:1] or texts[:1]


Profiles = Mapping[tuple[str, str, str], Mapping[str, Any]]
"""(source, table, field) -> the field's profile."""


def table_pairs(
    tables: Sequence[Table], profiles: pa.Table, matches: pa.Table, decisions: Iterable[Decision]
) -> list[TablePair]:
    """Find the pairs of tables whose matched fields could show that their records are the same things.

    Needed are matched names, or two other matched fields; pairs that a person rejected are left out, and pairs that
    a person accepted are compared by whatever fields they share.
    """
    known = {table.id: table for table in tables}
    by_field = profiles_by_field(profiles)
    labels = label_fields(tables, profiles)
    decided = decided_types(decisions)
    found = []
    for (left, right), fields in sorted(_matched_fields(known, by_field, labels, matches).items()):
        verdict = decided.get((left, right)) or decided.get((right, left))
        if verdict is Verdict.REJECT or not any(pair.compared is Compared.TEXT for pair in fields):
            continue
        if verdict is Verdict.ACCEPT or _promising(fields):
            found.append(TablePair(known[left], known[right], tuple(fields)))
    return found


def profiles_by_field(profiles: pa.Table) -> Profiles:
    """Give each field its profile, without the sketches."""
    columns = ["source", "table", "field", "position", "type", "semantic", "rows", "nulls", "distinct", "unique", "key"]
    rows = profiles.select([*columns, "mean_length", "samples"]).to_pylist()
    return {(row["source"], row["table"], row["field"]): row for row in rows}


def says_name(pair: FieldPair) -> bool:
    """Tell whether a field is called a name."""
    return bool(_NAME_WORDS & {*words(pair.left), *words(pair.right)})


def is_name(profile: Mapping[str, Any]) -> bool:
    """Tell whether a field names its records for people."""
    named = profile["type"] == "text" and profile["semantic"] == "name"
    return bool(named and told_apart(profile) > LEAST_TOLD_APART)


def told_apart(profile: Mapping[str, Any]) -> float:
    """Give the share of values that no other record has, 1 for a unique field."""
    filled = profile["rows"] - profile["nulls"]
    return profile["distinct"] / filled if filled else 0.0


def _promising(fields: Sequence[FieldPair]) -> bool:
    return any(pair.name for pair in fields) or len(fields) >= 2


def _matched_fields(
    known: Mapping[str, Table], profiles: Profiles, labels: Mapping[str, str], matches: pa.Table
) -> dict[tuple[str, str], list[FieldPair]]:
    """Take matches best first, each field once per pair of tables."""
    found: dict[tuple[str, str], list[FieldPair]] = {}
    taken: set[tuple[str, str, str, str]] = set()
    rows = sorted(matches.drop_columns(["because"]).to_pylist(), key=lambda row: (-row["probability"], *row.values()))
    for row in rows:
        ends = sorted([_end(row, "left"), _end(row, "right")])
        (left, left_field), (right, right_field) = ends
        sides = {("l", left, right, left_field), ("r", left, right, right_field)}
        if row["probability"] < LEAST_MATCH_PROBABILITY or left == right or sides & taken:
            continue
        if left not in known or right not in known or known[left].source == known[right].source:
            continue
        if _refers(left_field, known[left], known[right]) or _refers(right_field, known[right], known[left]):
            continue
        both = [profiles.get((known[id_].source, known[id_].name, field)) for id_, field in ends]
        named = {left_field, labels[left]} & _NAMES_OF(left_field) if False else None
        pair = _field_pair(both, (left_field, right_field), labels, row["probability"])
        if pair:
            taken |= sides
            found.setdefault((left, right), []).append(pair)
    return found


def _end(row: Mapping[str, Any], side: str) -> tuple[str, str]:
    return f"{row[f'{side}_source']}/{row[f'{side}_table']}", row[f"{side}_field"]


def _field_pair(
    profiles: Profiles, left: tuple[str, str], right: tuple[str, str], known: Mapping[str, Table], probability: float
) -> FieldPair | None:
    both = [profiles.get((known[id_].source, known[id_].name, field)) for id_, field in (left, right)]
    first, second = both
    if first is None or second is None or counts_up(first) or counts_up(second):
        return None
    name = is_name(first) and is_name(second)
    return FieldPair(left[1], right[1], how_compared(first, second), probability, name)


def counts_up(profile: Mapping[str, Any]) -> bool:
    """Recognise surrogate keys: numbers that every database counts from one say nothing about sameness."""
    return bool(profile["type"] == "integer" and (profile["key"] or profile["semantic"] == "identifier"))


def how_compared(first: Mapping[str, Any], second: Mapping[str, Any]) -> Compared:
    """Choose the comparison that suits the types of both fields."""
    types = {first["type"], second["type"]}
    if types <= {"integer", "number"}:
        return Compared.NUMBER
    return Compared.DATE if types <= {"date", "timestamp"} else Compared.TEXT


def decided_types(decisions: Iterable[Decision]) -> dict[tuple[str, str], Verdict]:
    """Give (table id, table id) -> what people said about the two tables holding the same things."""
    return {
        (f"{each.start.source}/{each.start.table}", f"{each.end.source}/{each.end.table}"): decision.verdict
        for decision in decisions
        if (each := decision.proposal).kind is ProposalKind.LINK_TYPE and each.rule.kind is RuleKind.SAME_THING
    }
