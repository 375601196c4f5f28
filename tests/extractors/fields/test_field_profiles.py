"""Profiles: what a field is, counted and sampled set-wise, the same whatever the order of rows."""

import datetime
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bifrost.model import Table
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from bifrost.schemas import PROFILES
from bifrost.testing.staged_tables import stage_table
from extractors.fields import measures
from extractors.fields.profile import profile_tables


def profiles_of(project: Project, *tables: Table) -> dict[str, dict[str, Any]]:
    batch = project.staging.table([profile_tables(project, tables, Silent())])
    assert batch.schema.equals(PROFILES)
    return {row["field"]: row for row in batch.to_pylist()}


def people(count: int) -> dict[str, list[Any]]:
    chance = random.Random(5)
    return {
        "person_id": list(range(1, count + 1)),
        "name": [f"Person {chance.choice('abcdef')}{number} Miller" for number in range(count)],
        "mail": [f"person{number}@example.org" for number in range(count)],
        "phone": [f"+49 40 {chance.randrange(100000, 999999)}" for _ in range(count)],
        "site": [f"https://example.org/{number}" for number in range(count)],
        "born": [f"19{chance.randrange(50, 99)}-0{chance.randrange(1, 9)}-11" for _ in range(count)],
        "hired": [datetime.date(2020, 1, 1) + datetime.timedelta(number % 9) for number in range(count)],
        "colour": [chance.choice(["red", "green", "blue"]) for _ in range(count)],
        "height": [150 + chance.random() * 50 for _ in range(count)],
        "active": [chance.choice(["yes", "no"]) for _ in range(count)],
        "badge": [f"B-{number:04d}" for number in range(count)],
        "remark": ["A long remark that goes on and on about nothing in particular, as remarks do."] * count,
        "weight": [f"{chance.randrange(50, 99)} kg" for _ in range(count)],
        "nothing": [None] * count,
    }


@pytest.mark.parametrize(
    ("field", "semantic"),
    [
        ("person_id", "identifier"),
        ("name", "name"),
        ("mail", "email"),
        ("phone", "phone"),
        ("site", "url"),
        ("born", "date"),
        ("hired", "date"),
        ("colour", "category"),
        ("height", "measure"),
        ("active", "boolean"),
        ("badge", "identifier"),
        ("remark", "text"),
        ("weight", "measure"),
        ("nothing", "unknown"),
    ],
)
def test_the_meaning_of_a_field_is_told_from_its_values_and_name(project: Project, field: str, semantic: str) -> None:
    table = stage_table(project, "staff", "people", pa.table(people(60)), key=["person_id"])
    assert profiles_of(project, table)[field]["semantic"] == semantic


def test_counts_ranges_and_uniqueness_are_exact(project: Project) -> None:
    rows = {"id": [3, 1, 2, 4], "grade": ["B", None, "a", "B"], "weight": [2.5, 2.5, None, 10.0]}
    found = profiles_of(project, stage_table(project, "s", "t", rows, key=["id"]))
    assert (found["id"]["unique"], found["id"]["key"]) == (True, True)
    assert (found["id"]["minimum"], found["id"]["maximum"]) == ("1", "4")
    assert (found["grade"]["rows"], found["grade"]["nulls"], found["grade"]["distinct"]) == (4, 1, 2)
    assert not found["grade"]["unique"]
    assert found["grade"]["samples"] == ["B", "a"]
    assert found["weight"]["maximum"] == "10.0"


def test_shapes_show_letters_as_a_and_digits_as_nine(project: Project) -> None:
    rows = {"code": ["PO-0001", "PO-0002", "x/7"]}
    assert profiles_of(project, stage_table(project, "s", "t", rows))["code"]["formats"] == ["AA-9999", "A/9"]


def test_a_table_without_rows_still_has_its_fields(project: Project) -> None:
    empty = pa.table({"order_id": pa.array([], pa.string()), "kg": pa.array([], pa.float64())})
    found = profiles_of(project, stage_table(project, "s", "t", empty, key=["order_id"]))
    assert list(found) == ["order_id", "kg"]
    assert found["order_id"]["semantic"] == "identifier"
    assert not found["order_id"]["unique"]


