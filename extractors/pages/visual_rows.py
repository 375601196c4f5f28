"""Words as the rows in which people see them, whatever order they were read in."""

from collections.abc import Sequence

from extractors.pages.content import Line, Word

_ACROSS_WEIGHT = 0.05


def visual_rows(words: Sequence[Word]) -> list[Line]:
    """Gather words that stand at the height of a row's nearest word, from the top; within a row from the left."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.middle[1]):
        near = [row for row in rows[-4:] if _beside(row, word)]
        if near:
            min(near, key=lambda row: _apart(_nearest(row, word), word)).append(word)
        else:
            rows.append([word])
    return [Line(tuple(sorted(row, key=lambda word: word.box[0]))) for row in rows]


def _beside(row: Sequence[Word], word: Word) -> bool:
    """Tell whether a word continues a row; of the row only the nearest word counts, for rows may lean."""
    other = _nearest(row, word)
    height = min(other.box[3] - other.box[1], word.box[3] - word.box[1])
    return abs(other.middle[1] - word.middle[1]) < 0.5 * height and not _covers(row, word)


def _apart(other: Word, word: Word) -> float:
    """Weigh how far apart two words are up and down, and a little how far across: the nearer one tells the row."""
    gap = max(other.box[0] - word.box[2], word.box[0] - other.box[2], 0.0)
    return abs(other.middle[1] - word.middle[1]) + _ACROSS_WEIGHT * gap


def _nearest(row: Sequence[Word], word: Word) -> Word:
    return min(row, key=lambda other: max(other.box[0] - word.box[2], word.box[0] - other.box[2]))


def _covers(row: Sequence[Word], word: Word) -> bool:
    """Tell whether a row has a word at this place already: then it is the line above or below."""
    width = word.box[2] - word.box[0]
    return any(
        min(word.box[2], other.box[2]) - max(word.box[0], other.box[0]) > 0.5 * min(width, other.box[2] - other.box[0])
        for other in row
    )
