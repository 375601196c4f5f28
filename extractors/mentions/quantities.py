"""Dates, quantities with units, money and percentages in texts, with their values normalised."""

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from bifrost.config import Extraction
from bifrost.model import Mention
from extractors.mentions.dates import Order, find_dates
from extractors.mentions.money import money_at
from extractors.mentions.numbers import DOUBTFUL, FURTHER, NUMBER, POWER, Marks, joint_of, plain, power_of
from extractors.mentions.taken import Taken
from extractors.mentions.units import unit_at

_PERCENT = re.compile(r"\s?(?:%|percent\b|per cent\b|pct\b|Prozent\b|v\.\s?H\.)(?:[ -](?:points?|Prozentpunkte?)\b)?")
_DIGIT = re.compile(r"\d")
LABELS = ("DATE", "QUANTITY", "MONEY", "PERCENT")


class QuantityAnnotator:
    """Finds values: `2024-03-04`, `12.5 kg` (with codes of UCUM), `EUR 1234.50`, `3 %`; a range is `10..12 mm`."""

    name: ClassVar[str] = "quantities"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction) -> None:
        self._settings = settings

    def annotate(self, texts: Iterable[str]) -> Iterator[list[Mention]]:
        """Give the values of each text in their order; the texts of a document decide together what is ambiguous."""
        texts = list(texts)
        numbered = [text for text in texts if _DIGIT.search(text)]
        order, marks = Order.of(numbered), Marks.of(numbered)
        for text in texts:
            yield _found(text, order, marks) if _DIGIT.search(text) else []


def _found(text: str, order: Order, marks: Marks) -> list[Mention]:
    found: list[Mention] = []
    taken = Taken(len(text))
    for start, end, value, confidence in find_dates(text, order):
        if taken.is_free(start, end):
            taken.take(start, end)
            found.append(Mention(text[start:end], "DATE", value, start, end, confidence))
    at = 0
    while match := NUMBER.search(text, at):
        at = match.end()
        if not taken.is_free(*match.span()):
            continue
        mention = _measured(text, match, marks)
        if mention and taken.is_free(mention.start, mention.end):
            taken.take(mention.start, mention.end)
            found.append(mention)
            at = max(at, mention.end)
    return sorted(found, key=lambda mention: mention.start)


def _measured(text: str, match: re.Match[str], marks: Marks) -> Mention | None:
    number, certain = marks.read(match["digits"])
    if match["sign"] in ("-", "\u2212"):
        number = -number
    power = POWER.match(text, match.end())
    if power:
        number = number.scaleb(power_of(power))
    end = power.end() if power else match.end()
    money = money_at(text, match.start("digits"), end, number)
    if money:
        start, end, currency, amount, confidence = money
        return _mention(text, "MONEY", f"{currency} {plain(amount)}", (start, end), _doubted(confidence, certain))
    value, end, also_certain = _further(text, end, plain(number), marks)
    percent = _PERCENT.match(text, end)
    if percent:
        return _mention(
            text, "PERCENT", f"{value} %", (match.start(), percent.end()), _doubted(0.97, certain and also_certain)
        )
    unit = unit_at(text, end)
    if unit is None:
        return None
    end, code, confidence = unit
    span = (match.start(), end)
    return _mention(text, "QUANTITY", f"{value} {code}", span, _doubted(confidence, certain and also_certain))


def _further(text: str, end: int, value: str, marks: Marks) -> tuple[str, int, bool]:
    """Add the numbers that belong to the first one: up to two, as in `100 x 50 x 20`."""
    certain = True
    for _time in range(2):
        match = FURTHER.match(text, end)
        if match is None:
            break
        number, read = marks.read(match["digits"])
        value, end, certain = f"{value}{joint_of(match)}{plain(number)}", match.end(), certain and read
    return value, end, certain


def _mention(text: str, label: str, value: str, span: tuple[int, int], confidence: float) -> Mention:
    start, end = span
    return Mention(text[start:end], label, value, start, end, confidence)


def _doubted(confidence: float, certain: bool) -> float:
    return round(confidence if certain else confidence * DOUBTFUL, 3)
