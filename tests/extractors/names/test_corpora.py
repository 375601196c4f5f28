"""Corpora, tags and spans."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.names.conll import CorpusUnreadable, labels_of, read_corpus, spans_of
from extractors.names.heads import heads_of

_LABELS = ("ORG", "PLACE", "PERSON")


def _corpus(folder: Path, text: str) -> Path:
    file = folder / "corpus.txt"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-X I-X O B-X", [(0, 2, "X"), (3, 4, "X")]),
        ("B-X B-X I-Y", [(0, 1, "X"), (1, 2, "X"), (2, 3, "Y")]),
        ("I-X I-X O I-Y", [(0, 2, "X"), (3, 4, "Y")]),
        ("B-X I-X E-X S-Y", [(0, 3, "X"), (3, 4, "Y")]),
        ("O O", []),
        ("X X Y", [(0, 2, "X"), (2, 3, "Y")]),
    ],
)
def test_all_ways_of_writing_tags_give_the_same_spans(tags, spans):
    assert list(spans_of(tags.split())) == spans


def test_the_label_stands_in_the_last_column_and_marks_of_documents_are_no_words(tmp_path):
    file = _corpus(tmp_path, "-DOCSTART- -X- O O\n\nAcme NNP - I-ORG\nsells VBZ - O\n\nBonn NNP - I-LOC\n")
    first, second = read_corpus(file)
    assert first.words == ("Acme", "sells")
    assert first.spans == ((0, 1, "ORG"),)
    assert second.spans == ((0, 1, "LOC"),)
    assert labels_of([first, second]) == ["LOC", "ORG"]


def test_a_number_before_the_word_is_no_word(tmp_path):
    (sentence,) = read_corpus(_corpus(tmp_path, "0\tAcme\tB-ORG\n1\tInc\tI-ORG\n"))
    assert sentence.words == ("Acme", "Inc")


def test_a_line_without_a_label_is_named(tmp_path):
    with pytest.raises(CorpusUnreadable, match="line 2: expected a token and its label, found 'sells' alone"):
        read_corpus(_corpus(tmp_path, "Acme B-ORG\nsells\n"))


def test_an_empty_file_is_no_corpus(tmp_path):
    with pytest.raises(CorpusUnreadable, match="no sentence"):
        read_corpus(_corpus(tmp_path, "\n\n"))


@st.composite
def _spans(draw):
    """Spans that do not overlap, and the length of their text."""
    spans, at = [], 0
    for _ in range(draw(st.integers(0, 6))):
        start = at + draw(st.integers(0, 3))
        end = start + draw(st.integers(1, 4))
        spans.append((start, end, draw(st.sampled_from(_LABELS))))
        at = end
    return spans, at + draw(st.integers(0, 3))


@given(_spans())
def test_spans_survive_being_written_as_tags(given_spans):
    spans, length = given_spans
    first, second = heads_of({"other": ("MISC",), "names": _LABELS})
    tags = second.tags_of(spans, length)
    assert second.spans_of(tags) == spans
    assert first.columns == slice(0, 3)
    assert second.columns == slice(3, 3 + second.tags)
