"""Tables with enough fields are told apart by the patterns in which their records agree."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.people import FIELDS, make_people
from bifrost.project import Project, create_project
from bifrost.testing.staged_tables import stage_table
from linker.resolution.field_pairs import Compared, FieldPair
from linker.resolution.patterns.comparison import PatternComparison, compare_patterns
from linker.resolution.patterns.engines import DuckDbEngine, engine_for
from linker.resolution.patterns.judgement import judge_patterns
from linker.resolution.patterns.keys import Part, implied
from linker.resolution.patterns.levels import DIFFERENT, EXACT, MISSING, NEAR_OTHER_START, START, levels_of, sql_pattern
from linker.resolution.patterns.memory import remembered_patterns
from linker.resolution.scoring import LEAST_KEPT, judge_of
from linker.resolution.sides import Sides, load_sides
from linker.resolution.table_pairs import TablePair

PEOPLE = 3_000
TEXTS = tuple(name for name in FIELDS if name != "date_of_birth")

SPARK = """
linking: {engine: spark, spark: {spark.master: "local[2]", spark.sql.shuffle.partitions: "4"}}
extraction: {embeddings: false}
"""

Pairs = set[tuple[str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a project that the tests of this module share, as loading people takes a second."""
    return create_project(tmp_path_factory.mktemp("home"), "extraction: {embeddings: false}\n")


@pytest.fixture(scope="module")
def truth() -> tuple[pa.Table, Pairs]:
    """Give people of whom a fifth stand there again with mistakes, and who is who."""
    people = make_people(PEOPLE)
    return people.table, {(min(pair), max(pair)) for pair in people.pairs}


@pytest.fixture(scope="module")
def sides(home: Project, truth: tuple[pa.Table, Pairs]) -> Sides:
    return load_sides(home, _twice(home, truth[0]))


@pytest.fixture(scope="module")
def comparison(sides: Sides) -> PatternComparison:
    return compare_patterns(DuckDbEngine(sides.connection), sides)


def _twice(project: Project, people: pa.Table) -> TablePair:
    columns = {name: people[name].to_pylist() for name in people.column_names}
    table = stage_table(project, "registry", "people", columns, key=["id"])
    fields = tuple(FieldPair(name, name, Compared.TEXT, 1.0, name in ("given_name", "surname")) for name in FIELDS)
    return TablePair(table, table, fields)


def _pairs(scored: pa.Table, least: float = 0.5) -> Pairs:
    rows = scored.filter(pa.compute.greater_equal(scored["probability"], least)).to_pylist()
    return {(min(row["left_row"], row["right_row"]), max(row["left_row"], row["right_row"])) for row in rows}


def test_copies_are_told_from_people_of_the_same_household(
    sides: Sides, comparison: PatternComparison, truth: tuple[pa.Table, Pairs]
) -> None:
    found, true = _pairs(judge_patterns(sides, comparison, {}, LEAST_KEPT)), truth[1]
    assert 2 * len(found & true) / (len(found) + len(true)) > 0.97


def test_the_model_knows_how_good_it_is_and_what_blocking_missed(
    sides: Sides, comparison: PatternComparison, truth: tuple[pa.Table, Pairs]
) -> None:
    found, true = _pairs(judge_patterns(sides, comparison, {}, LEAST_KEPT)), truth[1]
    rows = np.array(sides.rows("left").to_pylist(), object)
    met = sides.connection.sql("SELECT l, r FROM compared_pairs").fetchnumpy()
    blocked = {(min(pair), max(pair)) for pair in zip(rows[met["l"]], rows[met["r"]], strict=True)}
    assert comparison.f1 == pytest.approx(2 * len(found & true) / (len(found) + len(true)), abs=0.02)
    assert comparison.recall == pytest.approx(len(blocked & true) / len(true), abs=0.01)


