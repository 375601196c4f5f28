"""Schema matching: fields of different tables that mean the same, each match with its reasons."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pytest

from bifrost.model import Table
from bifrost.progress import Silent
from bifrost.project import Project
from bifrost.schemas import LEAST_MATCH, MATCHES
from bifrost.testing.staged_tables import stage_table
from bifrost.text_encoder import MiniLm
from extractors.fields import candidates, matching
from extractors.fields.evaluation import scores_between
from extractors.fields.matching import match_fields
from extractors.fields.profile import profile_tables

CITIES = ["Hamburg", "Köln", "Leipzig", "Odense", "Milan", "Lyon", "Gent", "Basel"]
NUMBERS = list(range(8))


def matches_of(project: Project, tables: Sequence[Table]) -> list[dict[str, Any]]:
    profiles = profile_tables(project, tables, Silent())
    batch = project.staging.table([match_fields(project, tables, profiles, Silent())])
    assert batch.schema.equals(MATCHES)
    return batch.to_pylist()


def pairs(matches: Sequence[dict[str, Any]], probability: str = "probability") -> set[tuple[str, str]]:
    likely = [row for row in matches if row[probability] >= LEAST_MATCH]
    return {tuple(sorted((row["left_field"], row["right_field"]))) for row in likely}  # type: ignore[misc]


@pytest.fixture
def tables(project: Project) -> list[Table]:
    return [
        stage_table(
            project,
            "supply",
            "suppliers",
            {
                "supplier_id": list(range(8)),
                "name": [f"Firm {city}" for city in CITIES],
                "city": CITIES,
                "rating": [0.5] * 8,
            },
        ),
        stage_table(
            project,
            "aftersales",
            "vendors",
            {"vendor_code": [f"V{n}" for n in range(8)], "town": CITIES[::-1], "shoe_size": [41.5] * 8},
        ),
        stage_table(project, "production", "products", {"product_no": NUMBERS, "name": list("abcdefgh")}),
    ]


def test_fields_with_the_same_values_match_under_different_names(project: Project, tables: list[Table]) -> None:
    best = matches_of(project, [*tables, stage_table(project, "x", "people", {"home city": CITIES})])
    assert ("city", "home city") in pairs(best)
    assert ("rating", "shoe_size") not in pairs(best)


def test_the_same_general_name_in_unlike_tables_is_no_match(project: Project, tables: list[Table]) -> None:
    found = matches_of(project, tables)
    assert ("name", "name") not in pairs(found)
    assert ("name", "name") in pairs(found, "probability_if_same_things")


def test_matches_come_best_first_and_explain_themselves(project: Project, tables: list[Table]) -> None:
    tables = [*tables, stage_table(project, "archive", "suppliers", {"supplier_id": list(range(8)), "city": CITIES})]
    found = matches_of(project, tables)
    assert [row["probability"] for row in found] == sorted((row["probability"] for row in found), reverse=True)
    assert all(row["probability_if_same_things"] >= row["probability"] for row in found)
    reasons = json.loads(found[0]["because"])
    assert {reason["feature"] for reason in reasons} >= {"letters of the names", "same type"}


def test_fields_of_one_table_never_match_each_other(project: Project) -> None:
    table = stage_table(project, "s", "trips", {"from_city": CITIES, "to_city": CITIES})
    assert matches_of(project, [table]) == []


def test_blocks_do_not_change_the_matches(
    project: Project, tables: list[Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [*tables, stage_table(project, "archive", "suppliers", {"supplier_id": list(range(8)), "city": CITIES})]
    profiles = project.staging.table([profile_tables(project, tables, Silent())])
    whole = matching.find_matches(profiles, None, Silent())
    monkeypatch.setattr(candidates, "BLOCK_FIELDS", 3)
    assert matching.find_matches(profiles, None, Silent()).to_pylist() == whole.to_pylist()
    assert whole.num_rows > 1


def test_unchanged_profiles_are_not_matched_again(
    project: Project, tables: list[Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = profile_tables(project, tables, Silent())
    digest = match_fields(project, tables, profiles, Silent())
    monkeypatch.setattr(matching, "find_matches", lambda *_: pytest.fail("matched again"))
    assert match_fields(project, tables, profiles, Silent()) == digest


def test_no_fields_give_no_matches(project: Project) -> None:
    assert matches_of(project, []) == []


def read_table(path: Path) -> Any:
    options = pyarrow.csv.ConvertOptions(strings_can_be_null=True, null_values=["", "NA", "NaN"])
    return pyarrow.csv.read_csv(path, convert_options=options)


def mean_reciprocal_rank(order: Any, left: list[str], right: list[str], truth: set[tuple[str, str]]) -> float:
    reciprocal = []
    for row, name in enumerate(left):
        ranks = [place for place, column in enumerate(order[row]) if (name, right[column]) in truth]
        if any(pair[0] == name for pair in truth):
            reciprocal.append(1 / (1 + ranks[0]))
    return float(np.mean(reciprocal))


def test_clinical_fields_find_their_standard_names(project: Project, shared_data: Path) -> None:
    folder = shared_data / "sm-gdc"
    target = stage_table(
        project, "standard", "gdc", read_table(folder / "target" / "gdc_unique_columns_concat_values.csv")
    )
    papers = ["Cao", "Vasaikar", "Wang"]
    tables = [
        stage_table(project, "papers", name, read_table(folder / "input-tables" / f"{name}.csv")) for name in papers
    ]
    profiles = project.staging.table([profile_tables(project, [target, *tables], Silent())])
    by_table = {name: profiles.filter(pyarrow.compute.equal(profiles["table"], name)) for name in ["gdc", *papers]}
    scores = []
    for name in papers:
        rows = csv.reader((folder / "ground-truth" / f"{name}.csv").open())
        truth = {(row[0], row[1]) for row in rows}
        order = (-scores_between(by_table[name], by_table["gdc"])).argsort(axis=1, kind="stable")
        left, right = (by_table[side]["field"].to_pylist() for side in (name, "gdc"))
        scores.append(mean_reciprocal_rank(order, left, right, truth))
    assert np.mean(scores) >= 0.72  # without the encoder; .76 when this was written


def test_meaning_finds_matches_that_letters_do_not(project_with_model: Project, model_folder: Path) -> None:
    project = project_with_model
    left = stage_table(project, "a", "suppliers", {"vendor": ["x"], "weight": [1.5]})
    right = stage_table(project, "b", "vendors", {"supplier": ["y"], "day": ["z"]})
    profiles = project.staging.table([profile_tables(project, [left, right], Silent())])
    parts = [profiles.filter(pyarrow.compute.equal(profiles["source"], source)) for source in ("a", "b")]
    scores = scores_between(parts[0], parts[1], MiniLm(model_folder))
    assert parts[1]["field"].to_pylist()[scores[0].argmax()] == "supplier"
