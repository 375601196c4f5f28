"""What is judged to be the same, and whether the reasons that are given add up to it."""

import json
import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bifrost.project import Project
from bifrost.testing.staged_tables import stage_table
from linker.resolution.comparison import compare
from linker.resolution.credit import credited
from linker.resolution.field_pairs import Compared, FieldPair
from linker.resolution.reasons import ANSWER, BASE, DECOYS, LEAST_DOUBT
from linker.resolution.scoring import closely, judged
from linker.resolution.sides import Sides, load_sides
from linker.resolution.table_pairs import TablePair

SYLLABLES = ("ka", "lo", "mi", "ter", "gan", "sul", "bro", "ven", "dar", "fi", "oss", "ple")
NAMES = ("name", "street", "phone")


def shops(count: int, seed: int) -> list[tuple[str, str, str]]:
    chance = random.Random(seed)
    return [
        (
            f"{''.join(chance.choices(SYLLABLES, k=3))} {''.join(chance.choices(SYLLABLES, k=4))}",
            f"{''.join(chance.choices(SYLLABLES, k=3))} street {chance.randint(1, 99)}",
            f"{chance.randint(200, 999)}-{chance.randint(1000, 9999)}",
        )
        for _ in range(count)
    ]


def misspelt(shop: Sequence[str]) -> tuple[str, str, str]:
    name, street, phone = shop
    return name[:3] + name[4:], street.replace("street", "str."), phone.replace("-", " ")


def sides_of(project: Project, *tables: Sequence[Sequence[str]]) -> Sides:
    staged = [
        stage_table(
            project,
            source,
            "shops",
            {"id": [f"{source}{number}" for number in range(len(rows))]}
            | {field: [row[place] for row in rows] for place, field in enumerate(NAMES)},
            key=["id"],
        )
        for source, rows in zip(("a", "b"), tables, strict=False)
    ]
    fields = tuple(FieldPair(field, field, Compared.TEXT, 1.0, field == "name") for field in NAMES)
    return load_sides(project, TablePair(staged[0], staged[-1], fields))


def likely(scored: pa.Table) -> set[tuple[str, str]]:
    return {(row["left_row"], row["right_row"]) for row in scored.to_pylist() if row["probability"] >= 0.5}


def test_branches_that_share_only_their_name_are_not_the_same_shop(project: Project) -> None:
    known = shops(110, seed=3)
    branches = [(known[place][0], *other[1:]) for place, other in enumerate(shops(6, seed=4))]
    again = [misspelt(shop) if place % 3 else shop for place, shop in enumerate(known)]
    sides = sides_of(project, known[:100], [*branches, *again[6:]])
    found = likely(judged(sides, compare(sides, {}), {}))
    assert not {(f"a{place}", f"b{place}") for place in range(6)} & found
    assert len({(f"a{place}", f"b{place}") for place in range(6, 100)} & found) >= 92


@pytest.mark.parametrize("kind", ["two tables", "crowds", "hardly anything"])
def test_reasons_add_up_to_the_log_odds_of_the_probability(project: Project, kind: str) -> None:
    known = shops(5 if kind == "hardly anything" else 230, seed=5)
    again = [misspelt(shop) for shop in known]
    tables = [[*known[:50], *again[:50]] * 2] if kind == "crowds" else [known[:-2], again[1:]]
    sides = sides_of(project, *tables)
    said = {("a3", "b2"): True, ("a4", "b4"): False} if kind == "two tables" else {}
    scored = judged(sides, compare(sides, {}), said).to_pylist()
    assert len(scored) >= len(known) - 3
    assert_reasons_add_up(scored)
    assert len({json.loads(row["because"])[0]["weight"] for row in scored}) > 1


def test_what_people_say_of_some_pairs_holds_for_others_like_them(project: Project) -> None:
    known = shops(120, seed=6)
    moved = [(name, other[1], phone) for (name, _, phone), other in zip(known[:40], shops(40, seed=7), strict=True)]
    sides = sides_of(project, known, [*moved, *(misspelt(shop) for shop in known[40:])])
    by_answers = closely(sides, compare(sides, {}))
    before = likely(by_answers({}))
    said = {(f"a{place}", f"b{place}"): place >= 40 for place in range(20, 60)}
    scored = by_answers(said)
    after = likely(scored)
    silent = {(f"a{place}", f"b{place}") for place in range(20)}
    assert len(silent & before) >= 15
    assert len(silent & after) <= 3
    assert len({(f"a{place}", f"b{place}") for place in range(60, 120)} & after) >= 57
    assert_reasons_add_up(scored.to_pylist())


def test_answers_about_other_pairs_leave_a_clear_pair_as_clear_as_it_was(project: Project) -> None:
    known = shops(120, seed=6)
    moved = [(name, other[1], phone) for (name, _, phone), other in zip(known[:40], shops(40, seed=7), strict=True)]
    sides = sides_of(project, known, [*moved, *(misspelt(shop) for shop in known[40:])])
    by_answers = closely(sides, compare(sides, {}))
    said = {(f"a{place}", f"b{place}"): place >= 40 for place in range(20, 60)}
    before, after = (probabilities(by_answers(answers)) for answers in ({}, said))
    clear = {pair for pair in before if before[pair] > 0.95 and after.get(pair, 0) >= 0.5 and pair not in said}
    assert len(clear) >= 50
    assert all(after[pair] >= before[pair] for pair in clear)


def probabilities(scored: pa.Table) -> dict[tuple[str, str], float]:
    return {(row["left_row"], row["right_row"]): row["probability"] for row in scored.to_pylist()}


def test_answers_that_teach_nothing_change_only_their_own_pairs(project: Project) -> None:
    known = shops(110, seed=8)
    sides = sides_of(project, known, [misspelt(shop) for shop in known])
    by_answers = closely(sides, compare(sides, {}))
    chance = random.Random(1)
    said = {(f"a{place}", f"b{place}"): chance.random() < 0.5 for place in range(40)}
    expected = (likely(by_answers({})) - said.keys()) | {pair for pair, same in said.items() if same}
    assert likely(by_answers(said)) == expected


def assert_reasons_add_up(scored: Sequence[dict[str, Any]]) -> None:
    for row in scored:
        weights = {reason["feature"]: reason["weight"] for reason in json.loads(row["because"])}
        certain = min(max(row["probability"], LEAST_DOUBT), 1 - LEAST_DOUBT)
        assert sum(weights.values()) == pytest.approx(math.log(certain / (1 - certain)), abs=0.01)
        found = sum(weight for name, weight in weights.items() if name not in (DECOYS, ANSWER))
        assert found == pytest.approx(row["score"], abs=0.01)
        assert (weights[ANSWER] != 0) <= (row["probability"] in (0.0, 1.0))
        assert BASE in weights


def test_what_trees_credit_to_features_sums_to_what_they_say() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    chance = np.random.default_rng(2)
    features = chance.normal(size=(400, 5)).round(1)
    same = features[:, 0] + features[:, 1] * features[:, 2] > 0.3
    trees = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=6, random_state=1).fit(features, same)
    added = credited(trees, features)
    assert added.sum(axis=1) == pytest.approx(trees.decision_function(features))
    assert len(np.unique(added[:, -1])) == 1
    assert np.abs(added[:, 0]).mean() > np.abs(added[:, 4]).mean()
