"""Corpora in CoNLL-like files: a token a line, the label in the last column, a blank line between sentences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bifrost.errors import BifrostError

OUTSIDE = "O"
_DOCUMENT_MARK = "-DOCSTART-"

Span = tuple[int, int, str]
"""First word, word after the last, label."""


class CorpusUnreadable(BifrostError):
    """A file is no corpus in a CoNLL-like layout."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")
        self.file, self.line, self.reason = file, line, reason


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of a sentence and the names among them."""

    words: tuple[str, ...]
    spans: tuple[Span, ...]


def read_corpus(file: Path) -> list[Sentence]:
    """Read the sentences of a file; tags may be written as BIO, IOB1, BIOES or IO.

    Raises:
        CorpusUnreadable: a line holds no label, or the file holds no sentence.
    """
    sentences = [Sentence(tuple(words), tuple(spans_of(tags))) for words, tags in _sentences(file)]
    if not sentences:
        raise CorpusUnreadable(file, 1, "it holds no sentence; expected a token a line, with its label last")
    return sentences


def labels_of(sentences: Iterable[Sentence]) -> list[str]:
    """Name the labels that occur, sorted."""
    return sorted({label for sentence in sentences for _start, _end, label in sentence.spans})


def spans_of(tags: Sequence[str]) -> Iterator[Span]:
    """Give the spans that tags mark. A tag continues the span before it when it does not begin one and the label is
    the same, so that all four ways of writing are read alike.
    """
    start, open_label = 0, ""
    for at, tag in enumerate([*tags, OUTSIDE]):
        prefix, label = _parts(tag)
        if open_label and (label != open_label or prefix in "BSU"):
            yield start, at, open_label
            open_label = ""
        if label and not open_label:
            start, open_label = at, label


def _parts(tag: str) -> tuple[str, str]:
    if tag in (OUTSIDE, "", "_"):
        return OUTSIDE, ""
    prefix, dash, label = tag.partition("-")
    return (prefix, label) if dash and prefix in ("B", "I", "E", "S", "L", "U", "M") else ("I", tag)


def _sentences(file: Path) -> Iterator[tuple[list[str], list[str]]]:
    words: list[str] = []
    tags: list[str] = []
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            cells = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
            cells = [cell for cell in cells if cell.strip()]
            if not cells or cells[0] == _DOCUMENT_MARK:
                if words:
                    yield words, tags
                    words, tags = [], []
                continue
            if len(cells) < 2:
                raise CorpusUnreadable(file, number, f"expected a token and its label, found {cells[0]!r} alone")
            token = cells[1] if len(cells) > 2 and cells[0].isdigit() and "\t" in line else cells[0]
            words.append(token)
            tags.append(cells[-1])
    if words:
        yield words, tags