def test_no_tables_give_an_empty_batch(project: Project) -> None:
    assert profiles_of(project) == {}


def test_bytes_and_nested_values_do_not_stop_a_profile(project: Project) -> None:
    rows = pa.table({"photo": pa.array([b"\x00\xff", b"\x01"]), "tags": pa.array([["a", "b"], []])})
    assert set(profiles_of(project, stage_table(project, "s", "t", rows))) == {"photo", "tags"}


def test_differently_written_values_share_their_sketch(project: Project) -> None:
    rows = {"left": ["Hamburg", "Köln "], "right": ["hamburg", " KÖLN"]}
    found = profiles_of(project, stage_table(project, "s", "t", rows))
    assert found["left"]["sketch"] == found["right"]["sketch"]
    assert len(found["left"]["sketch"]) == 2


def test_the_sketch_of_many_values_is_their_smallest_hashes(project: Project) -> None:
    values = [f"V{number}" for number in range(20_000)]
    all_of_them = profiles_of(project, stage_table(project, "s", "t", {"v": values}))["v"]["sketch"]
    half = profiles_of(project, stage_table(project, "s", "t", {"v": values[::2]}))["v"]["sketch"]
    assert len(all_of_them) == len(half) == measures.SKETCH_VALUES
    edge = all_of_them[-1]
    assert {code for code in half if code <= edge} <= set(all_of_them)
    assert 0.4 < len(set(half) & set(all_of_them)) / measures.SKETCH_VALUES < 0.6


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=6)), max_size=30), st.randoms())
def test_the_order_of_rows_does_not_change_a_profile(values: list[str | None], chance: random.Random) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        project = create_project(Path(folder), "extraction: {embeddings: false}\n")
        shuffled = values[:]
        chance.shuffle(shuffled)
        tables = [
            stage_table(project, source, "t", pa.table({"v": pa.array(each, pa.string())}))
            for source, each in (("a", values), ("b", shuffled))
        ]
        first, second = (
            project.staging.table([profile_tables(project, tables, Silent())]).drop_columns(["source"]).to_pylist()
        )
        assert first == second
        assert first["nulls"] == values.count(None)
        assert first["distinct"] == len(set(values) - {None})


def test_large_tables_are_estimated_except_where_a_field_may_be_unique(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measures, "EXACT_ROWS", 100)
    numbers = list(range(5_000))
    rows = {"id": numbers, "almost": [0, *numbers[1:-1], 1], "few": [number % 7 for number in numbers]}
    found = profiles_of(project, stage_table(project, "s", "t", rows))
    assert found["id"]["unique"]
    assert (found["almost"]["unique"], found["almost"]["distinct"]) == (False, 4_999)
    assert found["few"]["distinct"] == 7


def test_an_unchanged_table_is_not_profiled_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stage_table(project, "s", "first", {"v": ["a"]})
    digest = profile_tables(project, [first], Silent())
    monkeypatch.setattr("extractors.fields.profile.measure", lambda *_: pytest.fail("measured again"))
    assert profile_tables(project, [first], Silent()) == digest


def test_only_the_changed_table_is_profiled_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from extractors.fields import profile

    kept, old = stage_table(project, "s", "kept", {"v": ["a"]}), stage_table(project, "s", "changed", {"v": ["a"]})
    profile_tables(project, [kept, old], Silent())
    seen: list[Any] = []
    real = profile.measure
    monkeypatch.setattr(profile, "measure", lambda *given: seen.append(given) or real(*given))
    new = stage_table(project, "s", "changed", {"v": ["b"]})
    found = project.staging.table([profile_tables(project, [kept, new], Silent())]).to_pylist()
    assert len(seen) == 1
    assert [row["samples"] for row in found] == [["b"], ["a"]]


def test_fields_get_vectors_where_the_encoder_is_installed(project_with_model: Project) -> None:
    rows = {"supplier": ["Brandt"], "vendor": ["Brandt"], "kg": [3]}
    found = profiles_of(project_with_model, stage_table(project_with_model, "s", "t", rows))
    assert {len(row["embedding"]) for row in found.values()} == {384}
