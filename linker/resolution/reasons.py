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

_GROUPS = {
    "words_of_all": "words in common",
    "rarest": "words in common",
    "code": "codes in common",
    "margin": "lead over the next best",
    "match_weight": "match weight",
}


def explain(sides: Sides, candidates: Candidates, evidence: Evidence, judgement: Judgement, kept: Mask) -> pa.Table:
    """Give the kept pairs, best first: l, r, left_row, right_row, left_label, right_label, probability, score, because.

    `because` is a JSON list of features, their values on both sides, and what they add to the log-odds.
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
    nothing = np.zeros(int(kept.sum()))
    for position, feature in enumerate(feature_names(evidence)):
        added = nothing if judgement.contributions is None else judgement.contributions[kept, position]
        name = _group(sides, feature)
        groups[name] = groups.get(name, nothing) + np.round(added, 4)
    return groups


def _group(sides: Sides, feature: str) -> str:
    for prefix, name in _GROUPS.items():
        if feature.startswith(prefix):
            return name
    head = feature.split("_", maxsplit=1)[0]
    if head.startswith("f") and head[1:].isdigit():
        return _field_name(sides, int(head[1:]))
    return _name(sides)


def _name(sides: Sides) -> str:
    names = sides.pair.names
    return _field_name(sides, sides.pair.fields.index(names[0])) if len(names) == 1 else "name"


def _field_name(sides: Sides, position: int) -> str:
    pair = sides.pair.fields[position]
    return pair.left if pair.left == pair.right else f"{pair.left} = {pair.right}"


def _values(sides: Sides, group: str) -> str:
    if group == _name(sides):
        return "concat(a.label, ' | ', b.label)"
    for position in range(len(sides.pair.fields)):
        if group == _field_name(sides, position):
            return f"concat(coalesce(a.r{position}, '-'), ' | ', coalesce(b.r{position}, '-'))"
    return "''"
