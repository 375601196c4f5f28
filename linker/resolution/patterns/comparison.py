"""What is known of two tables by patterns before anybody is asked: how often each was seen, and which pairs may be the
same.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from linker.resolution.field_pairs import Compared, says_name
from linker.resolution.patterns.chance import chance_shares, keep_compared, usual_counts
from linker.resolution.patterns.engines import SetEngine
from linker.resolution.patterns.keys import Blocking, choose_keys, sql_first_agree
from linker.resolution.patterns.levels import Patterns, levels_of, sql_pattern
from linker.resolution.patterns.mixture import Counted, Kinds, Sameness, Shares, learn
from linker.resolution.sides import Sides
from linker.resolution.sparse_texts import Scores

LEAST_LOG_ODDS = -6.0
"""Pairs below are not remembered: no answers make them likely."""


@dataclass(frozen=True, slots=True)
class PatternComparison:
    """Patterns of the pairs that share a blocking key."""

    patterns: Patterns
    """Ascending."""
    seen: Scores
    """How many pairs have each pattern."""
    pairs: pa.Table
    """l, r, pattern: the pairs that may be the same, in order."""
    chance: Shares
    usual: Scores
    """How often the value of a field occurs, for the average record."""
    blocking: Blocking
    f1: float = 0.0
    """What the model expects its F1 to be without any answer; 0 where it finds no sameness."""
    recall: float = 0.0
    """The share of the same pairs that the blocking keys select, as estimated."""
    kinds: Kinds | None = None
    """What was fitted, from which other fits go on."""
    changed: int = 0
    """Records that came, went or changed since all were compared."""

    def learn(self, sides: Sides, said_same: Scores, said_other: Scores) -> Sameness | None:
        """Learn from the patterns and from how many pairs of each people called the same or not."""
        if not len(self.patterns):
            return None
        levels = levels_of(self.patterns, len(sides.pair.fields))
        counted = Counted(levels, self.seen, said_same, said_other)
        return learn(counted, self.chance, self.blocking.keys, _names(sides), self.kinds)


def compare_patterns(engine: SetEngine, sides: Sides) -> PatternComparison:
    """Block, compare, and count patterns; the engine must know the relations `left_side` and `right_side`."""
    keep_compared(engine, sides)
    chance, blocking = chance_shares(engine, sides), choose_keys(engine, sides)
    engine.keep("compared_pairs", _sql_pairs(sides, blocking))
    patterns, seen = count_patterns(engine)
    nothing = PatternComparison(patterns, seen, NO_PAIRS, chance, usual_counts(engine, sides), blocking)
    return with_likely_pairs(engine, sides, nothing)


def count_patterns(engine: SetEngine) -> tuple[Patterns, Scores]:
    """Give the patterns of `compared_pairs`, ascending, and how often each stands there."""
    counted = engine.ask(
        "SELECT pattern, CAST(count(*) AS DOUBLE) AS n FROM compared_pairs GROUP BY pattern ORDER BY pattern"
    )
    return counted["pattern"].to_numpy().astype(np.int64), counted["n"].to_numpy()


def with_likely_pairs(engine: SetEngine, sides: Sides, counted: PatternComparison) -> PatternComparison:
    """Learn from what was counted, and add those of `compared_pairs` that may be the same to the pairs."""
    nobody = np.zeros(len(counted.seen))
    learned = counted.learn(sides, nobody, nobody)
    if learned is None:
        return replace(counted, kinds=None, f1=0.0, recall=0.0)
    engine.take("likely", pa.table({"pattern": counted.patterns[learned.log_odds >= LEAST_LOG_ODDS]}))
    found = engine.ask("SELECT l, r, pattern FROM compared_pairs JOIN likely USING (pattern)").cast(NO_PAIRS.schema)
    pairs = pa.concat_tables([counted.pairs, found]).sort_by([("l", "ascending"), ("r", "ascending")])
    return replace(counted, pairs=pairs, kinds=learned.kinds, f1=learned.f1, recall=learned.recall)


NO_PAIRS = pa.table({name: pa.array([], pa.int64()) for name in ("l", "r", "pattern")})


def _names(sides: Sides) -> list[int]:
    """Give the fields by which records are called: every part of a name counts, also one that many share."""
    called = [at for at, each in enumerate(sides.pair.fields) if each.compared is Compared.TEXT and says_name(each)]
    return called or [sides.pair.fields.index(each) for each in sides.pair.names]


def _sql_pairs(sides: Sides, blocking: Blocking) -> str:
    """Give the SQL of all pairs that share a key, each under its first: l, r, pattern."""
    pattern = sql_pattern([pair.compared for pair in sides.pair.fields])
    ordered = " AND l.code < r.code" if sides.pair.duplicates else ""
    queries = ["SELECT code AS l, code AS r, CAST(0 AS BIGINT) AS pattern FROM compared_left WHERE FALSE"]
    queries += [
        f"SELECT l.code AS l, r.code AS r, {pattern} AS pattern FROM compared_left AS l "
        f"JOIN right_side AS r ON {agree}{ordered}"
        for agree in sql_first_agree(blocking.keys)
    ]
    return " UNION ALL ".join(queries)
