"""Label-value lines ("Batch: B-0012") on a page: one record per set of labels."""

import re
from collections.abc import Iterable, Sequence

from extractors.forms.field_names import field_name
from extractors.pages.content import Line

FEWEST_LABELS = 2
_NEAREST_LINES = 2
"""Labels of a form stand in neighbouring lines; a lone colon in a text makes no form."""
_LABEL_VALUE = re.compile(
    r"^(?:\(?\d{1,2}[.)]\s+)?(?P<label>[^\W\d_](?:[\w /&().#'\u2019-]{0,38}[\w).#])?)\s?:\s+(?P<value>\S.{0,78})$"
)
_NO_LABEL = re.compile(r"^(?:figure|fig\.?|table|abbildung|note|example|listing|section|chapter|https?|e\.g\.)\b", re.I)
_MOST_WORDS = 5


def is_label_value(text: str) -> bool:
    """Tell whether a line is a label, a colon and a short value."""
    return _parts(text) is not None


def read_forms(lines: Iterable[Line]) -> list[dict[str, str]]:
    """Collect label-value pairs; a label that comes again starts the next record."""
    found = [(number, pair) for number, line in enumerate(lines) for pair in _pairs(line)]
    records: list[dict[str, str]] = [{}]
    for place, (number, (label, value)) in enumerate(found):
        others = [other for other, _pair in found[max(0, place - 1) : place + 2]]
        if sum(abs(other - number) <= _NEAREST_LINES for other in others) < FEWEST_LABELS:
            continue
        if label in records[-1]:
            records.append({})
        records[-1][label] = value
    return records if len(records[0]) >= FEWEST_LABELS else []


def _pairs(line: Line) -> list[tuple[str, str]]:
    """Read one pair from the whole line, or one from each of its segments."""
    segments: Sequence[Line] = line.segments
    apart = [parts for segment in segments if (parts := _parts(segment.text))]
    if len(apart) == len(segments):
        return apart
    whole = _parts(line.text)
    return [whole] if whole and len(segments) <= FEWEST_LABELS else apart


def _parts(text: str) -> tuple[str, str] | None:
    if ":" not in text:
        return None
    found = _LABEL_VALUE.match(text.strip())
    if not found or _NO_LABEL.match(text) or len(found["label"].split()) > _MOST_WORDS or text[0].islower():
        return None
    return field_name(found["label"]), " ".join(found["value"].split())
