"""Dates in texts, in ISO form; which number is the day is learned from the whole document."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

_NAMES = (
    "january jan januar jänner", "february feb februar", "march mar märz mär mrz", "april apr", "may mai",
    "june jun juni",
    "july jul juli", "august aug", "september sept sep", "october oct oktober okt", "november nov",
    "december dec dezember dez",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?P<year>[12]\d{3})(?!\d)"
_DAY = r"(?P<day>\d{1,2})"
_ORDINAL = "|first|second|third|fourth|erste[ns]?|zweite[ns]?|dritte[ns]?|vierte[ns]?"
_QUARTERS = {"f": "1", "s": "2", "t": "3", "e": "1", "z": "2", "d": "3", "v": "4"}


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,/-]){text}", re.IGNORECASE)


_ISO = _pattern(
    r"(?P<year>[12]\d{3})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?))?(?![\d-])"
)
_NUMERIC = _pattern(
    r"(?P<first>\d{1,2})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<year>[12]\d{3}|\d{2})(?![\d./-]?\d)"
)
_DAY_MONTH = _pattern(rf"{_DAY}(?:st|nd|rd|th|\.)?\s?(?:of\s)?[ -]?{_MONTH},?[ -]?{_YEAR}")
_MONTH_DAY = _pattern(rf"{_MONTH}\s{_DAY}(?:st|nd|rd|th)?,?\s{_YEAR}")
_MONTH_YEAR = _pattern(rf"{_MONTH},?\s{_YEAR}")
_DAY_ALONE = _pattern(rf"{_DAY}(?:st|nd|rd|th|\.)?\s(?:of\s)?{_MONTH}(?!\w)")
_QUARTER = _pattern(rf"(?:Q(?P<number>[1-4])|(?P<word>{_ORDINAL[1:]})\s(?:quarter|quartal))(?:\s?/?\s?|\sof\s){_YEAR}")
_WEEK = _pattern(rf"(?:KW|CW|calendar week|kalenderwoche|week)\s?(?P<week>\d{{1,2}})(?:\s?[/,]?\s?|\sof\s){_YEAR}")
_YEAR_ALONE = _pattern(
    rf"(?:in|since|until|during|year|jahr|jahre|seit|bis|ende|anfang|mitte|FY)\s?{_YEAR}(?![-.,/]\d|\w)"
)


@dataclass(frozen=True, slots=True)
class Order:
    """Which number comes first in dates such as 03/04/2024, and how sure that is."""

    day_first: bool = True
    confidence: float = 0.5

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Order":
        """Learn from dates that can be read in one way only, else from how months are written."""
        day = month = day_written = month_written = 0
        for text in texts:
            for match in _NUMERIC.finditer(text):
                day += int(match["first"]) > 12
                month += int(match["second"]) > 12
            day_written += len(_DAY_MONTH.findall(text))
            month_written += len(_MONTH_DAY.findall(text))
        if day != month:
            return cls(day > month, 0.9 if not day or not month else 0.6)
        if day_written != month_written:
            return cls(day_written > month_written, 0.75)
        return cls()


def find_dates(text: str, order: Order) -> Iterator[tuple[int, int, str, float]]:
    """Give (start, end, ISO form, confidence) in the order of trust; later ones may overlap earlier ones."""
    yield from _days(text, order)
    yield from _spans_of_days(text)
    for match in _DAY_ALONE.finditer(text):
        if _day("2000", _month(match), match["day"]):
            yield *match.span(), f"--{_month(match):02}-{int(match['day']):02}", 0.6
    for match in _YEAR_ALONE.finditer(text):
        yield *match.span("year"), match["year"], 0.7


def _days(text: str, order: Order) -> Iterator[tuple[int, int, str, float]]:
    for match in _ISO.finditer(text):
        if value := _day(match["year"], int(match["month"]), match["day"]):
            yield *match.span(), f"{value}T{match['time']}" if match["time"] else value, 0.98
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for match in pattern.finditer(text):
            if value := _day(match["year"], _month(match), match["day"]):
                yield *match.span(), value, 0.97
    for match in _NUMERIC.finditer(text):
        yield from _numeric(match, order)


def _spans_of_days(text: str) -> Iterator[tuple[int, int, str, float]]:
    for match in _QUARTER.finditer(text):
        yield *match.span(), f"{match['year']}-Q{match['number'] or _quarter(match['word'])}", 0.95
    for match in _WEEK.finditer(text):
        if 1 <= int(match["week"]) <= 53:
            yield *match.span(), f"{match['year']}-W{int(match['week']):02}", 0.9
    for match in _MONTH_YEAR.finditer(text):
        yield *match.span(), f"{match['year']}-{_month(match):02}", 0.93


def _numeric(match: re.Match[str], order: Order) -> Iterator[tuple[int, int, str, float]]:
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    confidence = 0.97 if len(year) == 4 else 0.8
    if len(year) == 2:
        year = f"20{year}" if int(year) < 70 else f"19{year}"
    by_marks = match["mark"] == "."  # Where points stand between the numbers, the day is first everywhere.
    day_first = second <= 12 and (by_marks or first > 12 or order.day_first)
    if not by_marks and first <= 12 and second <= 12 and first != second:
        confidence = min(confidence, order.confidence)
    day, month = (first, second) if day_first else (second, first)
    if value := _day(year, month, str(day)):
        yield *match.span(), value, confidence


def _month(match: re.Match[str]) -> int:
    return _MONTHS[match["month"].lower()]


def _quarter(word: str) -> str:
    # "first" and "fourth", "second" and "zweite", "third" and "dritte" differ by their first letters.
    return "4" if word.lower().startswith("fo") else _QUARTERS[word[0].lower()]


def _day(year: str, month: int, day: str) -> str:
    try:
        return date(int(year), month, int(day)).isoformat()
    except ValueError:
        return ""
