"""From two loaded sides to scored pairs: block, compare, learn from the patterns, keep what may be the same."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bifrost.iris import sql_text
from linker.resolution.field_pairs import Compared, says_name
from linker.resolution.patterns.engines import SetEngine
from linker.resolution.patterns.keys import Blocking, choose_keys, sql_agree
from linker.resolution.patterns.levels import EXACT, LEVELS, Patterns, levels_of, sql_pattern
from linker.resolution.patterns.mixture import Counted, Sameness, Shares, learn
from linker.resolution.sides import Codes, Sides

RANDOM_PAIRS = 500_000
LARGEST_LOG_ODDS = 12.0
_STRIDES = (48_271, 16_807, 69_621)
"""Multipliers by which records meet at random; the same pairs on every engine."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """What was compared."""

    pairs: int
    recall: float
    """Estimated share of the same pairs that were compared."""
    keys: tuple[str, ...]
    f1: float = 0.0


def score_patterns(
    engine: SetEngine, sides: Sides, said: tuple[Codes, Codes, list[bool]], least: float
) -> tuple[pa.Table, Blocked]:
    """Compare two sides and give the pairs from the probability `least` on, in no order, and what was compared.

    The columns are l, r, probability, score (log-odds) and because, as `reasons.explain` gives them. The relations
    `left_side` and `right_side` must be known to the engine.
    """
    compared = [pair.compared for pair in sides.pair.fields]
    chance = _prepare(engine, sides)
    blocking = choose_keys(engine, sides)
    _compare(engine, sides, blocking, said)
    found = engine.ask("SELECT pattern, CAST(count(*) AS DOUBLE) AS n FROM compared_pairs GROUP BY pattern ORDER BY pattern")
    answers = engine.ask(f"SELECT a.same, {sql_pattern(compared)} AS pattern FROM answered AS a JOIN compared_left AS l ON l.code = a.l JOIN compared_right AS r ON r.code = a.r")
    patterns = found["pattern"].to_numpy()
    counted = _counted(patterns, found["n"].to_numpy(), len(compared), answers)
    learned = learn(counted, chance, blocking.keys, _names(sides)) if len(patterns) else None
    if learned is None:
        return _NOTHING, Blocked(int(counted.pairs.sum()), 0.0, _written(sides, blocking))
    kept = _kept(engine, sides, patterns, learned, least)
    return kept, Blocked(int(counted.pairs.sum()), learned.recall, _written(sides, blocking), learned.f1)


def _names(sides: Sides) -> list[int]:
    """Give the fields by which records are called: every part of a name counts, also one that many share."""
    called = [at for at, each in enumerate(sides.pair.fields) if each.compared is Compared.TEXT and says_name(each)]
    return called or [sides.pair.fields.index(each) for each in sides.pair.names]


_NOTHING = pa.table(
    {
        "l": pa.array([], pa.int64()),
        "r": pa.array([], pa.int64()),
        "pattern": pa.array([], pa.int64()),
        "probability": pa.array([], pa.float64()),
        "score": pa.array([], pa.float64()),
    }
)


def _prepare(engine: SetEngine, sides: Sides) -> Shares:
    """Keep `compared_left` and `compared_right`, and give the shares of levels among random pairs."""
    count = len(sides.pair.fields)
    right = "left_side" if sides.pair.duplicates else "right_side"
    for position in range(count):
        engine.keep(f"values_{position}", _sql_values(position, right, duplicates=sides.pair.duplicates))
    frequencies = "".join(f", v{at}.b AS b{at}" for at in range(count))
    joins = "".join(f" LEFT JOIN values_{at} AS v{at} ON v{at}.v = s.f{at}" for at in range(count))
    columns = "".join(f", s.f{at}, s.r{at}" for at in range(count))
    engine.keep("compared_left", f"SELECT s.code{columns}{frequencies} FROM left_side AS s{joins}")
    engine.keep("compared_right", f"SELECT s.code{columns} FROM {right} AS s")
    return _chance(engine, sides)


def _sql_values(position: int, right: str, *, duplicates: bool) -> str:
    """Give the SQL of a field's values: how often on both sides, and how frequent (0 rare to 2) beside the average."""
    counts = ("left_side", 1, 0 if not duplicates else 1), (right, 0, 1)
    parts = [
        f"SELECT f{position} AS v, {left} AS kl, {other} AS kr FROM {side} WHERE f{position} IS NOT NULL"
        for side, left, other in (counts[:1] if duplicates else counts)
    ]
    return (
        f"WITH counted AS (SELECT v, CAST(sum(kl) AS DOUBLE) AS kl, CAST(sum(kr) AS DOUBLE) AS kr "
        f"FROM ({' UNION ALL '.join(parts)}) AS t GROUP BY v), "
        "usual AS (SELECT sum((kl + kr) * (kl + kr)) / sum(kl + kr) AS k FROM counted) "
        "SELECT v, kl, kr, CASE WHEN kl + kr <= usual.k / 3 THEN 0 WHEN kl + kr <= usual.k THEN 1 ELSE 2 END AS b "
        "FROM counted CROSS JOIN usual"
    )