def test_reasons_add_up_to_the_score(sides: Sides, comparison: PatternComparison) -> None:
    scored = judge_patterns(sides, comparison, {}, LEAST_KEPT)
    for row in scored.slice(0, 200).to_pylist() + scored.slice(scored.num_rows - 50).to_pylist():
        assert sum(reason["weight"] for reason in json.loads(row["because"])) == pytest.approx(row["score"], abs=0.01)
        assert row["probability"] == pytest.approx(1 / (1 + np.exp(-row["score"])), abs=1e-4)


def test_answers_of_people_are_final_and_teach_about_others(sides: Sides, comparison: PatternComparison) -> None:
    before = judge_patterns(sides, comparison, {}, LEAST_KEPT)
    sure = before.slice(0, 1).to_pylist()[0]
    apart = (sure["left_row"], sure["right_row"])
    strange = ("p1", "p2") if not {("p1", "p2")} & _pairs(before, 0.0) else ("p1", "p3")
    answers = {apart: False, apart[::-1]: False, strange: True, strange[::-1]: True}
    after = judge_patterns(sides, comparison, answers, LEAST_KEPT)
    assert (min(apart), max(apart)) not in _pairs(after, 0.0)
    assert strange in _pairs(after, 1.0)


def test_comparing_again_reads_what_was_staged(home: Project, sides: Sides, comparison: PatternComparison) -> None:
    first = remembered_patterns(home, sides)
    again = remembered_patterns(home, load_sides(home, sides.pair))
    assert first is not None
    assert again is not None
    assert again.pairs.equals(first.pairs)
    assert judge_patterns(sides, again, {}, LEAST_KEPT).equals(judge_patterns(sides, comparison, {}, LEAST_KEPT))


def test_a_record_has_one_partner_in_another_table(home: Project, truth: tuple[pa.Table, Pairs]) -> None:
    people = truth[0]
    half = people.num_rows // 2
    columns = [
        {name: part[name].to_pylist() for name in people.column_names}
        for part in (people.slice(0, half), pa.concat_tables([people.slice(half), people.slice(half, 200)]))
    ]
    columns[1]["id"] = [f"q{number}" for number in range(len(columns[1]["id"]))]
    tables = [stage_table(home, source, "people", rows, key=["id"]) for source, rows in zip("ab", columns, strict=True)]
    fields = tuple(FieldPair(name, name, Compared.TEXT, 1.0, name in ("given_name", "surname")) for name in FIELDS)
    sides = load_sides(home, TablePair(tables[0], tables[1], fields))
    scored = judge_patterns(sides, compare_patterns(DuckDbEngine(sides.connection), sides), {}, LEAST_KEPT).to_pylist()
    likely = [row["left_row"] for row in scored if row["probability"] > 0.5]
    assert len(likely) == len(set(likely)) > 50
    assert any(0.4 < row["probability"] <= 0.5 for row in scored)


def test_tables_with_few_fields_are_looked_at_closely(home: Project, truth: tuple[pa.Table, Pairs]) -> None:
    pair = _twice(home, truth[0].slice(0, 1_200))
    few = load_sides(home, TablePair(pair.left, pair.right, pair.fields[:3]))
    assert remembered_patterns(home, few) is None


def test_a_key_is_implied_by_the_start_of_its_values() -> None:
    start, whole, other = Part(0, start=True), Part(0), Part(1)
    assert implied((whole, other), [(start,)])
    assert not implied((start, other), [(whole,)])


def test_values_agree_by_levels(sides: Sides) -> None:
    rows = "SELECT unnest(['robert', NULL, '1990-01-02']) AS f0, unnest(['x', 'x', 'y']) AS f1, 0 AS b0, 2 AS b1"
    sides.connection.execute(f"CREATE OR REPLACE TEMP TABLE one AS {rows}")
    other = "SELECT 'robrt' AS f0, 'x' AS f1"
    pattern = sql_pattern([Compared.TEXT, Compared.TEXT])
    found = sides.connection.sql(f"SELECT {pattern} AS p FROM one AS l, ({other}) AS r").fetchnumpy()["p"]
    levels = levels_of(np.asarray(found, np.int64), 2).T.tolist()
    assert levels == [[NEAR_OTHER_START, EXACT[2]], [MISSING, EXACT[2]], [DIFFERENT, DIFFERENT]]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, which is not installed")
