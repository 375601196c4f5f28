"""Values of coded fields: which code of one system means which of another."""

import pyarrow as pa
import pytest

from bifrost.model import Table
from bifrost.progress import Silent
from bifrost.project import Project
from bifrost.schemas import MATCHES, VALUE_MATCHES
from bifrost.testing.staged_tables import stage_table
from extractors.fields.matched_values import match_values
from extractors.fields.profile import profile_tables
from extractors.fields.value_mapping import map_by_rows, map_values


def mapped(left: list[str], right: list[str]) -> dict[str, str]:
    return {pair.left: pair.right for pair in map_values(dict.fromkeys(left, 1), dict.fromkeys(right, 1))}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (["M", "F"], ["female", "male"], {"M": "male", "F": "female"}),
        (["1", "0"], ["yes", "no", "unknown"], {"1": "yes", "0": "no"}),
        (["pT1", "pT2"], ["T1", "T2", "T3"], {"pT1": "T1", "pT2": "T2"}),
        (["Stage 1", "Stage 2"], ["stage I", "stage II", "stage III"], {"Stage 1": "stage I", "Stage 2": "stage II"}),
        (["card", "transf"], ["transfer", "card"], {"card": "card", "transf": "transfer"}),
    ],
)
def test_codes_find_what_they_stand_for(left: list[str], right: list[str], expected: dict[str, str]) -> None:
    assert mapped(left, right) == expected


def test_several_values_may_mean_one(project: Project) -> None:
    assert mapped(["red", "RED", "blue"], ["Red", "Blue"]) == {"red": "Red", "RED": "Red", "blue": "Blue"}


def test_values_without_a_partner_are_left_out() -> None:
    assert mapped(["zinc", "lead"], ["cheese", "bread"]) == {}


def test_names_are_no_codes() -> None:
    many = [f"firm {number}" for number in range(500)]
    assert mapped(many, many) == {}


def test_frequencies_settle_what_letters_leave_open() -> None:
    pairs = map_values({"A": 90, "B": 10}, {"Ab": 12, "Ac": 88, "Bd": 1})
    assert {pair.left: pair.right for pair in pairs}["A"] == "Ac"


def test_records_that_are_the_same_show_which_values_are() -> None:
    found = map_by_rows([("M", "male")] * 9 + [("M", "female")] + [("F", "female")] * 5)
    assert {(pair.left, pair.right) for pair in found} == {("M", "male"), ("F", "female")}
    assert all(0.5 < pair.probability < 1 for pair in found)


def test_matched_fields_of_an_extraction_get_their_values_mapped(project: Project) -> None:
    one = stage_table(project, "a", "staff", {"sex": ["M", "F", "M"], "name": ["x", "y", "z"]})
    two = stage_table(project, "b", "people", {"gender": ["male", "female", "male"], "name": ["x", "y", "z"]})
    profiles = project.staging.table([profile_tables(project, [one, two], Silent())])
    found = match_values(profiles, a_match(one, "sex", two, "gender"))
    assert found.schema.equals(VALUE_MATCHES)
    assert set(zip(found["left_value"].to_pylist(), found["right_value"].to_pylist(), strict=True)) == {
        ("M", "male"),
        ("F", "female"),
    }


def a_match(one: Table, left: str, two: Table, right: str) -> pa.Table:
    values = (one.source, one.name, left, two.source, two.name, right, 0.9, 0.9, "[]")
    return pa.Table.from_pylist([dict(zip(MATCHES.names, values, strict=True))], MATCHES)
