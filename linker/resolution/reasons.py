"""Why two records are taken for the same: what each kind of evidence adds, with the values side by side."""

import numpy as np
import pyarrow as pa

from bifrost.iris import sql_text
from linker.resolution.candidates import Candidates
from linker.resolution.evidence import Evidence
from linker.resolution.judgement import Judgement
from linker.resolution.rivals import Mask
from linker.resolution.sides import Sides
from linker.resolution.sparse_texts import Scores
from linker.resolution.worlds import feature_names

BASE, OBJECTIONS = "before any comparison", "objections of the other fields"
DECOYS, ANSWER = "rivals and pairs known to be wrong", "what people said"
LEAST_DOUBT = 1e-4
"""Probabilities are at least so far from 0 and 1 before their log-odds are taken."""

_GROUPS = {
    "words_of_all": "words in common",
    "rarest": "words in common",
    "code": "codes in common",
    "margin": "lead over the next best",
    "match_weight": "match weight",
}


def explain(sides: Sides, candidates: Candidates, evidence: Evidence, judgement: Judgement, kept: Mask) -> pa.Table:
    """Give the kept pairs, best first: l, r, left_row, right_row, left_label, right_label, probability, score, because.

    `because` is a JSON list of features, their values on both sides, and what they add: together the log-odds of the
    probability. What the comparison gives, of the base and all features, is `score`; rivals and decoys, or an answer,
    turn it into the probability.
    """
    groups = _grouped(sides, evidence, judgement, kept)
    columns = {
        "l": candidates.left[kept],
        "r": candidates.right[kept],
        "probability": judgement.probability[kept],
        "score": judgement.score[kept],
    }
    columns |= {f"g{position}": values for position, values in enumerate(groups.values())}
    sides.connection.register("kept", pa.table(columns))
    reasons = ", ".join(
        f"{{'feature': {sql_text(name)}, 'value': {_values(sides, name)}, 'weight': round(g{position}, 4)}}"
        for position, name in enumerate(groups)
    )
    return sides.connection.sql(
        f"""
        SELECT l, r, a.row AS left_row, b.row AS right_row, a.label AS left_label, b.label AS right_label,
               probability, score, CAST(to_json([{reasons}]) AS VARCHAR) AS because
        FROM kept JOIN left_side AS a ON a.code = l JOIN right_side AS b ON b.code = r
        ORDER BY probability DESC, score DESC, l, r
        """
    ).to_arrow_table()


def _grouped(sides: Sides, evidence: Evidence, judgement: Judgement, kept: Mask) -> dict[str, Scores]:
    """Add up the contributions of features that say the same thing to people."""
    groups: dict[str, Scores] = {}
    added = judgement.contributions(kept)
    for position, feature in enumerate(feature_names(evidence)):
        name = _group(sides, feature)
        groups[name] = groups.get(name, 0.0) + added[:, position]
    groups[OBJECTIONS], groups[BASE] = added[:, -2], added[:, -1]
    probability = judgement.probability[kept]
    decided = (probability <= 0) | (probability >= 1)
    certain = np.clip(probability, LEAST_DOUBT, 1 - LEAST_DOUBT)
    rest = np.log(certain / (1 - certain)) - added.sum(axis=1)
    groups[DECOYS], groups[ANSWER] = np.where(decided, 0.0, rest), np.where(decided, rest, 0.0)
    return {name: np.round(values, 4) for name, values in groups.items()}


def _group(sides: Sides, feature: str) -> str:
    for prefix, name in _GROUPS.items():
        if feature.startswith(prefix):
            return name
    head = feature.split("_", maxsplit=1)[0]
    if head.startswith("f") and head[1:].isdigit():
        return sides.pair.fields[int(head[1:])].label
    return _name(sides)


def _name(sides: Sides) -> str:
    names = sides.pair.names
    return names[0].label if len(names) == 1 else "name"


def _values(sides: Sides, group: str) -> str:
    if group == _name(sides):
        return "concat(a.label, ' | ', b.label)"
    for position, pair in enumerate(sides.pair.fields):
        if group == pair.label:
            return f"concat(coalesce(a.r{position}, '-'), ' | ', coalesce(b.r{position}, '-'))"
    return "''"
