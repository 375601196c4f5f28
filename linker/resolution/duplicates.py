"""Which tables may hold the same thing twice."""

from collections.abc import Iterable, Sequence

import pyarrow as pa

from bifrost.model import Decision, Table, Verdict
from linker.labels import label_fields
from linker.resolution.field_pairs import (
    FieldPair,
    Profiles,
    pair_fields,
    profiles_by_field,
    says_name,
    told_apart,
)
from linker.resolution.table_pairs import TablePair, decided_types

FEWEST_ROWS = 20
FEWEST_OTHER_FIELDS = 2
"""What must be comparable beside the name."""
OWN_NAMES = 0.7
"""A single name that fewer records have to themselves, as the customer of an order, names something else."""


def tables_with_duplicates(
    tables: Sequence[Table], profiles: pa.Table, decisions: Iterable[Decision]
) -> list[TablePair]:
    """Find tables of named things, some of whose names are repeated, with enough fields to compare.

    Tables that a person accepted are searched whatever they hold, those that a person rejected never.
    """
    by_field, decided = profiles_by_field(profiles), decided_types(decisions)
    labels = label_fields(tables, profiles)
    found = []
    for table in sorted(tables, key=lambda each: each.id):
        verdict = decided.get((table.id, table.id))
        pair = TablePair(table, table, _compared_with_itself(table, by_field, labels[table.id]))
        if verdict is Verdict.REJECT or not pair.names:
            continue
        if verdict is Verdict.ACCEPT or _promising(pair, by_field):
            found.append(pair)
    return found


def _compared_with_itself(table: Table, profiles: Profiles, label: str) -> tuple[FieldPair, ...]:
    own = [profiles.get((table.source, table.name, name)) for name in table.fields if name not in table.key]
    pairs = [pair_fields(profile, profile, 1.0, (label, label)) for profile in own if profile]
    return tuple(pair for pair in pairs if pair)


def _promising(pair: TablePair, profiles: Profiles) -> bool:
    names, table = pair.names, pair.left
    if table.rows < FEWEST_ROWS or len(pair.fields) - len(names) < FEWEST_OTHER_FIELDS or not says_name(names[0]):
        return False
    if len(names) > 1:  # First and last names repeat by themselves; only together do they name anybody.
        return True
    return OWN_NAMES < told_apart(profiles[(table.source, table.name, names[0].left)]) < 1
