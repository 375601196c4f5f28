"""References through several fields at once: the key of the target needs them all."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bifrost.model import Reason, Table
from bifrost.project import Project
from linker.references import scoring
from linker.references.columns import Column, can_refer
from linker.references.measuring import Join, Measured, measure

_FIELDS = (2, 3)
_NAMED_LIKE_THE_KEY = 4.5
_OWN_KEY = -3.0
_SURPRISE_MOST = 2.5
_LEAST_COVERAGE = 0.5


@dataclass(frozen=True, slots=True)
class CompositeCandidate:
    """Fields that together may refer to a key of several fields."""

    join: Join
    reasons: tuple[Reason, ...]
    measured: Measured

    @property
    def log_odds(self) -> float:
        """Add up the evidence."""
        return scoring.total(self.reasons)


def composites(project: Project, connection: Any, columns: Sequence[Column]) -> list[CompositeCandidate]:
    """Find tables whose fields are named like all fields of another table's key, and measure how they meet."""
    by_table: dict[Table, list[Column]] = defaultdict(list)
    for column in columns:
        by_table[column.table].append(column)
    pairs = [pair for end in by_table for pair in _namesakes(end, by_table)]
    return [_judged(project, connection, start, end) for start, end in pairs]


def _namesakes(
    end: Table, by_table: Mapping[Table, Sequence[Column]]
) -> Iterator[tuple[tuple[Column, ...], tuple[Column, ...]]]:
    key = [column for name in end.key for column in by_table[end] if column.field == name]
    if len(key) not in _FIELDS or len(key) != len(end.key) or any(column.empty for column in key):
        return
    for start, columns in by_table.items():
        found = [_namesake(part, columns) for part in key]
        chosen = tuple(column for column in found if column is not None)
        if start != end and len(chosen) == len(set(chosen)) == len(key) and any(can_refer(column) for column in chosen):
            yield chosen, tuple(key)


def _namesake(part: Column, columns: Sequence[Column]) -> Column | None:
    return next((each for each in columns if each.words == part.words and not each.empty), None)


def _judged(project: Project, connection: Any, start: Sequence[Column], end: Sequence[Column]) -> CompositeCandidate:
    join = _join(start, end, "exact")
    measured = measure(project, connection, join)
    if measured.coverage < _LEAST_COVERAGE:
        other = _join(start, end, "compact")
        compact = measure(project, connection, other)
        if compact.matched > measured.matched:
            join, measured = other, compact
    return CompositeCandidate(join, tuple(_evidence(start, join, measured)), measured)


def _join(start: Sequence[Column], end: Sequence[Column], transform: str) -> Join:
    names = tuple(column.field for column in start), tuple(column.field for column in end)
    return Join(start[0].table, names[0], end[0].table, names[1], transform)


def _evidence(start: Sequence[Column], join: Join, measured: Measured) -> Iterator[Reason]:
    shown = f"{' + '.join(join.start_fields)} ~ {' + '.join(join.end_fields)}"
    yield Reason("before evidence", "", scoring.START)
    yield Reason("named like the whole key", shown, _NAMED_LIKE_THE_KEY)
    yield scoring.share_evidence(measured.coverage, measured.values)
    weight = min(_SURPRISE_MOST, 0.5 * math.log2(1 + measured.matched))
    yield Reason("not by chance", f"{measured.matched} combinations", round(weight, 4))
    yield Reason("target is the key", join.end.id, 1.0)
    if set(join.start_fields) == set(start[0].table.key):
        yield Reason("is its own table's key", join.start.id, _OWN_KEY)
    yield from scoring.distance_evidence(join.start, join.end, join.transform)
