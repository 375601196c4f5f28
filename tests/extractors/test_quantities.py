"""Dates, quantities, money and percentages, in English and German, normalised."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bifrost.config import Extraction
from extractors.mentions.quantities import QuantityAnnotator


def _found(*texts):
    annotated = QuantityAnnotator(Extraction()).annotate(texts)
    return [(mention.label, mention.value) for mentions in annotated for mention in mentions]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on 2024-03-04,", "2024-03-04"),
        ("at 2024-03-04 10:30", "2024-03-04T10:30"),
        ("4 March 2024", "2024-03-04"),
        ("the 4th of March, 2024", "2024-03-04"),
        ("March 4, 2024", "2024-03-04"),
        ("am 4. März 2024", "2024-03-04"),
        ("am 04.03.2024", "2024-03-04"),
        ("04.03.24", "2024-03-04"),
        ("25/12/2023", "2023-12-25"),
        ("12/25/2023", "2023-12-25"),
        ("in Mai 2021", "2021-05"),
        ("in Q3 2024", "2024-Q3"),
        ("the third quarter of 2024", "2024-Q3"),
        ("KW 7/2024", "2024-W07"),
        ("on 4 March we", "--03-04"),
        ("since 2019", "2019"),
    ],
)
def test_a_date_is_given_in_iso_form(text, value):
    assert _found(text) == [("DATE", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("weighs 12.5 kg", "12.5 kg"),
        ("wiegt 12,5 kg", "12.5 kg"),
        ("1.250,5 kg", "1250.5 kg"),
        ("a 5-mg tablet", "5 mg"),
        ("viscosity 320 mPa·s", "320 mPa.s"),
        ("9.81 m/s²", "9.81 m/s2"),
        ("3.2 W/(m·K)", "3.2 W/(m.K)"),
        ("at -5 °C", "-5 Cel"),
        ("20 degrees Celsius", "20 Cel"),
        ("30 Quadratmeter", "30 m2"),
        ("10-12 mm", "10..12 mm"),
        ("10 bis 12 Tage", "10..12 d"),
        ("10 ± 0.5 mm", "10±0.5 mm"),
        ("100 x 50 mm", "100x50 mm"),
        ("2\u00d710⁻³ mol/L", "0.002 mol/L"),
        ("1500 U/min", "1500 {rev}/min"),
        ("500 pcs.", "500 {pieces}"),
    ],
)
def test_a_quantity_has_the_code_of_its_unit(text, value):
    assert _found(text) == [("QUANTITY", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("EUR 1,234.50", "EUR 1234.50"),
        ("1.234,50 €", "EUR 1234.50"),
        ("$1.2 million", "USD 1200000.0"),
        ("12 Mio. Euro", "EUR 12000000"),
        ("3 bn EUR", "EUR 3000000000"),
        ("CHF 12'500.00", "CHF 12500.00"),
        ("£3.50", "GBP 3.50"),
        ("500,- EUR", "EUR 500"),
        ("5 000 EUR", "EUR 5000"),
    ],
)
def test_an_amount_has_its_currency_first(text, value):
    (found,) = _found(text)
    assert found[0] == "MONEY"
    assert found[1].split()[0] == value.split()[0]
    assert float(found[1].split()[1]) == float(value.split()[1])


@pytest.mark.parametrize("text", ["12.5 %", "12,5%", "12.5 percent", "12,5 Prozent"])
def test_a_percentage_is_one_however_it_is_written(text):
    assert _found(text) == [("PERCENT", "12.5 %")]


@pytest.mark.parametrize(
    "text",
    [
        "batch 17.5",
        "B-0007",
        "page 12",
        "at 5 pm",
        "31.02.2024",
        "the 1990s",
        "version 1.2.3",
        "5 in the box",
        "2024-13-01",
    ],
)
def test_other_numbers_are_left_alone(text):
    assert _found(text) == []


@pytest.mark.parametrize(("evidence", "value"), [("25/12/2023", "2024-04-03"), ("12/25/2023", "2024-03-04")])
def test_the_document_shows_which_number_is_the_day(evidence, value):
    assert ("DATE", value) in _found("on 03/04/2024", f"by {evidence}")


def test_a_date_that_nothing_settles_is_less_sure_than_one_that_is_clear():
    unclear, clear = QuantityAnnotator(Extraction()).annotate(["03/04/2024 and", "04.03.2024"])
    assert unclear[0].confidence < 0.6 < clear[0].confidence


@pytest.mark.parametrize(("evidence", "value"), [("0,5 l and 12,75 l", "1.234"), ("0.5 l and 12.75 l", "1234")])
def test_the_document_shows_what_a_comma_means(evidence, value):
    assert ("QUANTITY", f"{value} kg") in _found("holds 1,234 kg", evidence)


@settings(deadline=None)
@given(st.text(alphabet="0123456789 .,-/€$%kgm°CJan±x³", max_size=40))
@example("0$ 0")
def test_values_lie_where_they_say_and_do_not_overlap(text):
    (found,) = QuantityAnnotator(Extraction()).annotate([text])
    assert [mention.text for mention in found] == [text[mention.start : mention.end] for mention in found]
    assert all(left.end <= right.start for left, right in pairwise(found))
