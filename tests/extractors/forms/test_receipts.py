"""Receipts: which pages are some, and what is read from their rows."""

from decimal import Decimal

import pytest

from extractors.forms.edit_distance import edit_distance
from extractors.forms.evaluation import normalised
from extractors.forms.receipts.amounts import amounts_of
from extractors.forms.receipts.dates import dates_in, find_date
from extractors.forms.receipts.page import with_receipt
from extractors.forms.receipts.receipt import Receipt, read_receipt
from extractors.forms.receipts.total import find_total
from extractors.pages.content import Line, PageContent, Word

LETTER, HEIGHT = 10.0, 20.0


def row(text, top=0.0, *, left=0.0, height=HEIGHT):
    """Set words in letters of one width; two spaces are a wide gap."""
    words, place = [], left
    for part in text.split(" "):
        if part:
            words.append(Word(part, (place, top, place + LETTER * len(part), top + height)))
        place += LETTER * (len(part) + 1)
    return Line(tuple(words))


def rows(*texts):
    return [row(text, 30.0 * number) for number, text in enumerate(texts)]


BAKERY = (
    "Kornblume Backwaren GmbH",
    "Hauptstraße 12",
    "50667 Köln",
    "Tel 0221 5550 123",
    "QTY ITEM   PRICE",
    "2 Rolls   1.80",
    "1 Rye bread   4.35",
    "SUBTOTAL   6.15",
    "VAT 7%   0.40",
    "TOTAL   6.15",
    "CASH   10.00",
    "CHANGE   3.85",
    "Date: 14.02.2023 08:15",
    "Thank you",
)


def test_a_receipt_gives_issuer_date_address_and_total():
    assert read_receipt(rows(*BAKERY)) == Receipt(
        "Kornblume Backwaren GmbH", "14.02.2023", "Hauptstraße 12 50667 Köln", "6.15"
    )


def test_a_page_that_is_a_receipt_gets_one_record_with_all_fields():
    content = with_receipt(PageContent(400, 900, tuple(rows(*BAKERY))))
    assert [list(record) for record in content.forms] == [["company", "date", "address", "total"]]


@pytest.mark.parametrize(
    "texts",
    [
        ("Quarterly report", "The total came to 12.50 in March", "and rose in April", "Next steps", "are open"),
        tuple(text.replace("   ", " " * 70) for text in BAKERY),
    ],
)
def test_reports_and_wide_pages_are_no_receipts(texts):
    assert with_receipt(PageContent(900, 900, tuple(rows(*texts)))).forms == ()


@pytest.mark.parametrize(
    ("texts", "total"),
    [
        (("SUB TOTAL  20.00", "TAX  1.20", "TOTAL  21.20", "CASH  50.00", "CHANGE  28.80"), "21.20"),
        (("TOTAL (EXCL GST)  61.80", "TOTAL (INCL GST)  67.98", "ROUNDING  0.02", "TOTAL  68.00"), "68.00"),
        (("TOTAL QTY  4.00", "NET TOTAL  343.95", "GST SUMMARY", "TOTAL  324.50  19.47"), "343.95"),
        (("AMOUNT DUE", "17.25", "VISA  17.25"), "17.25"),
        (("TOTAL SAVINGS  99.00", "BALANCE DUE  12.00"), "12.00"),
        (("Summe  8,40", "Gegeben  10,00", "Rückgeld  1,60"), "8.40"),
    ],
)
def test_the_total_is_what_was_to_be_paid(texts, total):
    assert find_total(rows(*texts)) == Decimal(total)


def test_without_a_word_for_it_no_amount_is_the_total():
    assert find_total(rows("Rolls  1.80", "Bread  4.35")) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("Total 1,284.50", "1284.50"), ("Total 64 13", "64.13"), ("Total RM18.O0", "18.00"), ("Total 8817", "88.17")],
)
def test_amounts_get_back_the_marks_that_recognition_lost(text, value):
    assert [amount.value for amount in amounts_of(row(text))] == [Decimal(value)]


@pytest.mark.parametrize(
    ("texts", "date"),
    [
        (("Expiry 01/01/2030", "Date 25/12/2018 8:13:39 PM"), "25/12/2018"),
        (("Printed 2 rolls", "05 MAR 2018 18:24"), "05 MAR 2018"),
        (("Invoice 20180304-17", "4/3/201815:41:52"), "4/3/2018"),
        (("2018-03-23",), "2018-03-23"),
        (("Serial 45/67/8901", "no date"), ""),
    ],
)
def test_the_date_is_the_one_the_receipt_was_made_on(texts, date):
    assert find_date(rows(*texts)) == date


def test_versions_and_amounts_are_no_dates():
    assert dates_in("version 12.10.3.4 at 1.234.50 and 99/99/2020") == []


def test_a_name_in_two_rows_is_joined_and_its_register_number_left_away():
    read = read_receipt(rows("GREEN VALLEY", "TRADING LTD (1234567-X)", "No. 5, Mill Road", "Total  3.00"))
    assert read.company == "GREEN VALLEY TRADING LTD"
    assert read.address == "No. 5, Mill Road"


def test_the_address_ends_at_the_telephone():
    read = read_receipt(rows("Corner Cafe", "12, High Street", "30301 Springfield", "555-0100 0199", "TAX INVOICE"))
    assert read.address == "12, High Street 30301 Springfield"


def test_values_are_compared_without_case_marks_and_currency():
    assert normalised("company", "Mr. D.I.Y. Sdn Bhd") == normalised("company", "MR D.I.Y SDN. BHD")
    assert normalised("total", "RM 3.90") == normalised("total", "3.9")
    assert normalised("date", "1/2/2018") != normalised("date", "2/2/2018")


@pytest.mark.parametrize(
    ("found", "truth", "changes"), [("abc", "abc", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
)
def test_the_edit_distance_is_the_least_number_of_changes(found, truth, changes):
    assert edit_distance(found, truth) == changes
