"""Facts become terms that every RDF store reads, or are left out."""

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from bifrost.iris import XSD, XSD_STRING
from graph_store.triples import terms

GOOD = [
    "https://graph.example.org/entity/shop/orders/1",
    "https://graph.example.org/entity/a%20b/%C3%BC",
    "https://graph.example.org/entity/münchen/一",
    "http://user:pw@host.example:8080/a?b=c/d?#e/f",
    "urn:isbn:0451450523",
    "mailto:someone@example.org",
    "x:",
]
BAD = [
    "",
    "no scheme",
    "relative/path",
    "http://host/a b",
    "http://host/<a>",
    'http://host/"a"',
    "http://host/a\nb",
    "http://host/%zz",
    "http://host/%",
    "http://host:port/",
    "http://host/a\\b",
    "http://host/{a}",
    "http://host/a#b#c",
    "1http://host/",
    "http://host/\x00",
    "_:blank",
]


def _valid(text: str) -> bool:
    connection = duckdb.connect()
    ((answer,),) = connection.execute(f"SELECT {terms.valid_iri('$1')}", [text]).fetchall()
    return bool(answer)


@pytest.mark.parametrize("iri", GOOD)
def test_absolute_iris_are_let_in(iri: str) -> None:
    assert _valid(iri)
    NamedNode(iri)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_absolute_iri_is_left_out(text: str) -> None:
    assert not _valid(text)


_PIECES = st.sampled_from(
    [*":/?#[]@!$&'()*+,;=-._~% <>{}|^`\\aZ09", "//", "%2f", "é", "\U0001f600", "\ue000", "\ufdd0"]
)


@settings(max_examples=1_500, deadline=None)
@given(st.sampled_from(["x:", "http:", "http://", "a+b.c-9:"]), st.lists(_PIECES, max_size=8).map("".join))
def test_whatever_is_let_in_the_store_takes(scheme: str, rest: str) -> None:
    if re.fullmatch(terms.IRI, scheme + rest):
        NamedNode(scheme + rest)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=20), st.sampled_from([XSD_STRING, XSD + "token"]))
def test_every_text_comes_out_as_it_went_in(texts: list[str], datatype: str) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    written = terms.literal("value", f"'{datatype}'")
    rows = duckdb.connect().execute(f"SELECT {written} FROM (SELECT unnest($1) AS value)", [texts]).fetchall()
    lines = "".join(f"<x:s> <x:p> {literal} .\n" for (literal,) in rows)
    assert [quad.object.value for quad in parse(lines, RdfFormat.N_QUADS)] == texts
    store = Store()
    for (literal,), text in zip(rows, texts, strict=True):
        store.update(f"INSERT DATA {{ <x:s> <x:p> {literal} }}")
        assert [quad.object.value for quad in store] == [text]
        store.update(f"DELETE DATA {{ <x:s> <x:p> {literal} }}")
        assert len(store) == 0
