"""The header of a table is found, and its names are made usable."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.tables.header import field_names, header_position

BODY = [["1", "bolt", "2.5"], ["2", "nut", "3.0"]]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["id", "name", "kg"], *BODY], 0),
        ([["Stock", "", ""], ["id", "name", "kg"], *BODY], 1),
        (BODY, None),
        ([["country", "2019", "2020"], ["DE", "1", "2"], ["DK", "3", "4"]], 0),
        ([["a", "b"], ["x", "y"]], 0),
        ([["a", "a"], ["x", "y"]], None),
        ([["red", "x"], ["blue", "y"], ["red", "z"]], None),
        ([], None),
    ],
)
def test_the_header_is_the_first_row_that_names_columns(rows, expected):
    assert header_position(rows) == expected


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=12))
def test_fields_are_always_unique_filled_and_as_many(cells):
    names = field_names(cells)
    assert len(names) == len(cells)
    assert len({name.casefold() for name in names}) == len(names)
    assert all(names)
    assert not {"_row", "_item", "_place"} & {name.casefold() for name in names}
