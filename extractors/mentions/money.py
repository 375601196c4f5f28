"""Amounts of money around a number: the currency before or after it, and words such as million."""

import re
from decimal import Decimal

_CODES = (
    "EUR|USD|GBP|CHF|JPY|CNY|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|INR|BRL|MXN|CAD|AUD|NZD|SGD|HKD|KRW|TWD|THB|"
    "MYR|IDR|PHP|VND|ZAR|ILS|AED|SAR|EGP|KES|NGN|CLP|COP|ARS|DEM"
)
_SIGNS = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "zł": "PLN", "Kč": "CZK", "US$": "USD",
    "A$": "AUD", "C$": "CAD", "CA$": "CAD", "HK$": "HKD", "S$": "SGD", "NZ$": "NZD", "Fr.": "CHF", "SFr.": "CHF",
}  # fmt: skip
_WORDS = {
    "euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "us dollars": "USD", "u.s. dollars": "USD",
    "pounds sterling": "GBP", "british pounds": "GBP", "swiss francs": "CHF", "schweizer franken": "CHF",
    "franken": "CHF", "yen": "JPY", "rupees": "INR", "yuan": "CNY", "renminbi": "CNY", "złoty": "PLN", "zloty": "PLN",
}  # fmt: skip
_SCALES = {
    "thousand": 3, "k": 3, "tsd": 3, "tausend": 3, "million": 6, "millions": 6, "millionen": 6, "mn": 6, "mio": 6,
    "m": 6, "mm": 6,
    "billion": 9, "billions": 9, "bn": 9, "b": 9, "mrd": 9, "milliarde": 9, "milliarden": 9, "trillion": 12,
}  # fmt: skip
_SPOKEN_SCALES = frozenset(word for word in _SCALES if len(word) > 2)


def _one_of(words: "dict[str, str] | dict[str, int]") -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_BEFORE = re.compile(rf"(?:(?<![A-Za-z])(?P<code>{_CODES})|(?<![A-Za-z])(?P<sign>{_one_of(_SIGNS)}))[ \u00a0]?$")
_AFTER = re.compile(
    rf"[ \u00a0]?(?:(?P<code>{_CODES})(?![A-Za-z])|(?P<sign>{_one_of(_SIGNS)})(?![A-Za-z\d])|"
    rf"(?P<word>(?i:{_one_of(_WORDS)}))(?!\w))"
)
_SCALE = re.compile(rf"[ \u00a0-]?(?P<scale>(?i:{_one_of(_SCALES)}))\b\.?")
_DASHES = re.compile(r",?[-\u2013]{1,2}(?!\d)")
_LONGEST_BEFORE = 6
SURE, BY_SIGN = 0.95, 0.85
"""A dollar sign does not say of which country."""


def money_at(text: str, start: int, end: int, number: Decimal) -> tuple[int, int, str, Decimal, float] | None:
    """Give (start, end, currency, amount, confidence) of the money that a number is the amount of, if it is."""
    before = _BEFORE.search(text, max(0, start - _LONGEST_BEFORE), start)
    scale = _SCALE.match(text, end)
    # Without a currency before it, "5 m" are metres; "5 million" are always millions.
    if scale and not before and scale["scale"].lower() not in _SPOKEN_SCALES and not _AFTER.match(text, scale.end()):
        scale = None
    power = _SCALES[scale["scale"].lower()] if scale else 0
    last = scale.end() if scale else end
    if before is None and not scale and (dashes := _DASHES.match(text, last)):
        last = dashes.end()
    after = None if before else _AFTER.match(text, last)
    found = before or after
    if found is None:
        return None
    confidence = BY_SIGN if found["sign"] == "$" else SURE
    first = before.start() if before else start
    return first, after.end() if after else last, _currency(found), number.scaleb(power), confidence


def _currency(match: re.Match[str]) -> str:
    groups = match.groupdict()
    if groups.get("word"):
        return _WORDS[groups["word"].lower()]
    return groups["code"] or _SIGNS[groups["sign"]]