def test_spark_finds_the_same_pairs(
    sides: Sides, comparison: PatternComparison, tmp_path: Path, new_project: Callable[[Path], Project]
) -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    project = create_project(tmp_path / "spark", SPARK)
    with engine_for(project, sides) as engine:
        on_spark = compare_patterns(engine, sides)
    assert on_spark.blocking == comparison.blocking
    assert np.array_equal(on_spark.patterns, comparison.patterns)
    assert np.array_equal(on_spark.seen, comparison.seen)
    assert on_spark.pairs.equals(comparison.pairs)
    assert np.allclose(on_spark.chance, comparison.chance)
    assert on_spark.f1 == pytest.approx(comparison.f1)


def test_long_texts_are_near_only_where_they_begin_alike(sides: Sides) -> None:
    long = "a report of the committee on the state of bridges and roads in the north"
    rows = f"SELECT unnest(['{long}', 'x{long}', '{long[:40]}']) AS f0, 0 AS b0"
    sides.connection.execute(f"CREATE OR REPLACE TEMP TABLE many AS {rows}")
    other = f"SELECT '{long}s' AS f0"
    found = sides.connection.sql(
        f"SELECT {sql_pattern([Compared.TEXT])} AS p FROM many AS l, ({other}) AS r"
    ).fetchnumpy()
    assert levels_of(np.asarray(found["p"], np.int64), 1).tolist() == [[START, DIFFERENT, START]]


def test_the_way_is_chosen_by_the_tables(home: Project, sides: Sides) -> None:
    best = judge_of(home, sides, {})({}).to_pylist()[0]
    assert "how common sameness is" in {reason["feature"] for reason in json.loads(best["because"])}


def _list(project: Project, people: pa.Table, batch: str) -> Sides:
    columns = {name: people[name].to_pylist() for name in people.column_names}
    table = stage_table(project, batch, "people", columns, key=["id"])
    fields = tuple(FieldPair(name, name, Compared.TEXT, 1.0, name in ("given_name", "surname")) for name in FIELDS)
    return load_sides(project, TablePair(table, table, fields))


@pytest.mark.parametrize("gone", [0, 40])
def test_new_records_are_compared_by_themselves_with_the_result_of_a_comparison_of_all(
    tmp_path: Path, truth: tuple[pa.Table, Pairs], new_project: Callable[[Path], Project], gone: int
) -> None:
    people, project = truth[0], new_project(tmp_path / "growing")
    remembered_patterns(project, _list(project, people.slice(0, PEOPLE - 80), "list"))
    grown = _list(project, people.slice(gone), "list")
    updated = remembered_patterns(project, grown)
    fresh = grown.connection.sql("SELECT count(*) FROM compared_pairs").fetchall()[0][0]
    whole = _list(project, people.slice(gone), "other")
    anew = compare_patterns(DuckDbEngine(whole.connection), whole)
    every = whole.connection.sql("SELECT count(*) FROM compared_pairs").fetchall()[0][0]
    assert updated is not None
    assert updated.changed > 0
    assert fresh < 0.1 * every
    one = _pairs(judge_patterns(grown, updated, {}, LEAST_KEPT))
    other = _pairs(judge_patterns(whole, anew, {}, LEAST_KEPT))
    assert 2 * len(one & other) / (len(one) + len(other)) > 0.995


def test_when_much_has_changed_all_is_compared_anew(
    tmp_path: Path, truth: tuple[pa.Table, Pairs], new_project: Callable[[Path], Project]
) -> None:
    people, project = truth[0], new_project(tmp_path / "doubled")
    remembered_patterns(project, _list(project, people.slice(0, PEOPLE // 2), "list"))
    anew = remembered_patterns(project, _list(project, people, "list"))
    assert anew is not None
    assert anew.changed == 0
