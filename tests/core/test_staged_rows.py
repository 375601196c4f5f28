"""Layers of rows: whatever is put upon a table, reading it gives what a dictionary would hold."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bifrost import engine, row_changes
from bifrost.model import Item, ItemKind, StagedItem
from bifrost.staged_rows import Layer, StagedRows
from bifrost.staging import Staging

SCHEMA = pa.schema([("id", pa.int64()), ("part", pa.string()), ("value", pa.float64()), ("note", pa.string())])
KEY = pa.schema([SCHEMA.field("id"), SCHEMA.field("part")])
Row = tuple[int, str, float | None, str | None]


def table(rows: list[Any], schema: pa.Schema = SCHEMA) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def staged(staging: Staging, rows: list[Row]) -> StagedRows:
    item = Item("shop", "sale", ItemKind.TABLE, "1", primary_key=("id", "part"))
    stored = staging.put_table(table(rows))
    return StagedRows(staging, item, (Layer((stored.digest,), stored.rows),), stored.rows)


def read(rows: StagedRows) -> list[Row]:
    with engine.connect(rows.staging.folder / "spill") as connection:
        return sorted(connection.execute(f"SELECT * FROM ({rows.sql})").fetchall(), key=lambda row: row[:2])


def change(known: StagedRows, rows: list[Row], gone: list[tuple[int, str]]) -> row_changes.Applied:
    return row_changes.apply(
        known, table(rows).to_reader(), table(gone, KEY).to_reader(), known.staging.folder / "spill"
    )


keys = st.tuples(st.integers(0, 12), st.sampled_from("ab"))
values = st.tuples(st.none() | st.floats(-5, 5), st.none() | st.sampled_from(["", "x", "y"]))
steps = st.lists(st.tuples(st.dictionaries(keys, values, max_size=6), st.sets(keys, max_size=6)), max_size=6)


@settings(
    max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)  # shrinking takes minutes
@given(first=st.dictionaries(keys, values, max_size=20), steps=steps)
def test_layers_read_like_a_dictionary_and_tell_what_changed(first: dict[Any, Any], steps: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        staging = Staging(Path(folder))
        expected = dict(first)
        rows = staged(staging, [(*key, *value) for key, value in expected.items()])
        for changed, gone in steps:
            before = dict(expected)
            absent = {key for key in gone if key not in changed}
            expected = {key: value for key, value in {**expected, **changed}.items() if key not in absent}
            applied = change(rows, [(*key, *value) for key, value in changed.items()], sorted(gone))
            rows = applied.rows
            assert read(rows) == sorted(((*key, *value) for key, value in expected.items()), key=lambda row: row[:2])
            assert rows.count == len(expected)
            assert applied.gone == len(before.keys() & absent)
            assert applied.changed == sum(before.get(key, "none") != value for key, value in changed.items())
            # What is stored is what is read back.
            again = StagedRows.of(staging, StagedItem(rows.item, rows.store(), rows.count))
            assert again.layers[-1].gone == rows.layers[-1].gone
            assert read(again) == read(rows)


def test_rows_that_are_the_same_change_nothing(tmp_path: Path) -> None:
    rows = staged(Staging(tmp_path), [(1, "a", None, "x"), (2, "a", 0.5, None)])
    applied = change(rows, [(1, "a", None, "x"), (2, "a", 0.5, None)], [(9, "z")])
    assert (applied.changed, applied.gone) == (0, 0)
    assert applied.rows.store() == rows.store()


def test_a_thousand_small_changes_leave_few_layers_that_grow(tmp_path: Path) -> None:
    rows = staged(Staging(tmp_path), [(number, "a", 0.0, "") for number in range(2000)])
    for number in range(60):
        rows = change(rows, [(number, "a", 1.0, "")], [(1000 + number, "a")]).rows
        weights = [layer.weight for layer in rows.layers]
        assert len(weights) <= 7
        assert all(lower >= 4 * upper for lower, upper in pairwise(weights))
    assert rows.count == 1940
    assert sum(value for _, _, value, _ in read(rows) if value) == 60


def test_the_same_changes_give_the_same_digest(tmp_path: Path) -> None:
    first = [(number, "a", 0.0, "") for number in range(50)]
    digests = set()
    for name in "ab":
        rows = staged(Staging(tmp_path / name), first)
        for number in range(20):
            rows = change(rows, [(number, "b", 1.0, "")], [(number, "a")]).rows
        digests.add(rows.store())
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("now", "gone"), [([(1, "a", 0.0, "")], 1), ([(1, "a", 9.0, ""), (3, "a", 0.0, "")], 1), ([], 2)]
)
def test_a_new_reading_tells_how_many_known_keys_it_lacks(tmp_path: Path, now: list[Row], gone: int) -> None:
    staging = Staging(tmp_path)
    known = staged(staging, [(1, "a", 0.0, ""), (2, "a", 0.0, "")])
    assert row_changes.keys_gone(known, staged(staging, now), tmp_path / "spill") == gone