def _chance(engine: SetEngine, sides: Sides) -> Shares:
    """Count levels among random pairs; of equal values the exact share is known from their frequencies."""
    count = len(sides.pair.fields)
    step = max(1, len(_STRIDES) * sides.left_count // RANDOM_PAIRS)
    pattern = sql_pattern([pair.compared for pair in sides.pair.fields])
    own = " AND l.code <> r.code" if sides.pair.duplicates else ""
    met = " UNION ALL ".join(
        f"SELECT {pattern} AS pattern FROM (SELECT *, (code * {stride} + 17) % {sides.right_count} AS met "
        f"FROM compared_left WHERE code % {step} = 0) AS l JOIN compared_right AS r ON r.code = l.met{own}"
        for stride in _STRIDES
    )
    random = engine.ask(f"SELECT pattern, CAST(count(*) AS DOUBLE) AS n FROM ({met}) AS t GROUP BY pattern")
    levels = levels_of(random["pattern"].to_numpy().astype(np.int64), count)
    shares = np.stack(
        [np.bincount(levels[:, at], random["n"].to_numpy(), minlength=LEVELS) + 0.5 for at in range(count)]
    )
    shares /= shares.sum(axis=1, keepdims=True)
    shares[:, list(EXACT)] = _equal_by_chance(engine, sides)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _equal_by_chance(engine: SetEngine, sides: Sides) -> Shares:
    meet = "kl * (kl - 1)" if sides.pair.duplicates else "kl * kr"
    queries = (
        f"SELECT {at} AS field, b, sum({meet}) AS n FROM values_{at} GROUP BY b" for at in range(len(sides.pair.fields))
    )
    found = engine.ask(" UNION ALL ".join(queries))
    shares = np.full((len(sides.pair.fields), 3), 1e-9)
    comparisons = sides.left_count * (sides.right_count - sides.pair.duplicates)
    for field, b, n in zip(*(found[name].to_pylist() for name in ("field", "b", "n")), strict=True):
        shares[field, b] += n / max(comparisons, 1)
    return shares


def _compare(engine: SetEngine, sides: Sides, blocking: Blocking, said: tuple[Codes, Codes, list[bool]]) -> None:
    """Keep `compared_pairs`, each pair under its first key, and `answered`, the pairs that people spoke about."""
    pattern = sql_pattern([pair.compared for pair in sides.pair.fields])
    ordered = " AND l.code < r.code" if sides.pair.duplicates else ""
    queries = []
    for at, key in enumerate(blocking.keys):
        earlier = "".join(f" AND NOT coalesce({sql_agree(other)}, FALSE)" for other in blocking.keys[:at])
        queries.append(
            f"SELECT l.code AS l, r.code AS r, {pattern} AS pattern FROM compared_left AS l "
            f"JOIN compared_right AS r ON {sql_agree(key)}{ordered}{earlier}"
        )
    nothing = "SELECT code AS l, code AS r, CAST(0 AS BIGINT) AS pattern FROM compared_left WHERE FALSE"
    engine.keep("compared_pairs", " UNION ALL ".join(queries or [nothing]))
    engine.take("answered", pa.table({"l": said[0], "r": said[1], "same": pa.array(said[2], pa.bool_())}))


def _counted(patterns: Patterns, seen: np.ndarray, fields: int, answers: pa.Table) -> Counted:
    """Bring what people said to the patterns; answers about patterns that were never seen teach nothing here."""
    said = np.zeros((2, len(patterns)))
    if len(patterns):
        known = answers["pattern"].to_numpy().astype(np.int64)
        place = np.searchsorted(patterns, known).clip(max=len(patterns) - 1)
        there = patterns[place] == known
        same = answers["same"].to_numpy(zero_copy_only=False).astype(np.int64)
        np.add.at(said, (same[there], place[there]), 1.0)
    return Counted(levels_of(patterns.astype(np.int64), fields), seen, said[1], said[0])


def _kept(engine: SetEngine, sides: Sides, patterns: Patterns, learned: Sameness, least: float) -> pa.Table:
    score = np.clip(learned.log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    worth = score >= np.log(least / (1 - least))
    engine.take("likely", pa.table({"pattern": patterns[worth], "score": score[worth], "odds": np.exp(score[worth])}))
    # A record of one table has one partner in another: those that it could have share its probability.
    rivals = "odds" if sides.pair.duplicates else (
        "greatest(sum(odds) OVER (PARTITION BY l), sum(odds) OVER (PARTITION BY r))"
    )
    return engine.ask(
        f"SELECT l, r, pattern, odds / (1 + {rivals}) AS probability, score "
        "FROM compared_pairs JOIN likely USING (pattern)"
    )


def _written(sides: Sides, blocking: Blocking) -> tuple[str, ...]:
    return tuple(
        " + ".join(f"{sides.pair.fields[part.field].left}{' (start)' if part.start else ''}" for part in key)
        for key in blocking.keys
    )
