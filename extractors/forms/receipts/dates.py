"""The date of a receipt, as it is printed."""

import re
from collections.abc import Iterator, Sequence

from extractors.pages.content import Line

_MONTH = (
    r"(?:jan(?:uary|uar|vier|eiro|uari)?|feb(?:ruary|ruar|ruari)?|f[ée]v(?:rier)?|mar(?:ch|s|zo)?|m[äa]r(?:z)?|mac|apr(?:il)?|avr(?:il)?|"
    r"ma[iy]|mei|mayo|june?|juni?|jun|juin|july?|juli?|jul|juillet|aug(?:ust)?|ao[uû]t|ago(?:sto)?|ogos|sept?(?:ember)?|o[ck]t(?:ober)?|"
    r"nov(?:ember)?|de[cz](?:ember)?|dis)"
)
_DAY, _MONTH_NUMBER, _YEAR = r"[0-3]?\d", r"[01]?\d", r"(?:19|20)\d{2}"
_MARK = r"\s?[/.-]\s?"
_FORMS = tuple(
    re.compile(rf"(?<![\d.,/-]){form}(?![\d]|[.,]\d)", re.IGNORECASE)
    for form in (
        rf"{_YEAR}{_MARK}{_MONTH_NUMBER}{_MARK}{_DAY}",
        rf"{_DAY}{_MARK}{_MONTH_NUMBER}{_MARK}{_YEAR}",
        rf"{_DAY}[\s./'-]{{0,2}}{_MONTH}[\s./,'-]{{0,2}}(?:{_YEAR}|\d{{2}})",
        rf"{_MONTH}[\s./-]{{0,2}}{_DAY}(?:st|nd|rd|th)?[\s,./-]{{1,2}}{_YEAR}",
        rf"{_DAY}(?P<mark>[/.-]){_MONTH_NUMBER}(?P=mark)\d{{2}}",
        r"20[0-3]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
    )
)
_LABEL = re.compile(
    r"\b(?:biz|bill|inv(?:oice)?|trans|txn|sales?)?\s?(?:date|dated|datum|tarikh|data|fecha)\b", re.IGNORECASE
)
_OTHER_DATE = re.compile(
    r"\b(?:expir\w*|exp|due|valid|until|before|birth|since|print(?:ed)?|from|points)\b", re.IGNORECASE
)
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s?(?:[ap]\.?m)?", re.IGNORECASE)
_JOINED_TIME = re.compile(r"((?:19|20)\d{2})(?=\d{1,2}:\d{2})")
_MISREAD = re.compile(r"(?<=[\d/.-])[OoIlB](?=[\d/.-])|(?<=\d[/.-])[OoIl](?=\d)|(?<![A-Za-z])[OoIl](?=\d[/.-])")
_LETTERS = {"O": "0", "o": "0", "I": "1", "l": "1", "B": "8"}


def find_date(rows: Sequence[Line]) -> str:
    """Give the date that the receipt was made on; the empty text when there is none.

    A date beside its label, or beside a time, counts more than one alone; of equals the first.
    """
    best, most = "", 0.0
    for place, row in enumerate(rows):
        text = _readable(row.text)
        above = _readable(rows[place - 1].text) if place else ""
        for found, sureness in _dates(text):
            score = sureness
            score += 1.0 if _LABEL.search(text) else 0.6 if _LABEL.search(above) else 0.0
            score += 0.5 if _TIME.search(text.replace(found, " ")) else 0.0
            score -= 1.5 if _OTHER_DATE.search(text[: text.find(found)]) else 0.0
            if score > most:
                best, most = found, score
    return " ".join(best.split())


def dates_in(text: str) -> list[str]:
    """Give everything in a text that is written like a date."""
    return [found for found, _sureness in _dates(_readable(text))]


def _dates(text: str) -> Iterator[tuple[str, float]]:
    taken: list[tuple[int, int]] = []
    for number, form in enumerate(_FORMS):
        for match in form.finditer(text):
            if any(start < match.end() and match.start() < stop for start, stop in taken) or not _possible(match[0]):
                continue
            taken.append(match.span())
            yield match[0], 1.0 - 0.08 * number


def _possible(text: str) -> bool:
    """Tell whether numbers can be a day and a month."""
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    if len(numbers) != 3:
        return True
    first, middle, last = numbers
    if first > 31:
        return 1 <= middle <= 12 and 1 <= last <= 31
    return 1 <= min(first, middle) <= 12 and 1 <= max(first, middle) <= 31


def _readable(text: str) -> str:
    text = _MISREAD.sub(lambda match: _LETTERS[match[0]], text)
    return _JOINED_TIME.sub(r"\1 ", text)
