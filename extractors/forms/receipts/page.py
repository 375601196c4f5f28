"""Whether a page is a receipt, and the page with its record."""

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from extractors.forms.receipts.amounts import amounts_of
from extractors.forms.receipts.receipt import Receipt, read_receipt
from extractors.forms.receipts.total import names_total
from extractors.pages.content import Line, PageContent, Word
from extractors.pages.visual_rows import visual_rows

_FEWEST_ROWS, _MOST_ROWS = 5, 250
_MOST_COLUMNS = 64
"""So many letters fit into a row of a till roll, with room to spare; pages of letters and reports are wider."""
_FEWEST_SIGNS = 2
_SIGNS = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"receipt|invoice|\bbill\b|rechnung|quittung|beleg|factur|recibo|scontrino|\bresit\b|ticket",
        r"\bcash\b|\bchange\b|\bvisa\b|master ?card|\bcard\b|tender|\bbar\b|r[üu]ckgeld|\btunai\b|efectivo|contant",
        r"\b(?:gst|vat|sst|tax|mwst|ust|tva|iva|btw)\b",
        r"\bqty\b|quantity|\bitems?\b|\bprice\b|menge|\bpreis\b|cantidad|quantit",
        r"cashier|operator|\bserved\b|\bserver\b|\btable\b|\bpos\b|terminal|kasse|counter",
        r"sub.?total|rounding|discount|service charge|zwischensumme",
        r"thank ?you|come again|danke|merci|gracias|grazie|goods sold|refund",
        r"\btel\b|\bphone\b|\bfax\b",
    )
)


def with_receipt(content: PageContent, words: Sequence[Word] | None = None) -> PageContent:
    """Add the record of the receipt, if the page is one; `words` are all of the page where some stand in tables."""
    if words is None:
        words = [word for line in content.lines for word in line.words]
    # A run of a text layer may be a whole line: the length of one tells a page of prose at once.
    if any(len(word.text) > _MOST_COLUMNS for word in words) or not any(names_total(word.text) for word in words):
        return content
    rows = visual_rows(words)
    if not is_receipt(rows):
        return content
    receipt = read_receipt(rows)
    return replace(content, forms=(receipt.record(),)) if _is_told(receipt) else content


def is_receipt(rows: Sequence[Line]) -> bool:
    """Tell whether rows are as short as those of a till roll, come to a total, and speak of a sale."""
    if not _FEWEST_ROWS <= len(rows) <= _MOST_ROWS or _columns(rows) > _MOST_COLUMNS:
        return False
    text = "\n".join(row.text for row in rows)
    signs = sum(bool(sign.search(text)) for sign in _SIGNS)
    return signs >= _FEWEST_SIGNS and any(amounts_of(row) for row in rows)


def _is_told(receipt: Receipt) -> bool:
    return bool(receipt.total) and bool(receipt.date or receipt.company)


def _columns(rows: Sequence[Line]) -> float:
    """Count how many letters of the usual width stand side by side between the edges of the text."""
    words = [word for row in rows for word in row.words if len(word.text) > 2]
    if not words:
        return 0.0
    letter = median((word.box[2] - word.box[0]) / len(word.text) for word in words)
    left, right = min(word.box[0] for word in words), max(word.box[2] for word in words)
    return (right - left) / max(letter, 1e-6)
