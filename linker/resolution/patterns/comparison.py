"""What is known of two tables by patterns before anybody is asked: how often each was seen, and the pairs that may be
the same.

Nothing here depends on answers, so that an answer costs a new judgement and no new comparison.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from bifrost.digests import digest_of
from bifrost.project import Project
from linker.resolution.field_pairs import Compared, says_name
from linker.resolution.patterns.chance import chance_shares, keep_compared
from linker.resolution.patterns.engines import SetEngine, engine_for
from linker.resolution.patterns.keys import Blocking, Key, Part, choose_keys, sql_agree
from linker.resolution.patterns.levels import MOST_FIELDS, Patterns, levels_of, sql_pattern
from linker.resolution.patterns.mixture import Counted, Sameness, Shares, learn
from linker.resolution.sides import Sides
from linker.resolution.sparse_texts import Scores

VERSION = 1
STAGE = "resolution patterns"
FEWEST_FIELDS, FEWEST_RECORDS = 4, 1_000
"""With fewer there is too little to tell kinds of pairs apart by."""
TRUSTED_F1 = 0.98
"""Where the model expects less of itself, tables that are small enough are compared more closely."""
LARGE = 200_000
"""Records of both sides from which nothing else is affordable."""
LEAST_LOG_ODDS = -6.0
"""Pairs below are not remembered: no answers make them likely."""
_FACTS = b"facts"


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
    blocking: Blocking
    f1: float
    """What the model expects its F1 to be without any answer; 0 where it finds no sameness."""
    recall: float
    """The share of the same pairs that the blocking keys select, as estimated."""

    def learn(self, sides: Sides, said_same: Scores, said_other: Scores) -> Sameness | None:
        """Learn from the patterns and from how many pairs of each people called the same or not."""
        levels = levels_of(self.patterns, len(sides.pair.fields))
        return learn(Counted(levels, self.seen, said_same, said_other), self.chance, self.blocking.keys, _names(sides))


def compare_patterns(engine: SetEngine, sides: Sides) -> PatternComparison:
    """Block, compare, and count patterns; the engine must know the relations `left_side` and `right_side`."""
    keep_compared(engine, sides)
    chance, blocking = chance_shares(engine, sides), choose_keys(engine, sides)
    engine.keep("compared_pairs", _sql_pairs(sides, blocking))
    counted = engine.ask(
        "SELECT pattern, CAST(count(*) AS DOUBLE) AS n FROM compared_pairs GROUP BY pattern ORDER BY pattern"
    )
    patterns, seen = counted["pattern"].to_numpy().astype(np.int64), counted["n"].to_numpy()
    found = PatternComparison(patterns, seen, _NO_PAIRS, chance, blocking, 0.0, 0.0)
    learned = found.learn(sides, np.zeros(len(seen)), np.zeros(len(seen))) if len(seen) else None
    if learned is None:
        return found
    engine.take("likely", pa.table({"pattern": patterns[learned.log_odds >= LEAST_LOG_ODDS]}))
    pairs = engine.ask("SELECT l, r, pattern FROM compared_pairs JOIN likely USING (pattern) ORDER BY l, r")
    return PatternComparison(patterns, seen, pairs.cast(_NO_PAIRS.schema), chance, blocking, learned.f1, learned.recall)


def remembered_patterns(project: Project, sides: Sides) -> PatternComparison | None:
    """Compare two tables by patterns, or give what was staged; None where another way suits them better."""
    if not _has_enough(sides):
        return None
    given = _given(project, sides)
    known = project.catalog.checkpoint(STAGE, sides.pair.id, given)
    if known is not None and project.staging.has(known):
        comparison = _read(project.staging.table([known]))
    else:
        with engine_for(project, sides) as engine:
            comparison = compare_patterns(engine, sides)
        project.catalog.finish_unit(STAGE, sides.pair.id, given, project.staging.put_table(_written(comparison)).digest)
    large = sides.left_count + sides.right_count >= LARGE
    return comparison if comparison.f1 >= TRUSTED_F1 or large else None


def forget_patterns(project: Project, pairs: Collection[str]) -> None:
    """Forget what is known of all pairs of tables but `pairs`."""
    known = project.catalog.checkpoints(STAGE)
    project.catalog.drop_checkpoints(STAGE, [unit for unit in known if unit not in pairs])


_NO_PAIRS = pa.table({name: pa.array([], pa.int64()) for name in ("l", "r", "pattern")})


def _has_enough(sides: Sides) -> bool:
    return (
        FEWEST_FIELDS <= len(sides.pair.fields) <= MOST_FIELDS
        and min(sides.left_count, sides.right_count) >= FEWEST_RECORDS
    )


def _names(sides: Sides) -> list[int]:
    """Give the fields by which records are called: every part of a name counts, also one that many share."""
    called = [at for at, each in enumerate(sides.pair.fields) if each.compared is Compared.TEXT and says_name(each)]
    return called or [sides.pair.fields.index(each) for each in sides.pair.names]


def _sql_pairs(sides: Sides, blocking: Blocking) -> str:
    """Give the SQL of all pairs that share a key, each under its first: l, r, pattern."""
    pattern = sql_pattern([pair.compared for pair in sides.pair.fields])
    ordered = " AND l.code < r.code" if sides.pair.duplicates else ""
    queries = ["SELECT code AS l, code AS r, CAST(0 AS BIGINT) AS pattern FROM compared_left WHERE FALSE"]
    for at, key in enumerate(blocking.keys):
        earlier = "".join(f" AND NOT coalesce({sql_agree(other)}, FALSE)" for other in blocking.keys[:at])
        queries.append(
            f"SELECT l.code AS l, r.code AS r, {pattern} AS pattern FROM compared_left AS l "
            f"JOIN compared_right AS r ON {sql_agree(key)}{ordered}{earlier}"
        )
    return " UNION ALL ".join(queries)


def _given(project: Project, sides: Sides) -> str:
    batches = [list(table.batches) for table in (sides.pair.left, sides.pair.right)]
    fields = [asdict(each) for each in sides.pair.fields]
    return digest_of([VERSION, project.settings.linking.engine, batches, fields])


def _written(comparison: PatternComparison) -> pa.Table:
    """Put all into one table: the pairs, and the rest beside them."""
    facts = {
        "patterns": comparison.patterns.tolist(),
        "seen": comparison.seen.tolist(),
        "chance": comparison.chance.tolist(),
        "keys": [[asdict(part) for part in key] for key in comparison.blocking.keys],
        "costs": comparison.blocking.costs,
        "f1": comparison.f1,
        "recall": comparison.recall,
    }
    return comparison.pairs.replace_schema_metadata({_FACTS: json.dumps(facts)})


def _read(table: pa.Table) -> PatternComparison:
    facts = json.loads(table.schema.metadata[_FACTS])
    keys: tuple[Key, ...] = tuple(tuple(Part(**part) for part in key) for key in facts["keys"])
    return PatternComparison(
        np.array(facts["patterns"], np.int64),
        np.array(facts["seen"], np.float64),
        table.replace_schema_metadata(None),
        np.array(facts["chance"], np.float64),
        Blocking(keys, tuple(facts["costs"])),
        facts["f1"],
        facts["recall"],
    )
