"""Schema matching: which fields of different tables mean the same."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bifrost import text_encoder
from bifrost.digests import digest_of
from bifrost.model import Table
from bifrost.ports import Progress, TextEncoder
from bifrost.project import Project
from bifrost.schemas import LEAST_MATCH, MATCHES
from extractors.fields.likeness import UNLIKE_TABLES, Fields, Matrix, likenesses, prepare, score, weights

VERSION = 2
"""Part of every checkpoint: raise it whenever the matches of the same profiles may differ."""

LEAST_IF_SAME_THINGS = 0.5

_STAGE = "match"
_SLOPE, _EVEN = 6.0, 1.25
_WITHIN_SOURCE = -0.15
_SAME_THINGS = 0.3
"""Tables of the same things have fields in common; tables of different things mostly have not."""
_BLOCK_FIELDS = 512
_MATCHES_PER_FIELD = 10


def match_fields(project: Project, tables: Sequence[Table], profiles: str, progress: Progress) -> str:
    """Give the digest of a batch of `bifrost.schemas.MATCHES` over all pairs of tables, best first."""
    encoder = None
    if project.settings.extraction.embeddings:
        encoder = text_encoder.load_encoder(project.cache_folder("models"))
    given = _given(profiles, tables, encoder)
    known = project.catalog.checkpoint(_STAGE, "*", given)
    if known is None or not project.staging.has(known):
        matches = find_matches(_of_tables(project.staging.table([profiles]), tables), encoder, progress)
        known = project.staging.put_table(matches).digest
        project.catalog.finish_unit(_STAGE, "*", given, known)
    return known


def find_matches(profiles: pa.Table, encoder: TextEncoder | None, progress: Progress) -> pa.Table:
    """Compare every field with every field of other tables, block by block, and keep what is likely the same."""
    if not profiles.num_rows:
        return MATCHES.empty_table()
    fields = prepare(profiles, encoder)
    starts = range(0, profiles.num_rows, _BLOCK_FIELDS)
    rows: list[dict[str, Any]] = []
    with progress.task("match", len(starts)) as task:
        for start in starts:
            rows += _matches_of_block(fields, start)
            task.advance()
    rows.sort(key=lambda row: (-row["probability"], *(row[name] for name in MATCHES.names[:6])))
    return pa.Table.from_pylist(rows, MATCHES)


def rank(left: pa.Table, right: pa.Table, encoder: TextEncoder | None = None) -> npt.NDArray[np.int64]:
    """Order the fields on the right for every field on the left, best first; shape (left, right), for evaluation."""
    scores = score(prepare(left, encoder), prepare(right, encoder))
    order: npt.NDArray[np.int64] = np.argsort(-scores, axis=1, kind="stable")
    return order


def probability(scores: Matrix) -> Matrix:
    """Map scores to probabilities with a fixed logistic: 1.25 is even, and 0.37 more makes it 0.9.

    Set by hand so that, of pairs of tables of one domain, the best pair of a field is right about as often as it says.
    """
    result: Matrix = 1 / (1 + np.exp(-_SLOPE * (scores - _EVEN)))
    return result


def _matches_of_block(fields: Fields, start: int) -> list[dict[str, Any]]:
    """Match a block of fields with all fields after them, so that every pair is seen once."""
    stop = min(start + _BLOCK_FIELDS, len(fields.rows))
    block = fields.part(start, stop)
    parts, backwards = likenesses(block, fields), likenesses(fields, block)
    parts["shared values"] = np.maximum(parts["shared values"], backwards["shared values"].T)
    chosen = weights(block, fields)
    total = np.sum([np.float32(chosen[name]) * part for name, part in parts.items()], axis=0, dtype=np.float32)
    total += _WITHIN_SOURCE * (block.sources[:, None] == fields.sources[None, :])
    total[block.tables[:, None] == fields.tables[None, :]] = -np.inf
    likely = probability(total)
    if_same = probability(total - np.float32(chosen[UNLIKE_TABLES]) * parts[UNLIKE_TABLES] + _SAME_THINGS)
    kept = _best(likely) & (likely >= LEAST_MATCH) | _best(if_same) & (if_same >= LEAST_IF_SAME_THINGS)
    found = []
    for row, column in zip(*np.nonzero(kept), strict=True):
        if start + row < column:
            because = {name: float(chosen[name] * part[row, column]) for name, part in parts.items()}
            both = float(likely[row, column]), float(if_same[row, column])
            found.append(_match(fields.rows[start + row], fields.rows[column], both, because))
    return found


def _best(likely: Matrix) -> npt.NDArray[np.bool_]:
    """Mark the best few of every field; ties at the edge all stay, so that the order of fields does not matter."""
    if likely.shape[1] <= _MATCHES_PER_FIELD:
        return np.ones(likely.shape, bool)
    edge = np.partition(likely, -_MATCHES_PER_FIELD, axis=1)[:, -_MATCHES_PER_FIELD]
    kept: npt.NDArray[np.bool_] = likely >= edge[:, None]
    return kept


def _match(
    left: Mapping[str, Any], right: Mapping[str, Any], likely: tuple[float, float], because: Mapping[str, float]
) -> dict[str, Any]:
    reasons = [
        {"feature": name, "value": f"{left['field']} ~ {right['field']}", "weight": round(weight, 4)}
        for name, weight in because.items()
        if round(weight, 4)
    ]
    return {
        **{f"left_{part}": left[part] for part in ("source", "table", "field")},
        **{f"right_{part}": right[part] for part in ("source", "table", "field")},
        "probability": round(likely[0], 4),
        "probability_if_same_things": round(likely[1], 4),
        "because": json.dumps(reasons, ensure_ascii=False),
    }


def _of_tables(profiles: pa.Table, tables: Sequence[Table]) -> pa.Table:
    known = {table.id for table in tables}
    ids = zip(profiles["source"].to_pylist(), profiles["table"].to_pylist(), strict=True)
    return profiles.filter(pa.array([f"{source}/{name}" in known for source, name in ids], pa.bool_()))


def _given(profiles: str, tables: Sequence[Table], encoder: TextEncoder | None) -> str:
    names = text_encoder.NAME if encoder else ""
    inputs = [VERSION, duckdb.__version__, names, profiles, sorted(table.id for table in tables)]
    return digest_of(inputs)
