"""Which tables may describe the same things, and by which fields their records are compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bifrost.field_words import core, table_words, words
from bifrost.model import Decision, ProposalKind, RuleKind, Table, Verdict
from linker.labels import label_fields
from linker.resolution.field_pairs import Compared, FieldPair, pair_fields, profiles_by_field, says_name

End = tuple[str, str]
"""Table and field."""

LEAST_MATCH_PROBABILITY = 0.5
"""Below this, two fields are not taken to mean the same."""


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
        """Give the fields that name the records, or else a text that stands in for a name."""
        texts = tuple(pair for pair in self.fields if pair.compared is Compared.TEXT)
        named = tuple(pair for pair in texts if pair.name)
        called = tuple(pair for pair in named if says_name(pair))
        telling = tuple(pair for pair in texts if pair.identifying)
        # A title that many records share is still what they are called by.
        return called or named[:1] or telling[:1] or tuple(pair for pair in texts if says_name(pair))[:1] or texts[:1]


def table_pairs(
    tables: Sequence[Table], profiles: pa.Table, matches: pa.Table, decisions: Iterable[Decision]
) -> list[TablePair]:
    """Find the pairs of tables whose matched fields could show that their records are the same things.

    Needed are matched names, or two other matched fields of which one identifies. Pairs that a person rejected are
    left out, and pairs that a person accepted are compared by whatever fields they share.
    """
    known = {table.id: table for table in tables}
    decided = decided_types(decisions)
    found = []
    for (left, right), fields in sorted(_matched_fields(known, profiles, _best_first(matches, decided)).items()):
        verdict = decided.get((left, right)) or decided.get((right, left))
        if verdict is Verdict.REJECT or not any(pair.compared is Compared.TEXT for pair in fields):
            continue
        if verdict is Verdict.ACCEPT or _promising(fields):
            found.append(TablePair(known[left], known[right], tuple(fields)))
    return found


def decided_types(decisions: Iterable[Decision]) -> dict[tuple[str, str], Verdict]:
    """Give (table id, table id) -> what people said about the two tables holding the same things."""
    return {
        (f"{each.start.source}/{each.start.table}", f"{each.end.source}/{each.end.table}"): decision.verdict
        for decision in decisions
        if (each := decision.proposal).kind is ProposalKind.LINK_TYPE and each.rule.kind is RuleKind.SAME_THING
    }


def _promising(fields: Sequence[FieldPair]) -> bool:
    return any(pair.name for pair in fields) or (len(fields) >= 2 and any(pair.identifying for pair in fields))


def _matched_fields(
    known: Mapping[str, Table], profiles: pa.Table, matches: Iterable[tuple[End, End, float]]
) -> dict[tuple[str, str], list[FieldPair]]:
    """Take matches best first, each field once per pair of tables."""
    by_field = profiles_by_field(profiles)
    labels = label_fields(list(known.values()), profiles)
    found: dict[tuple[str, str], list[FieldPair]] = {}
    taken: set[tuple[str, str, str]] = set()
    for (left, left_field), (right, right_field), probability in matches:
        seats = {(left, left_field, right), (right, right_field, left)}
        if seats & taken or left == right or left not in known or right not in known:
            continue
        one, two = known[left], known[right]
        if one.source == two.source or _refers(left_field, one, two) or _refers(right_field, two, one):
            continue
        both = by_field.get((one.source, one.name, left_field)), by_field.get((two.source, two.name, right_field))
        if both[0] is None or both[1] is None:
            continue
        pair = pair_fields(both[0], both[1], probability, (labels[left], labels[right]))
        if pair:
            taken |= seats
            found.setdefault((left, right), []).append(pair)
    return found


def _best_first(matches: pa.Table, decided: Mapping[tuple[str, str], Verdict]) -> list[tuple[End, End, float]]:
    """Give the likely matches; where people said that two tables hold the same things, matches in the light of that."""
    rows = []
    for row in matches.drop_columns(["because"]).to_pylist():
        left, right = sorted([_end(row, "left"), _end(row, "right")])
        verdict = decided.get((left[0], right[0])) or decided.get((right[0], left[0]))
        likely = row["probability_if_same_things" if verdict is Verdict.ACCEPT else "probability"]
        if likely >= LEAST_MATCH_PROBABILITY:
            rows.append((left, right, likely))
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def _end(row: Mapping[str, Any], side: str) -> End:
    return f"{row[f'{side}_source']}/{row[f'{side}_table']}", row[f"{side}_field"]


def _refers(field: str, own: Table, other: Table) -> bool:
    """Tell whether a field is called after the other table: `material` in specifications is a reference."""
    head = table_words(other.name)[-1:]
    return core(words(field))[-1:] == head and table_words(own.name)[-1:] != head
