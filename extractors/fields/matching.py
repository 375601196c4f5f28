"""Schema matching: which fields of different tables mean the same."""

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bifrost import text_encoder
from bifrost.digests import digest_of
from bifrost.model import End, ProposalKind, Table, Verdict
from bifrost.ports import Progress, TextEncoder
from bifrost.project import Project
from bifrost.review import effective
from bifrost.schemas import LEAST_MATCH, MATCHES
from extractors.fields.compared import prepare
from extractors.fields.likeness import unlike_tables
from extractors.fields.scoring import Answers, FieldId, Scored, Vector, score_candidates

VERSION = 3
"""Part of every checkpoint: raise it whenever the matches of the same profiles may differ."""

LEAST_IF_SAME_THINGS = 0.5

_STAGE = "match"
_WITHIN_SOURCE = -0.9
_UNLIKE_TABLES = -4.0
_SAME_THINGS = 1.8
"""Tables of the same things have fields in common; tables of different things mostly have not. (Log-odds all.)"""
_MOST_AHEAD = 1.0
"""The best of bad candidates says little where two tables need not have anything in common."""

_MATCHES_PER_FIELD = 10


def match_fields(project: Project, tables: Sequence[Table], profiles: str, progress: Progress) -> str:
    """Give the digest of a batch of `bifrost.schemas.MATCHES` over all pairs of tables, best first."""
    encoder = text_encoder.encoder_of(project)
    answers = answers_of(project)
    given = _given(profiles, tables, encoder, answers)
    known = project.catalog.checkpoint(_STAGE, "*", given)
    if known is None or not project.staging.has(known):
        chosen = _of_tables(project.staging.table([profiles]), tables)
        matches = find_matches(chosen, encoder, progress, answers)
        known = project.staging.put_table(matches).digest
        project.catalog.finish_unit(_STAGE, "*", given, known)
    return known


def find_matches(
    profiles: pa.Table, encoder: TextEncoder | None, progress: Progress, answers: Answers | None = None
) -> pa.Table:
    """Compare every field with every field of other tables, and keep what is likely the same."""
    if not profiles.num_rows:
        return MATCHES.empty_table()
    scored = score_candidates(prepare(profiles, encoder), answers, progress)
    likely = _Likely(scored)
    rows = [_match(likely, int(place)) for place in np.flatnonzero(_kept(likely))]
    rows.sort(key=lambda row: (-row["probability"], *(row[name] for name in MATCHES.names[:6])))
    return pa.Table.from_pylist(rows, MATCHES)


def answers_of(project: Project) -> Answers:
    """Give what people said of fields that mean the same or not, by the decisions that count."""
    found: dict[tuple[FieldId, FieldId], bool] = {}
    for decision in effective(project.catalog.decisions()).values():
        asked = decision.proposal
        if asked.kind is ProposalKind.SAME_FIELD and decision.verdict in (Verdict.ACCEPT, Verdict.REJECT):
            left, right = sorted((_field_id(asked.start), _field_id(asked.end)))
            found[left, right] = decision.verdict is Verdict.ACCEPT
    return found


class _Likely:
    """Log-odds and probabilities of candidate pairs, as they stand and were their tables of the same things."""

    def __init__(self, scored: Scored) -> None:
        fields, rows, columns = scored.fields, scored.rows, scored.columns
        self.scored = scored
        self.within = np.where(fields.sources[rows] == fields.sources[columns], _WITHIN_SOURCE, 0.0)
        self.unlike = _UNLIKE_TABLES * unlike_tables(fields, rows, columns)
        self.moved = np.minimum(scored.moved, _MOST_AHEAD)
        own = scored.scores - scored.moved + self.moved + self.within
        self.probability = _probability(own + self.unlike)
        self.if_same = _probability(own + _SAME_THINGS)


def _probability(scores: Vector) -> Vector:
    result: Vector = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
    return result


def _kept(likely: _Likely) -> npt.NDArray[np.bool_]:
    """Mark pairs that are likely enough by either probability and among the best few of one of their fields."""
    ends = np.concatenate([likely.scored.rows, likely.scored.columns])
    kept = np.zeros(len(likely.probability), bool)
    for values, least in ((likely.probability, LEAST_MATCH), (likely.if_same, LEAST_IF_SAME_THINGS)):
        best = _best_of_fields(ends, np.concatenate([values, values])).reshape(2, -1).any(0)
        kept |= best & (values >= least)
    return kept


def _best_of_fields(ends: npt.NDArray[np.int64], values: Vector) -> npt.NDArray[np.bool_]:
    """Mark the best few entries of every field; ties at the edge all stay."""
    order = np.lexsort((-values, ends))
    starts = np.flatnonzero(np.diff(ends[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(ends)))
    edges = values[order][starts + np.minimum(sizes, _MATCHES_PER_FIELD) - 1]
    best = np.zeros(len(ends), bool)
    best[order] = values[order] >= np.repeat(edges, sizes)
    return best


def _match(likely: _Likely, place: int) -> dict[str, Any]:
    scored = likely.scored
    left, right = scored.fields.rows[scored.rows[place]], scored.fields.rows[scored.columns[place]]
    because = {
        **dict(zip(scored.ranker.features, scored.parts[place].tolist(), strict=True)),
        "other pairs of the two fields": float(likely.moved[place]),
        "what people said of these names": float(scored.said[place]),
        "one source": float(likely.within[place]),
        "unlike tables": float(likely.unlike[place]),
        "pairs in general": scored.ranker.even,
    }
    reasons = [
        {"feature": name, "value": f"{left['field']} ~ {right['field']}", "weight": round(weight, 4)}
        for name, weight in because.items()
        if round(weight, 4)
    ]
    return {
        **{f"left_{part}": left[part] for part in ("source", "table", "field")},
        **{f"right_{part}": right[part] for part in ("source", "table", "field")},
        "probability": round(float(likely.probability[place]), 4),
        "probability_if_same_things": round(float(likely.if_same[place]), 4),
        "because": json.dumps(reasons, ensure_ascii=False),
    }


def _field_id(end: End) -> FieldId:
    return end.source, end.table, end.fields[0]


def _of_tables(profiles: pa.Table, tables: Sequence[Table]) -> pa.Table:
    known = {table.id for table in tables}
    ids = zip(profiles["source"].to_pylist(), profiles["table"].to_pylist(), strict=True)
    return profiles.filter(pa.array([f"{source}/{name}" in known for source, name in ids], pa.bool_()))


def _given(profiles: str, tables: Sequence[Table], encoder: TextEncoder | None, answers: Answers) -> str:
    names = text_encoder.NAME if encoder else ""
    said = sorted([*left, *right, same] for (left, right), same in answers.items())
    inputs = [VERSION, duckdb.__version__, names, profiles, sorted(table.id for table in tables), said]
    return digest_of(inputs)
