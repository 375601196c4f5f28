"""What is known of the records of two tables before anybody is asked: the pairs worth judging, and their evidence.

Nothing here depends on answers, so that an answer costs a new judgement and no new comparison. Only pairs that were
answered without having been candidates are compared anew, with all others, as their weights come from all.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from bifrost.digests import digest_of
from bifrost.project import Project
from linker.resolution.candidates import Candidates, find_candidates
from linker.resolution.evidence import Evidence, gather
from linker.resolution.sides import Sides
from linker.resolution.sparse_texts import TRIGRAMS, WORDS, vectors
from linker.resolution.splink_weights import FellegiSunter
from linker.resolution.verdicts import Verdicts, pairs_of, strangers

VERSION = 1
STAGE = "resolution evidence"
_ANSWERED = "|answered"
"""Ends the names of units that hold pairs which only answers made candidates."""
_KINDS = b"kinds of columns"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidate pairs and what speaks for and against each."""

    candidates: Candidates
    evidence: Evidence

    def as_table(self) -> pa.Table:
        """Give a row per candidate: l, r, and a column for each kind of evidence in single precision."""
        columns = {name: values.astype(np.float32) for name, values in self.evidence.columns.items()}
        table = pa.table({"l": self.candidates.left, "r": self.candidates.right, **columns})
        kinds = json.dumps([self.evidence.rankings, self.evidence.beside_name])
        return table.replace_schema_metadata({_KINDS: kinds})


def compare(sides: Sides, said: Verdicts) -> Comparison:
    """Find the candidates, with the pairs that were answered among them, and gather their evidence."""
    spaces = {
        "words_of_name": vectors(sides, "name", WORDS),
        "letters_of_name": vectors(sides, "name", TRIGRAMS),
        "words_of_all": vectors(sides, "text", WORDS),
    }
    model = FellegiSunter(sides)
    known = pairs_of(sides, said)
    there = (known[0] >= 0) & (known[1] >= 0)
    candidates = find_candidates(sides, spaces.values(), [model.blocked(), (known[0][there], known[1][there])])
    if not len(candidates):
        return Comparison(candidates, Evidence({}, ()))
    return Comparison(candidates, gather(sides, candidates, spaces, model.weights(candidates), ranks=model.stable))


def remembered_comparison(project: Project, sides: Sides, said: Verdicts) -> Comparison:
    """Compare two tables, or give what was staged when nothing but answers is new."""
    comparison = _remembered(project, sides, {}, sides.pair.id)
    others = strangers(sides, comparison.candidates, said)
    return _remembered(project, sides, others, sides.pair.id + _ANSWERED) if others else comparison


def forget(project: Project, pairs: Collection[str]) -> None:
    """Forget what is known of all pairs of tables but `pairs`."""
    known = project.catalog.checkpoints(STAGE)
    project.catalog.drop_checkpoints(STAGE, [unit for unit in known if unit.removesuffix(_ANSWERED) not in pairs])


def _remembered(project: Project, sides: Sides, said: Verdicts, unit: str) -> Comparison:
    given = _given(sides, said)
    known = project.catalog.checkpoint(STAGE, unit, given)
    if known is not None and project.staging.has(known):
        return _read(project.staging.table([known]))
    comparison = compare(sides, said)
    digest = project.staging.put_table(comparison.as_table()).digest
    project.catalog.finish_unit(STAGE, unit, given, digest)
    return comparison


def _given(sides: Sides, said: Verdicts) -> str:
    batches = [list(table.batches) for table in (sides.pair.left, sides.pair.right)]
    return digest_of([VERSION, batches, [asdict(each) for each in sides.pair.fields], sorted(said)])


def _read(table: pa.Table) -> Comparison:
    codes = [table[side].to_numpy() for side in ("l", "r")]
    rankings, beside_name = json.loads(table.schema.metadata[_KINDS])
    columns = {name: table[name].to_numpy().astype(np.float64) for name in table.column_names[2:]}
    return Comparison(Candidates(codes[0], codes[1]), Evidence(columns, tuple(rankings), tuple(beside_name)))
