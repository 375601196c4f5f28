"""The values of matched coded fields that mean the same, for all matches of an extraction."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from bifrost import text_encoder
from bifrost.digests import digest_of
from bifrost.ports import TextEncoder
from bifrost.project import Project
from bifrost.schemas import VALUE_MATCHES
from extractors.fields.profile import SAMPLES
from extractors.fields.value_mapping import map_values

VERSION = 1
"""Part of every checkpoint: raise it whenever the same matches may give other values."""

LIKELY = 0.5
_STAGE = "match values"
_CODED = frozenset({"category", "boolean", "identifier", "name", "measure"})
_LONGEST_CODE = 40

_Id = tuple[str, str, str]


def match_values_of_fields(project: Project, profiles: str, matches: str) -> str:
    """Give the digest of a batch of `bifrost.schemas.VALUE_MATCHES` for staged profiles and matches."""
    encoder = text_encoder.encoder_of(project)
    given = digest_of([VERSION, text_encoder.NAME if encoder else "", profiles, matches])
    known = project.catalog.checkpoint(_STAGE, "*", given)
    if known is None or not project.staging.has(known):
        read = project.staging.table
        known = project.staging.put_table(match_values(read([profiles]), read([matches]), encoder)).digest
        project.catalog.finish_unit(_STAGE, "*", given, known)
    return known


def match_values(profiles: pa.Table, matches: pa.Table, encode: TextEncoder | None = None) -> pa.Table:
    """Give `bifrost.schemas.VALUE_MATCHES` for likely `MATCHES` of fields of which all values are known."""
    samples = _values_of_coded_fields(profiles)
    found = []
    for match in matches.drop_columns(["because"]).to_pylist():
        left, right = _id(match, "left"), _id(match, "right")
        if match["probability"] >= LIKELY and left in samples and right in samples:
            pairs = map_values(samples[left], samples[right], encode)
            found += [_row(left, right, (pair.left, pair.right, pair.probability)) for pair in pairs]
    return pa.Table.from_pylist(found, VALUE_MATCHES)


def _values_of_coded_fields(profiles: pa.Table) -> dict[_Id, Mapping[str, int]]:
    """Give the values of fields with few of them; how often each occurs is not kept, and so counts once."""
    columns = ["source", "table", "field", "type", "semantic", "distinct", "mean_length", "samples"]
    return {
        (row["source"], row["table"], row["field"]): dict.fromkeys(row["samples"], 1)
        for row in profiles.select(columns).to_pylist()
        if 0 < row["distinct"] <= SAMPLES and row["semantic"] in _CODED and (row["mean_length"] or 0) <= _LONGEST_CODE
    }


def _id(match: Mapping[str, Any], side: str) -> _Id:
    return match[f"{side}_source"], match[f"{side}_table"], match[f"{side}_field"]


def _row(left: _Id, right: _Id, values: tuple[str, str, float]) -> dict[str, Any]:
    ends = {f"left_{part}": each for part, each in zip(("source", "table", "field"), left, strict=True)}
    ends |= {f"right_{part}": each for part, each in zip(("source", "table", "field"), right, strict=True)}
    return {**ends, "left_value": values[0], "right_value": values[1], "probability": values[2]}
