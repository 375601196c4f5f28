"""What a piece of a form looks like by itself and beside its neighbours, as numbers."""

import re
from typing import Any

import numpy as np

from extractors.forms.linking.form_page import FormPage, neighbours

DATE = re.compile(
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.?\s+\d", re.I
)
NUMBER = re.compile(r"[$€£]?\s?\(?\d[\d,. ]*\)?\s?%?")
ASKING = re.compile(
    r"\b(?:name|date|no|number|address|phone|fax|tel|telephone|to|from|subject|re|by|title|company|city|state|zip|code|total|"
    r"amount|type|brand|account|signature|approved|department|division|description|location|page|quantity|price|size|"
    r"time|period|reason|comments?|remarks|status|id|reference|ref|cc|attn|attention|contact|product|project|market|cost)\b",
    re.I,
)
_MARKS = ":.,?$%#@/()-_*&'\""
_FAR = 40.0
NEIGHBOUR_SIDES = 4


def label_features(page: FormPage) -> Any:
    """Give a row of numbers for every piece; distances are counted in heights of a usual line."""
    if not len(page):
        return np.zeros((0, 0))
    own = np.array([_of_text(text) for text in page.texts], np.float64)
    left, top, right, bottom = page.edges.T
    tall, wide = max(page.edges[:, 3].max(), 1.0), max(page.edges[:, 2].max(), 1.0)
    place = np.stack(
        [left / wide, right / wide, top / tall, right - left, bottom - top, (left + right) / 2 / wide], axis=1
    )
    share_across, share_down = page.common
    row = share_down > 0.5
    in_row = row.sum(axis=1)
    before = (row & (page.edges[:, 0][None, :] < left[:, None])).sum(axis=1)
    same_left = (np.abs(left[:, None] - left) < 0.6).sum(axis=1)
    same_right = (np.abs(right[:, None] - right) < 0.6).sum(axis=1)
    column = (share_across > 0.5).sum(axis=1)
    layout = np.stack([in_row, before, same_left, same_right, column], axis=1)
    return np.hstack([own, place, layout, _beside(page, own)])


def _beside(page: FormPage, own: Any) -> Any:
    """Give distances to the four nearest neighbours and what these look like."""
    near = neighbours(page)
    across, down = page.gaps
    rows = np.arange(len(page))
    blocks = []
    for side, gap in enumerate((across.T, across, down.T, down)):
        other = near[:, side]
        known = other >= 0
        distance = np.where(known, gap[rows, other], _FAR)
        looks = np.where(known[:, None], own[other], -1.0)
        aligned = np.where(known, np.abs(page.edges[rows, 0] - page.edges[other, 0]), _FAR)
        blocks.append(np.hstack([np.clip(distance, -2, _FAR)[:, None], np.clip(aligned, 0, _FAR)[:, None], looks]))
    return np.hstack(blocks)


def _of_text(text: str) -> list[float]:
    text = text.strip()
    length = max(1, len(text))
    letters = [character for character in text if character.isalpha()]
    words = text.split()
    return [
        float(min(length, 120)),
        float(min(len(words), 30)),
        sum(character.isdigit() for character in text) / length,
        len(letters) / length,
        sum(letter.isupper() for letter in letters) / max(1, len(letters)),
        float(text.endswith(":")),
        float(":" in text),
        float(text.endswith((".", "?", ","))),
        float(text[:1].isupper()),
        float(text[:1].isdigit()),
        float(text.istitle()),
        float(bool(DATE.search(text))),
        float(bool(NUMBER.fullmatch(text))),
        float(len(ASKING.findall(text)) / max(1, len(words))),
        *(float(text.count(mark)) for mark in _MARKS),
    ]
