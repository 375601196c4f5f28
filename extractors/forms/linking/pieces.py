"""The lines of a page as pieces of a form: cut at wide gaps, and after the colon of a label."""

import re
from collections.abc import Iterator, Sequence

from extractors.forms.linking.form_page import FormPage
from extractors.pages.content import Line, Word
from extractors.pages.visual_rows import visual_rows

_LABEL_END = re.compile(r"[^\W\d_].*:$")
_MOST_LABEL_WORDS = 6


def pieces_of(words: Sequence[Word], size: tuple[float, float]) -> FormPage:
    """Gather words to pieces; only what stands in one row is gathered."""
    pieces = [piece for row in visual_rows(words) for segment in row.segments for piece in _cut(segment)]
    return FormPage(tuple(piece.text for piece in pieces), tuple(piece.box for piece in pieces), *size)


def _cut(segment: Line) -> Iterator[Line]:
    words: list[Word] = []
    for word in segment.words:
        words.append(word)
        if len(words) <= _MOST_LABEL_WORDS and _LABEL_END.search(word.text if len(words) == 1 else "a" + word.text):
            yield Line(tuple(words))
            words = []
    if words:
        yield Line(tuple(words))
