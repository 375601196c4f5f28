"""Splink on DuckDB: blocking rules chosen from the data, and match weights trained by expectation maximisation."""

import logging
from typing import Any

import numpy as np
import pyarrow as pa

from linker.resolution.candidates import Candidates
from linker.resolution.field_pairs import Compared, FieldPair
from linker.resolution.sides import Codes, Sides
from linker.resolution.sparse_texts import Scores

STABLE_FROM = 200
"""Records on both sides from which expectation maximisation is stable; below, Splink's prior for agreement stands."""
MOST_BLOCKED_PAIRS = 2_000_000
MOST_SAMPLED_PAIRS = 500_000
LARGEST_BLOCK_SHARE = 0.05
MOST_RULES = 3
DECIMALS = 3
SEED = 7


class FellegiSunter:
    """The classical model of record linkage over two loaded sides."""

    def __init__(self, sides: Sides) -> None:
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on

        logging.getLogger("splink").setLevel(logging.ERROR)
        self.sides = sides
        self.rules = [block_on(rule) for rule in _blocking_rules(sides)]
        self.api = DuckDBAPI(sides.connection)
        settings = SettingsCreator(
            link_type="dedupe_only" if sides.pair.duplicates else "link_only",
            unique_id_column_name="code",
            comparisons=_comparisons(sides),
            blocking_rules_to_generate_predictions=self.rules,
            retain_matching_columns=False,
        )
        names = ["left"] if sides.pair.duplicates else ["left", "right"]
        inputs = [self.api.register(f"{name}_side", dataset_display_name=name) for name in names]
        self.linker = Linker(inputs, settings, log_level=logging.ERROR)

    @property
    def stable(self) -> bool:
        """Tell whether there are enough records to train on."""
        return min(self.sides.left_count, self.sides.right_count) >= STABLE_FROM

    def blocked(self) -> tuple[Codes, Codes]:
        """Give the pairs that agree by a blocking rule."""
        if not self.rules:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        found = self.linker.inference.compute_blocked_pairs_for_predict()
        code = "string_split(CAST({} AS VARCHAR), '-__-')[-1]::BIGINT"
        pairs = self.sides.connection.sql(
            f"SELECT DISTINCT {code.format('join_key_l')} AS l, {code.format('join_key_r')} AS r "
            f"FROM {found.physical_name} ORDER BY l, r"
        ).to_arrow_table()
        return pairs["l"].to_numpy(), pairs["r"].to_numpy()

    def weights(self, candidates: Candidates) -> Scores:
        """Train, and give each candidate its match weight (base-2 log-odds)."""
        training = self.linker.training
        training.estimate_u_using_random_sampling(max_pairs=MOST_SAMPLED_PAIRS, seed=SEED)
        if self.stable:
            self._maximise_expectation()
        self.linker.table_management.register_blocked_pairs_for_predict(self._registered(candidates))
        found = self.linker.inference.predict(warning_mode="never")
        scored = self.sides.connection.sql(
            f"SELECT code_l, code_r, match_weight FROM {found.physical_name}"
        ).to_arrow_table()
        left, right = scored["code_l"].to_numpy(), scored["code_r"].to_numpy()
        weights = np.zeros(len(candidates))
        wanted = candidates.left * self.sides.right_count + candidates.right
        for first, second in ((left, right), (right, left)) if self.sides.pair.duplicates else ((left, right),):
            weights[np.searchsorted(wanted, first * self.sides.right_count + second)] = scored[
                "match_weight"
            ].to_numpy()
        # The last digits depend on the order in which threads add; nothing may depend on them.
        return np.round(weights, DECIMALS)

    def _maximise_expectation(self) -> None:
        from splink.internals.exceptions import EMTrainingException

        for rule in self.rules:
            try:
                self.linker.training.estimate_parameters_using_expectation_maximisation(rule)
            except (EMTrainingException, ValueError):
                # The block holds nothing to learn from, or a share came down to nothing; the other rules may do.
                continue

    def _registered(self, candidates: Candidates) -> Any:
        pairs = candidates.as_table()
        prefixes = ("", "") if self.sides.pair.duplicates else ("left-__-", "right-__-")
        if self.sides.pair.duplicates:
            pairs = pairs.filter(pa.array(candidates.left < candidates.right))
        self.sides.connection.register("scored_pairs", pairs)
        keys = [f"'{prefix}' || {column}" if prefix else column for prefix, column in zip(prefixes, "lr", strict=True)]
        self.sides.connection.execute(
            "CREATE OR REPLACE TABLE blocked_pairs AS "
            f"SELECT '0' AS match_key, {keys[0]} AS join_key_l, {keys[1]} AS join_key_r FROM scored_pairs"
        )
        self.sides.connection.unregister("scored_pairs")
        return self.api.register("blocked_pairs")


def _blocking_rules(sides: Sides) -> list[str]:
    """Choose expressions that agree for few enough pairs, the most telling first."""
    others = [f"f{position}" for position, pair in enumerate(sides.pair.fields) if pair not in sides.pair.names]
    expressions = ["name", "substr(name, 1, 6)", *others]
    counted = [(_agreeing_pairs(sides, expression), expression) for expression in expressions]
    most = min(MOST_BLOCKED_PAIRS, LARGEST_BLOCK_SHARE * sides.comparisons)
    return [expression for count, expression in sorted(counted) if 0 < count <= most][:MOST_RULES]


def _agreeing_pairs(sides: Sides, expression: str) -> int:
    """Count the pairs that share a value, from the frequencies of values alone."""
    query = """
        SELECT coalesce(sum(a.n * b.n), 0)
        FROM (SELECT {0} AS value, count(*) AS n FROM left_side WHERE {0} IS NOT NULL GROUP BY ALL) AS a
        JOIN (SELECT {0} AS value, count(*) AS n FROM right_side WHERE {0} IS NOT NULL GROUP BY ALL) AS b USING (value)
    """
    count = int(sides.connection.sql(query.format(expression)).fetchall()[0][0])
    return count - sides.left_count if sides.pair.duplicates else count


def _comparisons(sides: Sides) -> list[Any]:
    import splink.comparison_library as library

    names = sides.pair.names
    compared = [library.JaroWinklerAtThresholds("name", [0.97, 0.9, 0.8])]
    for position, pair in enumerate(sides.pair.fields):
        if pair not in names:
            compared.append(_comparison(f"f{position}", pair))
    return compared


def _comparison(column: str, pair: FieldPair) -> Any:
    import splink.comparison_level_library as levels
    import splink.comparison_library as library

    if pair.compared is Compared.TEXT:
        return library.JaroWinklerAtThresholds(column, [0.95, 0.85])
    near = (
        levels.PercentageDifferenceLevel(column, 0.05)
        if pair.compared is Compared.NUMBER
        else levels.AbsoluteDifferenceLevel(column, 31)
    )
    return library.CustomComparison(
        output_column_name=column,
        comparison_levels=[levels.NullLevel(column), levels.ExactMatchLevel(column), near, levels.ElseLevel()],
    )
