"""Runs of characters of a text layer made words: cleaned of signs without a meaning, and joined where cut in pieces."""

import re
from collections.abc import Iterator, Sequence

from extractors.pages.content import Box, around

_WIDEST_IN_WORD = 0.25
"""Of the height: letters of a word are no further apart."""
_MOST_RAISED = 0.3
"""Of the height: what stands higher is a mark of a footnote or an exponent."""
_RIGHT_TO_LEFT = re.compile(r"(?=.*[\u0590-\u08ff])(?=.*[A-Za-z0-9])")
"""Where scripts of both directions meet, the spaces between them stand elsewhere."""
_UNKNOWN = str.maketrans("", "", "\x00\uffff")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BULLET = re.compile(r"^(\s*)[\x01-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff](?=\s)")
"""Signs of symbol fonts have no meaning as characters; before a line they are bullets."""
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f\x7f-\x9f]")


def joined_runs(runs: Sequence[tuple[Box, str]]) -> Iterator[tuple[Box, str]]:
    """Join runs that lie close together without a space between them: kerning and fonts cut words into pieces."""
    last, said = runs[0]
    for box, text in runs[1:]:
        gap = max(last[0], box[0]) - min(last[2], box[2])
        height = max(last[3] - last[1], box[3] - box[1])
        level = abs(box[3] - last[3]) < _MOST_RAISED * height
        apart = said[-1:].isspace() or text[:1].isspace() or bool(_RIGHT_TO_LEFT.search(said + text))
        if not said or (level and gap < _WIDEST_IN_WORD * height and not apart):
            last, said = (around([last, box]) if said else box), said + text
        else:
            yield last, said
            last, said = box, text
    yield last, said


def clean_text(characters: str) -> str:
    """Give the text with single spaces, and without what no reader sees."""
    if not characters.isprintable():
        characters = _CONTROLS.sub("", _BULLET.sub("\\1•", characters)).translate(_UNKNOWN)
        if _SURROGATE.search(characters):
            characters = characters.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(characters.split())
