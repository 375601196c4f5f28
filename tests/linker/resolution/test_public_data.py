"""Without labels, over all pairs of the full tables of public data."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from bifrost.project import Project
from bifrost.testing.staged_tables import stage_table
from linker.resolution.field_pairs import Compared, FieldPair
from linker.resolution.scoring import score
from linker.resolution.sides import load_sides
from linker.resolution.table_pairs import TablePair


def read(path: Path, delimiter: str = ",") -> pa.Table:
    options = pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    return pyarrow.csv.read_csv(path, parse_options=options)


def f1(project: Project, left: pa.Table, right: pa.Table, fields: list[FieldPair], truth: pa.Table) -> float:
    tables = [stage_table(project, name, "t", rows, key=["id"]) for name, rows in (("a", left), ("b", right))]
    scored = score(load_sides(project, TablePair(tables[0], tables[1], tuple(fields))), {})
    taken = scored.filter(pc.greater_equal(scored["probability"], 0.5))
    found = set(zip(taken["left_row"].to_pylist(), taken["right_row"].to_pylist(), strict=True))
    true = set(zip(*(column.cast(pa.string()).to_pylist() for column in truth.columns[:2]), strict=True))
    return 2 * len(found & true) / (len(found) + len(true))


def text(name: str, *, names: bool = False) -> FieldPair:
    return FieldPair(name, name, Compared.TEXT, 1.0, names)


def number(name: str) -> FieldPair:
    return FieldPair(name, name, Compared.NUMBER, 1.0, False)


def test_restaurants(project: Project, shared_data: Path) -> None:
    folder = shared_data / "er-fodors-zagats" / "deepmatcher"
    pairs = pa.concat_tables([read(folder / f"{part}.csv") for part in ("train", "valid", "test")])
    fields = [text("name", names=True), text("addr"), text("city"), text("phone"), text("type")]
    truth = pairs.filter(pc.equal(pairs["label"], 1))
    assert f1(project, read(folder / "tableA.csv"), read(folder / "tableB.csv"), fields, truth) > 0.95


@pytest.mark.slow
def test_products(project: Project, shared_data: Path) -> None:
    folder = shared_data / "er-abt-buy" / "full-tables"
    fields = [text("name", names=True), text("description"), number("price")]
    tables = [read(folder / f"{name}.csv", "|") for name in ("abt", "buy", "gt")]
    assert f1(project, tables[0], tables[1], fields, tables[2]) > 0.93


@pytest.mark.slow
def test_publications(project: Project, shared_data: Path) -> None:
    folder = shared_data / "er-dblp-acm" / "full-tables"
    fields = [text("title", names=True), text("authors"), text("venue"), number("year")]
    tables = [read(folder / f"{name}.csv", "%") for name in ("dblp", "acm", "gt")]
    assert f1(project, tables[0], tables[1], fields, tables[2]) > 0.985
