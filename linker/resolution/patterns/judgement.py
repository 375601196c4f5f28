"""From patterns and answers to pairs with probabilities and reasons."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from bifrost.iris import sql_text
from linker.resolution.candidates import Candidates
from linker.resolution.patterns.comparison import PatternComparison
from linker.resolution.patterns.mixture import Sameness
from linker.resolution.sides import Codes, Sides
from linker.resolution.sparse_texts import Scores
from linker.resolution.verdicts import Verdicts, pairs_of, positions, strangers

LARGEST_LOG_ODDS = 12.0
PRIOR, OTHERWISE, RIVALS = "how common sameness is", "belongs together otherwise", "other partners"
"""Reasons beside the fields: what holds for any pair, how well other kinds of pairs explain it, who competes."""


def judge_patterns(sides: Sides, comparison: PatternComparison, said: Verdicts, least: float) -> pa.Table:
    """Give the pairs from the probability `least` on, best first, with the columns of `reasons.explain`.

    The reasons add up to `score`, the log-odds of the probability (at most 12 either way).
    """
    candidates = Candidates(comparison.pairs["l"].to_numpy(), comparison.pairs["r"].to_numpy())
    place = np.searchsorted(comparison.patterns, comparison.pairs["pattern"].to_numpy())
    known = positions(sides, candidates, said)
    learned = comparison.learn(sides, *_answered(comparison, place, known))
    pairs = _weighed(learned, place, len(sides.pair.fields))
    probability = _beside_rivals(sides, candidates, np.exp(pairs["alone"]))
    probability[list(known)] = [float(same) for same in known.values()]
    kept = pa.table({"l": candidates.left, "r": candidates.right, "probability": probability, **pairs})
    kept = kept.filter(pa.array(probability >= least))
    return _explained(sides, pa.concat_tables([kept, _accepted(sides, candidates, said, kept.schema)]))


def _answered(comparison: PatternComparison, place: Codes, known: Mapping[int, bool]) -> tuple[Scores, Scores]:
    """Count by pattern the pairs that people called the same, and those that they told apart."""
    positions_of = {verdict: [at for at, same in known.items() if same is verdict] for verdict in (True, False)}
    counts = [
        np.bincount(place[positions_of[verdict]], minlength=len(comparison.patterns)).astype(np.float64)
        for verdict in (True, False)
    ]
    return counts[0], counts[1]


def _weighed(learned: Sameness | None, place: Codes, fields: int) -> dict[str, Scores]:
    """Give the log-odds of each pair by itself (`alone`), and what they are the sum of."""
    if learned is None:
        nothing = np.zeros(len(place))
        alone = nothing - LARGEST_LOG_ODDS
        return {"alone": alone, **{f"g{at}": nothing for at in range(fields)}, "prior": alone, "otherwise": nothing}
    alone = np.clip(learned.log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)[place]
    own, prior = learned.contributions[place], learned.prior[place]
    added = {f"g{at}": own[:, at] for at in range(fields)}
    return {"alone": alone, **added, "prior": prior, "otherwise": alone - prior - own.sum(axis=1)}


def _beside_rivals(sides: Sides, candidates: Candidates, odds: Scores) -> Scores:
    """Give probabilities; a record has one partner in another table, so that those it could have share it."""
    if sides.pair.duplicates:
        return np.asarray(odds / (1 + odds))
    rivals = np.maximum(
        np.bincount(candidates.left, odds, minlength=sides.left_count)[candidates.left],
        np.bincount(candidates.right, odds, minlength=sides.right_count)[candidates.right],
    )
    return np.asarray(odds / (1 + rivals))


def _accepted(sides: Sides, candidates: Candidates, said: Verdicts, schema: pa.Schema) -> pa.Table:
    """Give the pairs that people accepted although nothing in them looks the same."""
    strange = {pair: same for pair, same in strangers(sides, candidates, said).items() if same}
    left, right = pairs_of(sides, strange)
    if sides.pair.duplicates:
        left, right = left[left < right], right[left < right]
    columns = {name: np.zeros(len(left)) for name in schema.names}
    return pa.table(columns | {"l": left, "r": right, "probability": np.ones(len(left))}).cast(schema)


def _explained(sides: Sides, pairs: pa.Table) -> pa.Table:
    weights = [(each.label, _sql_values(at), f"g{at}") for at, each in enumerate(sides.pair.fields)]
    weights += [(PRIOR, "''", "prior"), (OTHERWISE, "''", "otherwise"), (RIVALS, "''", "score - alone")]
    reasons = ", ".join(
        f"{{'feature': {sql_text(name)}, 'value': {value}, 'weight': round({weight}, 4)}}"
        for name, value, weight in weights
    )
    sides.connection.register("judged", pairs)
    found = sides.connection.sql(
        f"""
        WITH scored AS (
            SELECT *, greatest(-{LARGEST_LOG_ODDS}, least({LARGEST_LOG_ODDS}, CASE
                WHEN probability >= 1 THEN {LARGEST_LOG_ODDS} WHEN probability <= 0 THEN -{LARGEST_LOG_ODDS}
                ELSE ln(probability / (1 - probability)) END)) AS score
            FROM judged
        )
        SELECT l, r, a.row AS left_row, b.row AS right_row, a.label AS left_label, b.label AS right_label,
               probability, score,
               CAST(to_json(list_filter([{reasons}], lambda each: each.weight <> 0)) AS VARCHAR) AS because
        FROM scored JOIN left_side AS a ON a.code = l JOIN right_side AS b ON b.code = r
        ORDER BY probability DESC, score DESC, l, r
        """
    ).to_arrow_table()
    sides.connection.unregister("judged")
    return found


def _sql_values(position: int) -> str:
    return f"concat(coalesce(a.r{position}, '-'), ' | ', coalesce(b.r{position}, '-'))"
