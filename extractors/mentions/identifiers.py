"""Identifiers in texts: those with check digits are checked, codes are found by their shape."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import ClassVar

from bifrost.model import Mention

_EU = "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI"
_THINGS = (
    "batch|lot|charge|order|invoice|serial|part|item|article|product|material|customer|supplier|vendor|ticket|case|claim|"
    "return|delivery|shipment|machine|line|contract|project|report|drum|container|sample|certificate|asset|account|unit"
)
_NO_CODES = (
    "EUR|USD|GBP|CHF|DKK|SEK|NOK|PLN|JPY|CNY|AM|PM|UTC|GMT|CET|BC|AD|Q|FY|KG|MM|CM|KM|ML|MG|KW|KWH|MW|GB|MB|TB|HZ|"
    "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|PAGE|NO|NR|VOL|TEL|FAX|PO BOX"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How an identifier looks, and what proves it."""

    label: str
    pattern: re.Pattern[str]
    confidence: float
    checked_by: str = ""
    """A module of python-stdnum whose `is_valid` and `compact` decide; empty when the shape is all there is."""


_SHAPES = (
    # In the order of trust: where two overlap, the first one stands.
    Shape("URL", re.compile(r"\b(?:https?://|www\.)[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]"), 0.99),
    Shape("EMAIL", re.compile(r"\b[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}\b"), 0.99),
    Shape("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), 0.99, "stdnum.iban"),
    Shape("LEI", re.compile(r"\b[A-Z0-9]{18}\d{2}\b"), 0.98, "stdnum.lei"),
    Shape("ISIN", re.compile(r"\b[A-Z]{2}[A-Z0-9]{9}\d\b"), 0.97, "stdnum.isin"),
    Shape("VAT", re.compile(rf"\b(?:{_EU}) ?[A-Z0-9]{{2,4}}(?:[ .]?[A-Z0-9]{{2,4}}){{1,3}}\b"), 0.97, "stdnum.eu.vat"),
    Shape("ISBN", re.compile(r"\b97[89][- ]?(?:\d[- ]?){9}\d\b"), 0.95, "stdnum.isbn"),
    Shape("DOI", re.compile(r"\b10\.\d{4,9}/[^\s\"<>]*[^\s\"<>.,;:)\]]"), 0.97),
    Shape("EAN", re.compile(r"\b(?:\d{13}|\d{8})\b"), 0.75, "stdnum.ean"),
    Shape("CODE", re.compile(r"\b[A-Z]{1,6}(?:[-_/][A-Z0-9]{1,8}){0,2}[-_/]\d\w{0,15}(?:[-_/.]\w{1,12}){0,2}\b"), 0.95),
    Shape("CODE", re.compile(rf"\b(?!(?:{_NO_CODES})\b)[A-Z]{{2,5}} \d{{1,9}}\b(?![.,]\d)"), 0.75),
    Shape(
        "CODE",
        re.compile(
            rf"\b(?:{_THINGS})(?:\s+(?:no\.?|number|nr\.?|id))?\s*[:#]?\s*(?=[A-Z]{{0,4}}\d)[A-Z0-9][\w-]{{0,14}}\b(?![.,]\d)",
            re.IGNORECASE,
        ),
        0.85,
    ),
    Shape("CODE", re.compile(r"\b(?!\d+[A-Z]{1,3}\b)(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{5,20}\b"), 0.6),
)
_NAMED_NUMBER = re.compile(
    r"(?P<thing>[a-z]+)(?:\s+(?:no\.?|number|nr\.?|id))?\s*[:#]?\s*(?P<number>\S+)", re.IGNORECASE
)


class IdentifierAnnotator:
    """Finds identifiers by shape and check digit; values are without blanks where the blanks mean nothing."""

    name: ClassVar[str] = "identifiers"
    version: ClassVar[int] = 1

    def annotate(self, texts: Iterable[str]) -> Iterator[list[Mention]]:
        """Give the identifiers of each text in their order; they do not overlap."""
        for text in texts:
            yield sorted(_found(text), key=lambda mention: mention.start)


def _found(text: str) -> list[Mention]:
    found: list[Mention] = []
    for shape in _SHAPES:
        for match in shape.pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            value = _value(shape, match[0])
            if value:
                found.append(Mention(match[0], shape.label, value, match.start(), match.end(), shape.confidence))
    return found


def _value(shape: Shape, text: str) -> str:
    """Give the normalised form, or an empty text when the check fails."""
    if shape.checked_by:
        valid, compact = _check(shape.checked_by)
        return compact(text) if valid(text) else ""
    if shape.label == "EMAIL":
        return text.lower()
    named = _NAMED_NUMBER.fullmatch(text) if shape.label == "CODE" and text[0].isalpha() else None
    if named and re.fullmatch(_THINGS, named["thing"], re.IGNORECASE):
        return f"{named['thing'].lower()} {named['number']}"
    return " ".join(text.split())


@cache
def _check(module: str) -> tuple[Callable[[str], bool], Callable[[str], str]]:
    checks = import_module(module)
    return checks.is_valid, checks.compact
