"""Identifiers and names in texts."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bifrost.config import Extraction
from extractors.mentions.identifiers import IdentifierAnnotator
from extractors.names.annotator import NameAnnotator


def _identifiers(text):
    (found,) = IdentifierAnnotator(Extraction()).annotate([text])
    return [(mention.label, mention.value) for mention in found]


def _names(text):
    (found,) = NameAnnotator(Extraction(name_engine="rules")).annotate([text])
    return [(mention.label, mention.value) for mention in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We used B-0026 for P-111 under PO-000204.", ["B-0026", "P-111", "PO-000204"]),
        ("the units came from PO 204, batch 17 and Order no. 12", ["PO 204", "batch 17", "order 12"]),
        ("lot 5; Lot: 7A", ["lot 5", "lot 7A"]),
        ("BATCH:B-0002;NET:1140KG", ["B-0002"]),
        ("paid USD 500 on page 12, 2025-03-04", []),
        ("in case of doubt, return it", []),
    ],
)
def test_codes_are_found_by_their_shape(text, expected):
    assert _identifiers(text) == [("CODE", value) for value in expected]


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("pay to DE89 3704 0044 0532 0130 00 today", "IBAN", "DE89370400440532013000"),
        ("VAT DE136695976", "VAT", "DE136695976"),
        ("EAN 4006381333931", "EAN", "4006381333931"),
        ("share US0378331005", "ISIN", "US0378331005"),
        ("write to Ann@Example.org.", "EMAIL", "ann@example.org"),
        ("see https://example.org/a?b=1.", "URL", "https://example.org/a?b=1"),
    ],
)
def test_well_known_identifiers_are_found(text, label, value):
    assert (label, value) in _identifiers(text)


@pytest.mark.parametrize("text", ["DE89 3704 0044 0532 0130 01", "EAN 4006381333930", "VAT DE136695975"])
def test_a_wrong_check_digit_is_no_identifier(text):
    assert not {"IBAN", "EAN", "VAT"} & {label for label, _value in _identifiers(text)}


@settings(deadline=None)
@given(st.text(max_size=60))
def test_mentions_lie_where_they_say_and_do_not_overlap(text):
    for annotator in (IdentifierAnnotator(Extraction()), NameAnnotator(Extraction(name_engine="rules"))):
        (found,) = annotator.annotate([text])
        assert [mention.text for mention in found] == [text[mention.start : mention.end] for mention in found]
        assert all(left.end <= right.start for left, right in pairwise(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ask Edelmann Additive GmbH where it was stored.", [("ORG", "Edelmann Additive GmbH")]),
        ("The Castellano Chimica S.p.A. delivered.", [("ORG", "Castellano Chimica S.p.A.")]),
        ("from Wielgosz Polymery Sp. z o.o. in May", [("ORG", "Wielgosz Polymery Sp. z o.o.")]),
        ("Dr. Anna Weber called.", [("PERSON", "Anna Weber")]),
        ("Inspector: Peter Holm", [("PERSON", "Peter Holm")]),
        ("Kind regards\nHenrik Madsen\nFassadenbau Sander", [("PERSON", "Henrik Madsen")]),
        ("The mix was watched closely. Keep the drum closed.", []),
    ],
)
def test_names_are_found_where_the_text_marks_them(text, expected):
    assert _names(text) == expected
