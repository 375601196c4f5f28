"""New, changed and gone records: only their pairs are compared, and the counts of patterns go on from there.

Counts of patterns add up, so that the model learns from all pairs although few were compared. Blocking keys, and how
frequent values are, stay as they were when all records were compared. Of records that are gone, the pairs that could be
the same are taken off the counts; those that never could be stay in, which moves the shares of chance by at most the
share of records that changed. Beyond a tenth of the records everything is compared anew.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from linker.resolution.patterns.chance import keep_fresh
from linker.resolution.patterns.comparison import PatternComparison, count_patterns, with_likely_pairs
from linker.resolution.patterns.engines import SetEngine
from linker.resolution.patterns.keys import sql_first_agree
from linker.resolution.patterns.levels import sql_pattern
from linker.resolution.sides import Codes, Sides

MOST_CHANGED = 0.1
"""Share of the records beyond which everything is compared anew."""

Records = tuple[pa.Table, pa.Table]
"""Of both sides, by code: `row`, and `content`, a digest of what is compared."""


def records_of(sides: Sides) -> Records:
    """Give what tells later which records are new or changed."""
    fields = ", ".join(f"f{at}, r{at}" for at in range(len(sides.pair.fields)))
    left, right = (
        sides.connection.sql(f"SELECT row, hash({fields}) AS content FROM {side}_side ORDER BY code").to_arrow_table()
        for side in ("left", "right")
    )
    return left, right


def update_patterns(
    engine: SetEngine, sides: Sides, earlier: PatternComparison, records: Records
) -> PatternComparison | None:
    """Bring an earlier comparison up to date; None where too much has changed since all records were compared."""
    moves = [_moved(old, new) for old, new in zip(records, records_of(sides), strict=True)]
    changed = earlier.changed + sum(len(fresh) + int((moved < 0).sum()) for moved, fresh in moves)
    if changed > MOST_CHANGED * (sides.left_count + sides.right_count):
        return None
    kept = _without_gone(earlier, [moved for moved, _ in moves])
    for side, (_, fresh) in zip(("left", "right"), moves, strict=True):
        engine.take(f"fresh_codes_{side}", pa.table({"code": fresh}))
        keep_fresh(engine, sides, side, earlier.usual)
    engine.keep("compared_pairs", _sql_fresh_pairs(sides, earlier))
    counted = _added(kept, *count_patterns(engine))
    return replace(with_likely_pairs(engine, sides, counted), changed=changed)


def _moved(old: pa.Table, new: pa.Table) -> tuple[Codes, Codes]:
    """Give for every old code the new one, -1 where the record is gone or changed, and the codes that are fresh."""
    place = pc.index_in(old["row"], value_set=new["row"].combine_chunks()).fill_null(-1).to_numpy().astype(np.int64)
    there = place >= 0
    same = np.zeros(len(place), bool)
    same[there] = old["content"].to_numpy()[there] == new["content"].to_numpy()[place[there]]
    fresh = np.ones(new.num_rows, bool)
    fresh[place[same]] = False
    return np.where(same, place, -1), np.flatnonzero(fresh)


def _without_gone(earlier: PatternComparison, moved: list[Codes]) -> PatternComparison:
    left, right = (moved[at][earlier.pairs[side].to_numpy()] for at, side in enumerate(("l", "r")))
    pattern = earlier.pairs["pattern"].to_numpy()
    stay = (left >= 0) & (right >= 0)
    seen = earlier.seen.copy()
    np.subtract.at(seen, np.searchsorted(earlier.patterns, pattern[~stay]), 1.0)
    pairs = pa.table({"l": left[stay], "r": right[stay], "pattern": pattern[stay]})
    return replace(earlier, seen=np.maximum(seen, 0.0), pairs=pairs)


def _added(
    kept: PatternComparison, patterns: npt.NDArray[np.int64], seen: npt.NDArray[np.float64]
) -> PatternComparison:
    every = np.union1d(kept.patterns, patterns)
    total = np.zeros(len(every))
    for own, count in ((kept.patterns, kept.seen), (patterns, seen)):
        total[np.searchsorted(every, own)] += count
    return replace(kept, patterns=every, seen=total)


def _sql_fresh_pairs(sides: Sides, earlier: PatternComparison) -> str:
    """Give the SQL of all pairs that share a key and have a fresh record: l, r, pattern."""
    pattern = sql_pattern([pair.compared for pair in sides.pair.fields])
    queries = ["SELECT code AS l, code AS r, CAST(0 AS BIGINT) AS pattern FROM left_side WHERE FALSE"]
    known = "LEFT JOIN fresh_codes_left AS known ON known.code = r.code WHERE known.code IS NULL"
    for agree in sql_first_agree(earlier.blocking.keys):
        if sides.pair.duplicates:  # Two fresh records meet from both ends.
            queries.append(
                f"SELECT least(l.code, r.code) AS l, greatest(l.code, r.code) AS r, {pattern} AS pattern "
                f"FROM fresh_left AS l JOIN left_side AS r ON {agree} AND l.code <> r.code {known} OR l.code < r.code"
            )
            continue
        pairs = (
            ("l.code AS l, r.code AS r", "left", "right", ""),
            ("r.code AS l, l.code AS r", "right", "left", known),
        )
        queries += [
            f"SELECT {codes}, {pattern} AS pattern FROM fresh_{one} AS l JOIN {other}_side AS r ON {agree} {rest}"
            for codes, one, other, rest in pairs
        ]
    return " UNION ALL ".join(queries)
