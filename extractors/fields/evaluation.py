"""How well fields that mean the same are found, on two tables whose matching fields are known."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bifrost import text_encoder
from bifrost.extraction import Extraction
from bifrost.ports import Progress, TextEncoder
from bifrost.progress import SILENT
from bifrost.truth_file import TruthUnusable, read_rows
from bifrost.workbench import workbench
from extractors.fields.compared import Matrix, prepare
from extractors.fields.scoring import score_candidates

_SIDES = ("source", "target")


def evaluate_matching(source: Path, target: Path, *, truth: Path, progress: Progress = SILENT) -> dict[str, Any]:
    """Rank the fields of `target` for each field of `source`, and compare with the known matches.

    The truth's first column names fields of the source, its second fields of the target; a field may have several.
    `mrr` is the mean over the source's fields of one over the place of the first right one; `recall_at_ground_truth`
    is the share of the known matches among the best pairs, as many as there are known matches.

    Raises:
        TruthUnusable: none of the truth's fields stands in the tables.
    """
    started = time.perf_counter()
    with workbench({"source": source, "target": target}, progress) as project:
        extraction = Extraction.load(project.staging, project.catalog.head("extraction") or "")
        profiles = project.staging.table([extraction.profiles])
        sides = [profiles.filter(pc.equal(profiles["source"], side)) for side in _SIDES]
        encoder = text_encoder.load_encoder(project.cache_folder("models"))
        scores = scores_between(sides[0], sides[1], encoder)
    names = [_places(side) for side in sides]
    true = _known(truth, names)
    if not true:
        raise TruthUnusable(truth, "none of its fields stands in the tables")
    ranks = (-scores).argsort(axis=1, kind="stable").argsort(axis=1)
    first = {left: min(int(ranks[pair]) for pair in true if pair[0] == left) for left, _ in true}
    best = (-scores).ravel().argsort(kind="stable")[: len(true)]
    found = {divmod(int(place), scores.shape[1]) for place in best}
    return {
        "mrr": round(sum(1 / (1 + place) for place in first.values()) / len(first), 4),
        "recall_at_ground_truth": round(len(found & true) / len(true), 4),
        "matches": len(true),
        "fields": [len(side) for side in sides],
        "seconds": round(time.perf_counter() - started, 1),
    }


def scores_between(left: pa.Table, right: pa.Table, encoder: TextEncoder | None = None) -> Matrix:
    """Score the fields of two tables, shape (left, right), as log-odds; pairs that are no candidates come last."""
    count = left.num_rows
    scored = score_candidates(prepare(pa.concat_tables([left, right]), encoder))
    scores = np.full((count, right.num_rows), -np.inf, np.float32)
    across = (scored.rows < count) & (scored.columns >= count)
    scores[scored.rows[across], scored.columns[across] - count] = scored.scores[across]
    return scores


def _places(side: pa.Table) -> dict[str, int]:
    return {name.strip().casefold(): place for place, name in enumerate(side["field"].to_pylist())}


def _known(truth: Path, names: list[dict[str, int]]) -> set[tuple[int, int]]:
    rows = [(row[0].casefold(), row[1].casefold()) for row in read_rows(truth)]
    return {(names[0][left], names[1][right]) for left, right in rows if left in names[0] and right in names[1]}
