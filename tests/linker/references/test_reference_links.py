"""The links of an accepted reference."""

import math

import pytest

from bifrost.model import End, Rule, RuleKind, Table
from bifrost.project import Project
from bifrost.testing.staged_tables import stage_table
from linker.references.links import LINKS, reference_links


def links(
    project: Project, start: Table, end: Table, transform: str = "exact", kind: RuleKind = RuleKind.REFERENCE
) -> list[tuple[str, str]]:
    tables = {table.id: table for table in (start, end)}
    ends = (End(table.source, table.name, (table.fields[0],)) for table in (start, end))
    rows = reference_links(project, tables, *ends, Rule(kind, transform)).read_all()
    assert rows.schema.names == LINKS.names
    return [(row["from_row"], row["to_row"]) for row in rows.to_pylist()]


def test_rows_link_where_their_values_meet(project: Project) -> None:
    start = stage_table(
        project, "a", "orders", {"batch": ["batch 2", "batch 1", None, "", "batch 9"], "id": list("vwxyz")}, key=["id"]
    )
    end = stage_table(project, "b", "batches", {"batch_id": ["B-0001", "B-0002"]}, key=["batch_id"])
    assert links(project, start, end, "number") == [("v", "B-0002"), ("w", "B-0001")]


def test_an_ambiguous_target_links_nothing(project: Project) -> None:
    start = stage_table(project, "a", "orders", {"batch": ["1", "2"]}, key=["batch"])
    end = stage_table(project, "b", "batches", {"batch_id": ["A-1", "B-1", "B-2"]}, key=["batch_id"])
    assert links(project, start, end, "number") == [("2", "B-2")]


def test_a_table_without_batches_links_nothing(project: Project) -> None:
    start = Table("a", "orders", ("batch",), (), 0, ())
    end = stage_table(project, "b", "batches", {"batch_id": ["1"]}, key=["batch_id"])
    assert links(project, start, end) == []


def test_several_fields_must_all_meet(project: Project) -> None:
    start = stage_table(
        project, "a", "uses", {"order": ["1", "1", "2"], "line": ["a", "b", "b"], "id": [1, 2, 3]}, key=["id"]
    )
    end = stage_table(project, "a", "lines", {"order": ["1", "2"], "line": ["b", "b"]}, key=["order", "line"])
    tables = {table.id: table for table in (start, end)}
    both = (End("a", name, ("order", "line")) for name in ("uses", "lines"))
    rows = reference_links(project, tables, *both, Rule(RuleKind.REFERENCE)).read_all().to_pylist()
    assert [(row["from_row"], row["to_row"]) for row in rows] == [("2", "1|b"), ("3", "2|b")]


def test_rows_come_in_the_same_order_whatever_the_order_of_the_table(project: Project) -> None:
    values = [f"B-{number:03d}" for number in range(50)]
    end = stage_table(project, "b", "batches", {"batch_id": values}, key=["batch_id"])
    one, other = (
        stage_table(project, "a", "orders", {"batch": each}, key=["batch"]) for each in (values, values[::-1])
    )
    assert links(project, one, end) == links(project, other, end)


RED, BARREL, BLUE = (math.log(8 / rows) for rows in (2, 3, 1))
"""How much a word tells: the log of seven rows and one over the rows that hold it."""


@pytest.mark.parametrize(
    ("likeness", "linked"),
    [
        (RED / math.hypot(RED, BARREL), [("a", "x")]),
        (BARREL / math.hypot(RED, BARREL), [("a", "x"), ("a", "y")]),
        (BARREL / math.hypot(BLUE, BARREL), [("a", "x"), ("a", "y"), ("b", "y")]),
    ],
)
def test_texts_link_that_are_as_similar_as_the_rule_says(
    project: Project, likeness: float, linked: list[tuple[str, str]]
) -> None:
    told = ["Red barrel", "(blue) BARREL!", "", None, "..."]
    start = stage_table(project, "a", "reports", {"told": told, "id": list("abcde")}, key=["id"])
    end = stage_table(project, "b", "goods", {"name": ["red", "barrel"], "id": ["x", "y"]}, key=["id"])
    assert links(project, start, end, str(likeness - 1e-9), RuleKind.SIMILAR) == linked
    assert links(project, start, end, str(likeness + 1e-9), RuleKind.SIMILAR) == linked[:-1]
