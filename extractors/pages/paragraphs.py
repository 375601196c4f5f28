"""Lines to paragraphs, and what kind of paragraph each is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

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
    for line in lines:
        if groups and _continues(groups[-1][-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_paragraph(group, usual) for group in groups]


def _continues(above: Line, line: Line) -> bool:
    height = max(above.height, line.height)
    gap = line.box[1] - above.box[3]
    same_size = 0.75 < line.height / max(above.height, 1e-6) < 1.33
    overlaps = line.box[0] < above.box[2] and above.box[0] < line.box[2]
    separate = is_label_value(line.text) or is_label_value(above.text) or _BULLET.match(line.text)
    return same_size and overlaps and not separate and -0.6 * height < gap < 0.85 * height


def _paragraph(group: Sequence[Line], usual_height: float) -> Paragraph:
    text = _joined([line.text for line in group])
    height = fmean(line.height for line in group)
    return Paragraph(
        text,
        around([line.box for line in group]),
        _kind(text, height, usual_height),
        fmean(line.confidence for line in group),
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
