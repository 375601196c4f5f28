"""What a receipt comes to: amounts weighed by the words beside them, by arithmetic, and by how they are set."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from statistics import median

from extractors.forms.receipts.amounts import Amount, amounts_of
from extractors.pages.content import Line

_TOTAL = re.compile(
    r"\bt[o0]ta[l1i]|\bjumlah\b|\bsumme\b|\bgesamt\w*|\bnett?\b(?!\s?w)|\bimporte\b|\bmontant\b|\btotaal\b|\bcelkem\b",
    re.I,
)
_STRONG = re.compile(
    r"grand|\bnett?\s?t|nett?\s?am|round(?:ed)?\b|payable|am(?:oun)?t\s?due|balance\s?due|to\s?pay|zu\s?zahlen|inc[l1.]|after|\bfinal\b|endbetrag|"
    r"gesamt|total\s?am|am(?:oun)?t\s?\(?rm",
    re.I,
)
_OTHER = re.compile(
    r"sub\W?\s?t[o0]ta|qty|quantity|items?\b|saving|discount|disc\b|point|exc[l1]|before|untaxed|tax(?:able)?\s*(?:am|tot|:|$)|"
    r"tot\w*\s?\(?(?:tax|gst|vat|mwst)\b\s*:?\s*(?:\d|$)|(?:gst|vat|tax)\s*tot|adj|rounding|includes|change|tender|kuantiti|gst\s?(?:amt|amount)|service",
    re.I,
)
_DUE = re.compile(
    r"am(?:oun)?t\s?due|balance\s?due|payable|to\s?pay|zu\s?zahlen|endbetrag|\bbetrag\b|nett?\s?am|grand", re.I
)
_PAID = re.compile(
    r"\bcash\b|\bcard\b|visa|master|tender|paid|payment|received|bar\b|gegeben|tunai|maestro|debit|credit|amex", re.I
)
_CHANGE = re.compile(r"\bchange\b|baki\b|r[üu]ckgeld|zur[üu]ck|balance\b(?!\s?due)", re.I)
_SUMMARY = re.compile(r"summary|tax\s?code|analysis|\bcode\b.*\btax\b", re.I)
_ROUNDING = re.compile(r"ro[un]+d|adj", re.I)
_MOST_ROUNDING = Decimal("0.5")
_BELOW = 2
"""An amount may stand so many rows below the word for it."""


def names_total(text: str) -> bool:
    """Tell whether a text has a word for a total or for what is to be paid."""
    return bool(_TOTAL.search(text) or _DUE.search(text))


def find_total(rows: Sequence[Line]) -> Decimal | None:
    """Give the amount that was to be paid, or None when no amount has a reason to be it."""
    found = [(place, amount) for place, row in enumerate(rows) for amount in amounts_of(row)]
    if not found:
        return None
    scores: defaultdict[Decimal, float] = defaultdict(float)
    usual = median(amount.height for _place, amount in found)
    summary = next((place for place, row in enumerate(rows) if place and _SUMMARY.search(row.text)), len(rows))
    often = Counter(amount.value for _place, amount in found)
    reasons = {place: _reason(rows, place) for place, _amount in found}
    rightmost = {place: amount.left for place, amount in found}
    for place, amount in found:
        reason = reasons[place]
        if reason <= 0 or amount.value <= 0 or amount.left < rightmost[place]:
            continue
        score = (
            reason
            + 0.5 * (amount.height > 1.25 * usual)
            + 0.5 * (amount.height > 1.5 * usual)
            + 0.4 * min(3, often[amount.value] - 1)
        )
        score -= 0.4 * amount.repaired + (1.6 if place > summary else 0.0)
        scores[amount.value] = max(scores[amount.value], score)
    for value, weight in _paid_less_change(rows, [amount for _place, amount in found]).items():
        if value in often or scores:
            scores[value] += weight
    for value in _rounded(rows, set(scores)):
        scores[value] += 1.0
    return max(scores, key=lambda value: (scores[value], value), default=None)


def _reason(rows: Sequence[Line], place: int) -> float:
    """Weigh the words beside an amount, or above it where it stands alone."""
    text = rows[place].text
    words = re.sub(r"[\d\W_]+", " ", text).strip()
    if len(words) <= 3:
        above = rows[max(0, place - _BELOW) : place]
        labels = [row.text for row in above if _TOTAL.search(row.text) and not amounts_of(row)]
        text = f"{labels[-1]}" if labels else text
    if _CHANGE.search(text) or (
        _OTHER.search(text)
        and not _DUE.search(text)
        and not re.search("inc[l1.]|round(?:ed|d)\\b.*tota|tota.*round", text, re.I)
    ):
        return 0.0
    if _TOTAL.search(text):
        return 2.0 + 0.7 * bool(_STRONG.search(text))
    if _DUE.search(text):
        return 2.0
    return 0.6 if _PAID.search(text) else 0.0


def _rounded(rows: Sequence[Line], values: set[Decimal]) -> set[Decimal]:
    """Give the amounts that are another amount and its rounding; the sign of the rounding may be lost."""
    steps = [amount.value for row in rows if _ROUNDING.search(row.text) for amount in amounts_of(row)]
    steps = [step for step in steps if 0 < abs(step) < _MOST_ROUNDING]
    added = {value + step for value in values for step in steps} & values
    return added or {value - step for value in values for step in steps} & values


def _paid_less_change(rows: Sequence[Line], found: Sequence[Amount]) -> dict[Decimal, float]:
    """Give what cash less change comes to, where both are there."""
    paid = [amount.value for amount in found if _PAID.search(amount.row.text)]
    change = [amount.value for amount in found if _CHANGE.search(amount.row.text)]
    values = {amount.value for amount in found}
    results: dict[Decimal, float] = {}
    for given in paid:
        for back in change:
            rest = given - back
            if rest > 0:
                results[rest] = max(results.get(rest, 0.0), 1.2 if rest in values else 0.5)
    return results
