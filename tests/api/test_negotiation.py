import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.sparql.negotiation import negotiated

OFFERS = ("application/sparql-results+json", "application/sparql-results+xml", "text/csv")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", OFFERS[0]),
        ("*/*", OFFERS[0]),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("TEXT/CSV; charset=utf-8", "text/csv"),
        ("application/sparql-results+json;q=0.2, text/csv;q=0.9", "text/csv"),
        ("application/*;q=0.5, application/sparql-results+json;q=0", OFFERS[1]),
        ("text/html, */*;q=0.1", OFFERS[0]),
        ("image/png", None),
        ("text/csv;q=much", None),
    ],
)
def test_the_form_that_the_caller_likes_best_is_chosen(accept: str, chosen: str | None) -> None:
    assert negotiated(accept, OFFERS) == chosen


@given(st.text(max_size=200))
def test_any_header_gives_an_offer_or_none(accept: str) -> None:
    assert negotiated(accept, OFFERS) in (*OFFERS, None)
