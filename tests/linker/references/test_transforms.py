"""Transformations: what they make of a value, and that SQL and Python agree."""

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bifrost.errors import UnknownName
from linker.references.transforms import TRANSFORMS, apply, sql

CONNECTION = duckdb.connect()
LETTERS = st.characters(max_codepoint=0x24F, exclude_categories=("Cs", "Cc"))
WRITTEN = st.text(st.one_of(LETTERS, st.sampled_from("0123456789 -_/.#ABab\t\n\u00a0\u202f")), max_size=14)


def in_database(transform: str, value: object) -> str | None:
    rows = CONNECTION.execute(f"SELECT {sql(transform, 'v')} FROM (SELECT ? AS v)", [value]).fetchall()
    answer: str | None = rows[0][0]
    return answer


@pytest.mark.parametrize(
    ("transform", "value", "expected"),
    [
        ("exact", " B-0012 ", "B-0012"),
        ("exact", 12, "12"),
        ("exact", " \t", None),
        ("exact", None, None),
        ("folded", " Brandt \u00a0 CHEMIE", "brandt chemie"),
        ("compact", "B-0012", "b12"),
        ("compact", "PO 123", "po123"),
        ("compact", "PO-000123", "po123"),
        ("compact", "000", "0"),
        ("compact", "--", None),
        ("number", "batch 12", "12"),
        ("number", "B-0012", "12"),
        ("number", "2024-0012", None),
        ("number", "none", None),
        ("last_number", "Lot 2024-00012", "12"),
        ("last_number", "none", None),
    ],
)
def test_values_become_what_the_transformation_promises(transform: str, value: object, expected: str | None) -> None:
    assert in_database(transform, value) == expected


@pytest.mark.parametrize("transform", sorted(TRANSFORMS))
@given(value=WRITTEN)
@example(value="İstanbul 007")
@example(value="0-0-01")
@example(value="ΣΑΣ")
@example(value="12\n")
def test_sql_and_python_agree(transform: str, value: str) -> None:
    assert in_database(transform, value) == apply(transform, value)


@pytest.mark.parametrize("transform", sorted(set(TRANSFORMS) - {"compact"}))
@given(value=WRITTEN)
def test_doing_it_twice_changes_nothing(transform: str, value: str) -> None:
    once = apply(transform, value)
    assert once is None or apply(transform, once) == once


@given(letters=st.text("ABCxyz", min_size=1, max_size=4), number=st.integers(0, 10**6), zeros=st.integers(0, 5))
def test_separators_case_and_padding_do_not_keep_codes_apart(letters: str, number: int, zeros: int) -> None:
    padded = f"{'0' * zeros}{number}"
    assert apply("compact", f"{letters}-{padded}") == apply("compact", f" {letters.lower()} {number} ")


def test_an_unknown_transformation_is_named_with_the_choices() -> None:
    with pytest.raises(UnknownName, match=r"soundex.*compact.*exact"):
        sql("soundex", "v")
