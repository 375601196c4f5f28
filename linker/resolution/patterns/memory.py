"""What was compared by patterns, staged: an answer costs a judgement, and a few new records only their own pairs."""

import json
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import structlog

from bifrost.digests import digest_of
from bifrost.project import Project
from linker.resolution.patterns.comparison import PatternComparison, compare_patterns
from linker.resolution.patterns.engines import engine_for
from linker.resolution.patterns.keys import Blocking, Key, Part
from linker.resolution.patterns.levels import MOST_FIELDS
from linker.resolution.patterns.mixture import Kinds
from linker.resolution.patterns.update import Records, records_of, update_patterns
from linker.resolution.sides import Sides

log = structlog.get_logger()

VERSION = 4
STAGE = "resolution patterns"
FEWEST_FIELDS, FEWEST_RECORDS = 4, 1_000
"""With fewer there is too little to tell kinds of pairs apart by."""
TRUSTED_F1 = 0.992
"""Where the model expects less of itself, tables that are small enough are compared more closely: where it expected
.991, it reached .969 and the close look .994; where it expected .994 and more, it reached that."""
LARGE = 200_000
"""Records of both sides from which nothing else is affordable."""
_FACTS = b"facts"


def remembered_patterns(project: Project, sides: Sides) -> PatternComparison | None:
    """Compare two tables by patterns, or give what was staged; None where another way suits them better.

    Where few records are new, changed or gone, only their pairs are compared.
    """
    if not _has_enough(sides):
        return None
    given = _given(project, sides)
    known = project.catalog.checkpoint(STAGE, sides.pair.id, given)
    if known is not None and project.staging.has(known):
        comparison = _read(project.staging.table([known]))
    else:
        comparison = _compared_anew(project, sides)
        digest = project.staging.put_table(_written(project, sides, comparison)).digest
        project.catalog.finish_unit(STAGE, sides.pair.id, given, digest)
    large = sides.left_count + sides.right_count >= LARGE
    return comparison if comparison.f1 >= TRUSTED_F1 or large else None


def forget_patterns(project: Project, pairs: Collection[str]) -> None:
    """Forget what is known of all pairs of tables but `pairs`."""
    known = project.catalog.checkpoints(STAGE)
    project.catalog.drop_checkpoints(STAGE, [unit for unit in known if unit not in pairs])


def _has_enough(sides: Sides) -> bool:
    return (
        FEWEST_FIELDS <= len(sides.pair.fields) <= MOST_FIELDS
        and min(sides.left_count, sides.right_count) >= FEWEST_RECORDS
    )


def _compared_anew(project: Project, sides: Sides) -> PatternComparison:
    earlier = _earlier(project, sides)
    with engine_for(project, sides) as engine:
        updated = update_patterns(engine, sides, *earlier) if earlier else None
        comparison = updated or compare_patterns(engine, sides)
    log.info(
        "compared by patterns",
        pair=sides.pair.id,
        keys=len(comparison.blocking.keys),
        pairs=int(comparison.seen.sum()),
        expected_recall_of_keys=round(comparison.recall, 4),
        expected_f1=round(comparison.f1, 4),
        changed=comparison.changed,
    )
    return comparison


def _earlier(project: Project, sides: Sides) -> tuple[PatternComparison, Records] | None:
    """Give what was compared by the same fields, whatever the records were."""
    _, digest = project.catalog.checkpoints(STAGE).get(sides.pair.id, ("", ""))
    if not digest or not project.staging.has(digest):
        return None
    table = project.staging.table([digest])
    facts = _facts(table)
    if facts["way"] != _way(project, sides) or not all(project.staging.has(each) for each in facts["records"]):
        return None
    records = tuple(project.staging.table([each]) for each in facts["records"])
    return _read(table), (records[0], records[1])


def _given(project: Project, sides: Sides) -> str:
    batches = [list(table.batches) for table in (sides.pair.left, sides.pair.right)]
    return digest_of([_way(project, sides), batches])


def _way(project: Project, sides: Sides) -> str:
    """Name what besides the records decides how they are compared."""
    return digest_of([VERSION, project.settings.linking.engine, [asdict(each) for each in sides.pair.fields]])


def _written(project: Project, sides: Sides, comparison: PatternComparison) -> pa.Table:
    """Put all into one table: the pairs, and the rest beside them."""
    facts = {
        "way": _way(project, sides),
        "records": [project.staging.put_table(records).digest for records in records_of(sides)],
        "patterns": comparison.patterns.tolist(),
        "seen": comparison.seen.tolist(),
        "chance": comparison.chance.tolist(),
        "usual": comparison.usual.tolist(),
        "keys": [[asdict(part) for part in key] for key in comparison.blocking.keys],
        "costs": comparison.blocking.costs,
        "kinds": _written_kinds(comparison.kinds),
        "f1": comparison.f1,
        "recall": comparison.recall,
        "changed": comparison.changed,
    }
    return comparison.pairs.replace_schema_metadata({_FACTS: json.dumps(facts)})


def _written_kinds(kinds: Kinds | None) -> dict[str, Any] | None:
    if kinds is None:
        return None
    return {"levels": [each.tolist() for each in kinds.levels], "shares": kinds.shares.tolist()}


def _read_kinds(written: dict[str, Any] | None) -> Kinds | None:
    if written is None:
        return None
    return Kinds(tuple(np.array(each) for each in written["levels"]), np.array(written["shares"]))


def _facts(table: pa.Table) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(table.schema.metadata[_FACTS])
    return facts


def _read(table: pa.Table) -> PatternComparison:
    facts = _facts(table)
    keys: tuple[Key, ...] = tuple(tuple(Part(**part) for part in key) for key in facts["keys"])
    return PatternComparison(
        patterns=np.array(facts["patterns"], np.int64),
        seen=np.array(facts["seen"], np.float64),
        pairs=table.replace_schema_metadata(None),
        chance=np.array(facts["chance"], np.float64),
        usual=np.array(facts["usual"], np.float64),
        blocking=Blocking(keys, tuple(facts["costs"])),
        kinds=_read_kinds(facts["kinds"]),
        f1=facts["f1"],
        recall=facts["recall"],
        changed=facts["changed"],
    )
