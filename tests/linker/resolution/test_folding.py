"""Spellings of one name fold to the same text."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linker.resolution.folding import sql_folded, sql_without_legal_form


def folded(text: str) -> str:
    return str(duckdb.execute(f"SELECT {sql_folded('?')}", [text]).fetchall()[0][0])


def without_legal_form(text: str) -> str:
    return str(duckdb.execute(f"SELECT {sql_without_legal_form('?')}".replace("?", "$1"), [text]).fetchall()[0][0])


@pytest.mark.parametrize(
    "spellings",
    [
        ("Krüger", "Krueger", "KRUGER"),
        ("Østergaard", "Ostergaard"),
        ("Århus", "Aarhus"),
        ("S.p.A.", "SpA", "spa"),
        ("A/S", "AS"),
        ("O'Neil", "ONeil", "O\u2019Neil"),
        ("Łódź", "Lodz"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_of_one_word_fold_to_the_same(spellings: tuple[str, ...]) -> None:
    assert len({folded(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    "name", ["acme gmbh", "acme gmbh co kg", "acme sp z oo", "acme spolka z oo", "acme spa", "acme"]
)
def test_a_legal_form_is_taken_off(name: str) -> None:
    assert without_legal_form(name) == "acme"


def test_a_name_that_is_only_a_legal_form_stays() -> None:
    assert without_legal_form("ag") == "ag"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_a_folded_text_holds_only_words_with_one_blank_between(text: str) -> None:
    once = folded(text.replace("\x00", ""))
    assert once == " ".join(once.split())
    assert all(each.isalnum() or each == " " or not each.isascii() for each in once)
