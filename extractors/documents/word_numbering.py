"""The numbers of headings and list items in Word documents, which are counted and not written."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VALUE = f"{WORD}val"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LEVELS = 9


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    pattern: str
    start: int


class Numbering:
    """Counts while a document is read from its start; asked once for each numbered paragraph."""

    def __init__(self, numbering: Any) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        abstract = (
            {} if numbering is None else {_of(each, "abstractNumId"): each for each in _all(numbering, "abstractNum")}
        )
        self._list_of: dict[str, str] = {}
        for each in [] if numbering is None else _all(numbering, "num"):
            list_name = _value(each.find(f"{WORD}abstractNumId"))
            if list_name in abstract:
                self._list_of[_of(each, "numId")] = list_name
                self._levels.setdefault(list_name, _levels(abstract[list_name]))

    def label(self, number_id: str, level: int) -> str:
        """Count a paragraph and give its number as it is shown; empty for bullets and unknown lists."""
        list_name = self._list_of.get(number_id)
        levels = self._levels.get(list_name or "", {})
        if list_name is None or level not in levels:
            return ""
        counts = self._counts[list_name]
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in range(level + 1, _LEVELS):
            counts.pop(deeper, None)
        if levels[level].format in ("bullet", "none"):
            return ""
        label = levels[level].pattern
        for upper, each in levels.items():
            label = label.replace(f"%{upper + 1}", _shown(counts.get(upper, each.start), each.format))
        return label.strip()


def _levels(abstract: Any) -> dict[int, _Level]:
    levels = {}
    for each in _all(abstract, "lvl"):
        start = _value(each.find(f"{WORD}start"))
        levels[int(_of(each, "ilvl"))] = _Level(
            _value(each.find(f"{WORD}numFmt")) or "decimal",
            _value(each.find(f"{WORD}lvlText")),
            int(start) if start.isdigit() else 1,
        )
    return levels


def _shown(number: int, form: str) -> str:
    if form.endswith("Letter"):
        text = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    elif form.endswith("Roman"):
        text = _roman(number)
    else:
        return str(number)
    return text.upper() if form.startswith("upper") else text


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        text += letters * times
    return text


def _all(element: Any, name: str) -> list[Any]:
    return list(element.findall(f"{WORD}{name}"))


def _of(element: Any, name: str) -> str:
    return str(element.get(f"{WORD}{name}") or "")


def _value(element: Any) -> str:
    return "" if element is None else str(element.get(_VALUE) or "")
