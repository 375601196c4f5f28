"""Headers and footers of pages: short pieces that come again at the same place, and page numbers."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count

from extractors.pages.parts import Piece

_FEWEST_PAGES = 3
_LEAST_SHARE = 0.2
"""Of the pages between the first and the last on which it stands, as chapters have headers of their own."""
_TOP, _BOTTOM = 0.13, 0.87
_SAME_PLACE = 0.012
_LONGEST = 160
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[-\u2013\u2014 (]*(?:(?:page|seite|p\.?|s\.)\s*)?(\d{1,4}|[ivxlc]{1,7})"
    r"(?:\s*(?:of|von|/|\|)\s*\d{1,4})?[-\u2013\u2014 )]*",
    re.I,
)
_RUNNING_KINDS = ("text", "list", "heading")


def running_lines(pages: Sequence[int], pieces: Sequence[Piece]) -> set[int]:
    """Give the positions of pieces that belong to the pages and not to the text.

    A piece counts as running when what it says, numbers aside, stands at the same height near the edge of three pages
    or more, and when it is a page number that grows with the pages.
    """
    edges = [at for at, piece in enumerate(pieces) if _at_edge(piece)]
    if not edges or pages[edges[0]] == pages[edges[-1]]:
        return set()
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    numbers: dict[int, list[int]] = defaultdict(list)
    for at in edges:
        piece = pieces[at]
        box = piece.box or (0.0,) * 4
        found = _PAGE_NUMBER.fullmatch(piece.text)
        if found:
            value = found[1]
            numbers[(int(value) if value.isdigit() else _roman(value)) - pages[at]].append(at)
        elif piece.kind in _RUNNING_KINDS:
            said = _NUMBER.sub("#", piece.text).casefold()
            groups[said, round(box[1] / _SAME_PLACE)].append(at)
    running = {at for found in numbers.values() if len({pages[at] for at in found}) > 1 for at in found}
    for group in _merged(groups):
        seen = {pages[at] for at in group}
        if len(seen) >= _FEWEST_PAGES and len(seen) >= _LEAST_SHARE * (max(seen) - min(seen) + 1):
            running.update(group)
    return running


def _merged(groups: dict[tuple[str, int], list[int]]) -> Iterator[list[int]]:
    """Join groups of the same words whose heights fell into neighbouring steps."""
    done: set[tuple[str, int]] = set()
    for said, first in sorted(groups):
        group: list[int] = []
        for step in count(first):
            if (said, step) not in groups or (said, step) in done:
                break
            done.add((said, step))
            group += groups[said, step]
        yield group


def _at_edge(piece: Piece) -> bool:
    if piece.box is None or len(piece.text) > _LONGEST:
        return False
    return piece.box[3] <= _TOP or piece.box[1] >= _BOTTOM


def _roman(text: str) -> int:
    digits = [dict(zip("ivxlc", (1, 5, 10, 50, 100), strict=True))[letter] for letter in text.lower()]
    return sum(-digit if digit < max(digits[at:]) else digit for at, digit in enumerate(digits))
