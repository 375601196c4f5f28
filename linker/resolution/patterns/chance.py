"""How frequent the values of both sides are, and how far records agree that meet at random."""

import numpy as np

from linker.resolution.patterns.engines import SetEngine
from linker.resolution.patterns.levels import EXACT, LEVELS, levels_of, sql_pattern
from linker.resolution.patterns.mixture import Shares
from linker.resolution.sides import Sides
from linker.resolution.sparse_texts import Scores

RANDOM_PAIRS = 500_000
_STRIDES = (48_271, 16_807, 69_621)
"""Multipliers by which records meet at random: the same pairs on every engine."""


_USUAL = "sum((l + r) * (l + r)) / sum(l + r)"


def keep_compared(engine: SetEngine, sides: Sides) -> None:
    """Keep `compared_left` (code, f0, r0, b0, f1, ...), and `values_0`, ...: what is equal, how often.

    `b0`, `b1`, ... say how frequent a value is: 0 rare, 1, or 2 more than it is for the average record.
    """
    for position in range(len(sides.pair.fields)):
        engine.keep(f"values_{position}", _sql_values(position, duplicates=sides.pair.duplicates))
    engine.keep("compared_left", _sql_with_frequencies(sides, "left_side AS s"))


def usual_counts(engine: SetEngine, sides: Sides) -> Scores:
    """Give for each field how often its value occurs for the average record, on both sides together."""
    queries = (f"SELECT {at} AS field, {_USUAL} AS n FROM values_{at}" for at in range(len(sides.pair.fields)))
    found = engine.ask(" UNION ALL ".join(queries)).sort_by("field")
    return np.asarray(np.nan_to_num(found["n"].to_numpy().astype(np.float64), nan=1.0))


def keep_fresh(engine: SetEngine, sides: Sides, side: str, usual: Scores) -> None:
    """Keep `fresh_left` or `fresh_right`: the records whose codes `fresh_codes_left` (or right) holds.

    They have the columns of `compared_left`; how frequent their values are is told by the `usual` counts given.
    """
    own = f"{side}_side AS s JOIN fresh_codes_{side} AS fresh ON fresh.code = s.code"
    everywhere = ("left",) if sides.pair.duplicates else ("left", "right")
    for at in range(len(sides.pair.fields)):
        every = " UNION ALL ".join(f"SELECT f{at} AS v FROM {each}_side" for each in everywhere)
        twice = 2 if sides.pair.duplicates else 1
        engine.keep(
            f"values_{at}",
            f"SELECT every.v, {_sql_frequency(f'{twice} * count(*)', str(usual[at]))} AS b FROM ({every}) AS every "
            f"JOIN (SELECT DISTINCT s.f{at} AS v FROM {own}) AS wanted ON wanted.v = every.v GROUP BY every.v",
        )
    engine.keep(f"fresh_{side}", _sql_with_frequencies(sides, own))


def chance_shares(engine: SetEngine, sides: Sides) -> Shares:
    """Give the shares of levels among random pairs; of equal values they are known exactly from their frequencies."""
    count = len(sides.pair.fields)
    random = engine.ask(_sql_random_patterns(sides))
    levels = levels_of(random["pattern"].to_numpy().astype(np.int64), count)
    seen = random["n"].to_numpy()
    shares = np.stack([np.bincount(levels[at], seen, minlength=LEVELS) + 0.5 for at in range(count)])
    shares /= shares.sum(axis=1, keepdims=True)
    shares[:, list(EXACT)] = _equal_by_chance(engine, sides)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _sql_values(position: int, *, duplicates: bool) -> str:
    sides = ("left",) if duplicates else ("left", "right")
    parts = " UNION ALL ".join(
        f"SELECT f{position} AS v, {int(side == 'left')} AS l, {int(side == 'right' or duplicates)} AS r "
        f"FROM {side}_side WHERE f{position} IS NOT NULL"
        for side in sides
    )
    return (
        f"WITH counted AS (SELECT v, CAST(sum(l) AS DOUBLE) AS l, CAST(sum(r) AS DOUBLE) AS r FROM ({parts}) AS t "
        f"GROUP BY v), usual AS (SELECT {_USUAL} AS n FROM counted) "
        f"SELECT v, l, r, {_sql_frequency('l + r', 'usual.n')} AS b FROM counted CROSS JOIN usual"
    )


def _sql_with_frequencies(sides: Sides, records: str) -> str:
    """Give the SQL of records (a relation `s`) with how frequent their values are."""
    fields = range(len(sides.pair.fields))
    columns = "".join(f", s.f{at}, s.r{at}, v{at}.b AS b{at}" for at in fields)
    joins = "".join(f" LEFT JOIN values_{at} AS v{at} ON v{at}.v = s.f{at}" for at in fields)
    return f"SELECT s.code{columns} FROM {records}{joins}"


def _sql_frequency(count: str, usual: str) -> str:
    return f"CASE WHEN {count} <= {usual} / 3 THEN 0 WHEN {count} <= {usual} THEN 1 ELSE 2 END"


def _sql_random_patterns(sides: Sides) -> str:
    pattern = sql_pattern([pair.compared for pair in sides.pair.fields])
    step = max(1, len(_STRIDES) * sides.left_count // RANDOM_PAIRS)
    apart = " AND l.code <> r.code" if sides.pair.duplicates else ""
    met = " UNION ALL ".join(
        f"SELECT {pattern} AS pattern FROM (SELECT *, (code * {stride} + 17) % {sides.right_count} AS met "
        f"FROM compared_left WHERE code % {step} = 0) AS l JOIN right_side AS r ON r.code = l.met{apart}"
        for stride in _STRIDES
    )
    return f"SELECT pattern, CAST(count(*) AS DOUBLE) AS n FROM ({met}) AS t GROUP BY pattern ORDER BY pattern"


def _equal_by_chance(engine: SetEngine, sides: Sides) -> Shares:
    meet = "l * (l - 1)" if sides.pair.duplicates else "l * r"
    queries = (
        f"SELECT {at} AS field, b, sum({meet}) AS n FROM values_{at} GROUP BY b" for at in range(len(sides.pair.fields))
    )
    found = engine.ask(" UNION ALL ".join(queries)).to_pydict()
    shares = np.full((len(sides.pair.fields), len(EXACT)), 1e-9)
    meetings = sides.left_count * (sides.right_count - sides.pair.duplicates)
    for field, b, n in zip(found["field"], found["b"], found["n"], strict=True):
        shares[field, b] += n / max(meetings, 1)
    return shares
