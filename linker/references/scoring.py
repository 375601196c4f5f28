"""From evidence to a probability: weights in log-odds that add up, so that every proposal explains itself.

The weights are set by hand from what distinguishes references in general. What matters most is the name, since
serial integers lie in every serial key; then how many values are found, and how unlikely that is by chance.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bifrost.model import Reason, Table
from linker.references.columns import SELF_ROLE_WORDS, Column
from linker.references.transforms import TRANSFORMS

START = -4.0
"""Log-odds before any evidence: few pairs of fields are references."""

_COVERAGE = ((0.0, -7.0), (0.3, -4.5), (0.5, -2.5), (0.7, -1.0), (0.9, 0.5), (0.98, 1.5), (1.0, 1.5))
_FEW_VALUES, _FEW_WEIGHT = 5, 0.5
_SURPRISE_PER_DOUBLING, _SURPRISE_MOST = 0.5, 2.5
_SHORT_VALUE = 2
_FAR_FROM_ONE = 100
_RIVAL_SLOPE = 1.5


def probability(log_odds: float) -> float:
    """Map log-odds to a probability."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


def total(reasons: Sequence[Reason]) -> float:
    """Add up the log-odds."""
    return sum(reason.weight for reason in reasons)


def coverage_evidence(start: Column, coverage: float) -> Reason:
    """Weigh the share of distinct values that are found in the key."""
    if start.empty:
        return Reason("values found", "no values", -1.0)
    return share_evidence(coverage, start.distinct)


def share_evidence(coverage: float, values: int) -> Reason:
    """Weigh a share of distinct values; a few of them prove little."""
    weight = _between(coverage)
    if weight > 0 and values < _FEW_VALUES:
        weight *= _FEW_WEIGHT
    return Reason("values found", f"{coverage:.1%} of {values}", round(weight, 4))


def structure_evidence(start: Column, end: Column, transform: str) -> Iterator[Reason]:
    """Weigh what the two ends are."""
    if start.refers and not start.names_own_table:
        yield Reason("name ends like a reference", start.field, 0.7)
    elif start.semantic == "measure":
        yield Reason("looks like a measure", start.field, -1.5)
    yield _target_evidence(start, end)
    if start.table == end.table and not set(start.words) & SELF_ROLE_WORDS:
        yield Reason("same table without a role", start.field, -4.0)
    yield from _own_key_evidence(start)
    if start.table.source != end.table.source and start.range and end.serial:
        yield Reason("serial numbers of another source", f"up to {end.maximum}", -1.5)
    yield from distance_evidence(start.table, end.table, transform)


def distance_evidence(start: Table, end: Table, transform: str) -> Iterator[Reason]:
    """Weigh how far apart two tables are: in another source, in another writing."""
    if start.source != end.source:
        yield Reason("between sources", f"{start.source} - {end.source}", -0.7)
    if transform != "exact":
        yield Reason("written differently", transform, -TRANSFORMS[transform].cost)


def _target_evidence(start: Column, end: Column) -> Reason:
    if end.sole_key:
        return Reason("target is the key", end.id, 1.0)
    if not end.table.key and end.position == 0:
        return Reason("target is unique and stands first", end.id, 0.5)
    if end.is_label and start.type == "text":
        return Reason("target is a unique name", end.id, -0.5)
    return Reason("target is unique, but not the key", end.id, -1.5)


def _own_key_evidence(start: Column) -> Iterator[Reason]:
    if start.unique and start.names_own_table:
        yield Reason("identifies its own table", start.id, -6.0)
    elif start.sole_key:
        yield Reason("is its own table's key", start.id, -1.5)


def surprise_evidence(start: Column, end: Column, transform: str, matched: int, strangers: int) -> Iterator[Reason]:
    """Weigh how unlikely it is that so many values are found by chance.

    `strangers` counts the fields of other names whose values are found in the same key: a key that holds
    everything says nothing.
    """
    if not matched:
        return
    doublings = _SURPRISE_PER_DOUBLING * math.log2(1 + matched) / (1 + strangers)
    if transform in ("number", "last_number"):
        yield from _prefix_evidence(start, end)
    elif start.range is not None and end.range is not None:
        yield from _integer_surprise(start, end, doublings)
    else:
        short = max((len(value) for value in start.samples), default=0) <= _SHORT_VALUE
        weight = min(_SURPRISE_MOST / (1 + strangers), doublings) * (0.5 if short else 1.0)
        yield Reason("not by chance", f"{matched} texts", round(weight, 4))


def _integer_surprise(start: Column, end: Column, doublings: float) -> Iterator[Reason]:
    assert start.range is not None
    assert end.range is not None
    if not end.serial:
        yield Reason("not by chance", "sparse numbers", round(min(_SURPRISE_MOST, doublings), 4))
    elif end.range[0] >= _FAR_FROM_ONE and start.distinct >= _FEW_VALUES:
        yield Reason("not by chance", f"numbers from {end.range[0]} on", round(min(_SURPRISE_MOST, doublings), 4))
    elif start.distinct >= 20 and start.range[1] >= 0.8 * end.range[1]:
        yield Reason("same range", f"{start.range[0]} to {start.range[1]}", 0.7)


def _prefix_evidence(start: Column, end: Column) -> Iterator[Reason]:
    """Where only the numbers meet, the letters before them must not disagree."""
    own, other = start.prefix, end.prefix
    initials = {word[: len(own)] for word in (*end.table_words, *end.core)} if own else set()
    if own and other:
        agree = own.startswith(other) or other.startswith(own)
        yield Reason("letters before the number", f"{own} - {other}", 1.5 if agree else -6.0)
    elif own and own in initials:
        yield Reason("letters before the number", f"{own} - {' '.join(end.table_words)}", 1.0)
    elif own:
        yield Reason("letters before the number", f"{own} - {' '.join(end.table_words)}", -1.5)
    elif other:
        yield Reason("letters before the number", f"none - {other}", -0.5)


def rival_evidence(log_odds: float, rival: float, name: str) -> Reason:
    """Share the probability of one referring field between its target and the best other one."""
    alone, share = probability(log_odds), probability(_RIVAL_SLOPE * (log_odds - rival))
    shared = min(max(alone * share, 1e-12), 1 - 1e-12)
    return Reason("rival target", name, round(math.log(shared / (1 - shared)) - log_odds, 4))


def _between(coverage: float) -> float:
    for (low, below), (high, above) in pairwise(_COVERAGE):
        if coverage <= high:
            return below + (above - below) * (coverage - low) / (high - low)
    return _COVERAGE[-1][1]
