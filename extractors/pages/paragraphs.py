"""Lines to paragraphs, and what kind of paragraph each is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from extractors.pages.content import Box, Line, around
from extractors.pages.forms import is_label_value

_BULLET = re.compile(r"^(?:[•◦▪‣·*\u2013-]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+\S")
_HEADING_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together; `kind` is one of the kinds of `bifrost.schemas.BLOCKS`."""

    text: str
    box: Box
    kind: str
    confidence: float


def paragraphs(lines: Sequence[Line]) -> list[Paragraph]:
    """Join lines by spacing and size, in reading order."""
    if not lines:
        return []
    usual = median(line.height for line in lines)
    groups: list[list[Line]] = []
    above_is_label = False
    for line in lines:
        label = is_label_value(line.text)
        separate = label or above_is_label or _BULLET.match(line.text)
        if groups and not separate and _continues(groups[-1][-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
        above_is_label = label
    return [_paragraph(group, usual) for group in groups]


def _continues(above: Line, line: Line) -> bool:
    upper, lower = above.height, line.height
    if not 0.75 < lower / max(upper, 1e-6) < 1.33:
        return False
    box, before = line.box, above.box
    height = max(upper, lower)
    return box[0] < before[2] and before[0] < box[2] and -0.6 * height < box[1] - before[3] < 0.85 * height


def _paragraph(group: Sequence[Line], usual_height: float) -> Paragraph:
    text = _joined([line.text for line in group])
    height = sum(line.height for line in group) / len(group)
    return Paragraph(
        text,
        around([line.box for line in group]),
        _kind(text, height, usual_height),
        sum(line.confidence for line in group) / len(group),
    )


def _joined(texts: Sequence[str]) -> str:
    """Join lines with a space; a word that was divided at the end of a line becomes one again."""
    return re.sub(r"(?<=[a-zà-ÿ])[-\u00ad\u0002] (?=[a-zà-ÿ])", "", " ".join(texts))


def _kind(text: str, height: float, usual_height: float) -> str:
    if _BULLET.match(text):
        return "list"
    if is_label_value(text):
        return "label"
    return "heading" if height > 1.25 * usual_height and len(text) <= _HEADING_LENGTH else "text"
