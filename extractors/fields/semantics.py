"""Tells what the values of a field are: identifiers, names, categories, measures, dates, ..."""

import re
from collections import Counter
from collections.abc import Sequence

from bifrost.field_words import REFERENCE_WORDS, words
from extractors.fields.measures import Measured

_MOST = 0.95
_LONG_TEXT, _LONG_TEXT_WORDS = 60, 8
_FEW_VALUES, _FEW_SHARE = 50, 0.2
_LONGEST_SHAPE, _SHAPES = 40, 5

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("boolean", re.compile(r"(?i)true|false|yes|no|y|n|t|f|on|off")),
    ("email", re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")),
    ("url", re.compile(r"(?i)(https?|ftp|s3)://\S+|www\.\S+")),
    ("date", re.compile(r"\d{4}-\d\d?-\d\d?([T ][\d:.+Z-]+)?|\d{4}/\d\d?/\d\d?|\d\d?[./-]\d\d?[./-](\d{4}|\d\d)")),
    ("time", re.compile(r"\d\d?:\d\d(:\d\d(\.\d+)?)?")),
)
_QUANTITY = re.compile(r"[-+]?\d{1,3}([ ,]?\d{3})*([.,]\d+)?\s?(%|[a-zA-Zµ°€$/²³]{1,6})|[-+]?\d*[.,]\d+([eE][-+]?\d+)?")
_PHONE = re.compile(r"\+?[\d\s()./-]{7,20}")
_PHONE_WORDS = frozenset({"phone", "telephone", "tel", "fax", "mobile", "cell"})
_LETTERS = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"\S*\d\S*|[^\W\d]{1,8}[ -]\d{1,12}|[A-Z0-9]{2,8}")


def semantic(measured: Measured, *, key: bool) -> str:
    """Name the role of a field's values; "unknown" when it has none."""
    if measured.type in ("boolean", "binary", "nested"):
        return measured.type
    if measured.type in ("date", "timestamp"):
        return "date"
    if not measured.values:
        return "identifier" if key or _named_identifier(measured.name) else "unknown"
    if measured.type == "number":
        return "measure"
    if measured.type == "integer":
        return _of_integers(measured, key=key)
    return _of_texts(measured, key=key)


def formats(measured: Measured) -> list[str]:
    """Give the most frequent character shapes: letters as A, digits as 9, the rest as it stands."""
    shapes: Counter[str] = Counter()
    for value, rows in measured.values:
        shapes[_shape(value[:_LONGEST_SHAPE])] += rows
    ordered = sorted(shapes.items(), key=lambda entry: (-entry[1], entry[0]))
    return [shape for shape, _ in ordered[:_SHAPES]]


def _shape(value: str) -> str:
    return "".join("9" if each.isdigit() else "A" if each.isalpha() else each for each in value)


def _of_integers(measured: Measured, *, key: bool) -> str:
    if set(words(measured.name)) & _PHONE_WORDS:
        return "phone"
    if key or measured.unique or _named_identifier(measured.name):
        return "identifier"
    return "category" if {value for value, _ in measured.values} <= {"0", "1"} else "measure"


def _of_texts(measured: Measured, *, key: bool) -> str:
    for name, pattern in _PATTERNS:
        if _share(measured, pattern) >= _MOST:
            return name
    if set(words(measured.name)) & _PHONE_WORDS and _share(measured, _PHONE) >= _FEW_SHARE:
        return "phone"
    if (measured.mean_length or 0) > _LONG_TEXT or _mean_words(measured.values) > _LONG_TEXT_WORDS:
        return "text"
    return _of_short_texts(measured, key=key)


def _of_short_texts(measured: Measured, *, key: bool) -> str:
    coded = _share(measured, _CODE) >= _MOST
    if _named_identifier(measured.name) or (key and coded):
        return "identifier"
    if _share(measured, _QUANTITY) >= _MOST:
        return "measure"
    filled = measured.rows - measured.nulls
    few = measured.distinct <= _FEW_VALUES and measured.distinct <= max(2, _FEW_SHARE * filled)
    if coded:
        return "category" if few and _share(measured, _LETTERS) >= _MOST else "identifier"
    return "category" if few and not key else "name"


def _share(measured: Measured, pattern: re.Pattern[str]) -> float:
    total = sum(rows for _, rows in measured.values)
    return sum(rows for value, rows in measured.values if pattern.fullmatch(value.strip())) / total


def _mean_words(values: Sequence[tuple[str, int]]) -> float:
    return sum(len(value.split()) for value, _ in values) / len(values)


def _named_identifier(name: str) -> bool:
    found = words(name)
    return bool(found) and found[-1] in REFERENCE_WORDS
