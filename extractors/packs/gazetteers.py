"""Gazetteers: lists of terms with a label and an identifier, found in texts word by word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bifrost.errors import ConfigInvalid

LONGEST_EXACT = 4
"""Terms of up to so many characters are found as they are written only: "PE" is a plastic, "pe" is not."""

_WORD = re.compile(r"\w+")
_GAPS = frozenset((" ", "-", "\n", "\u00a0", "\u2010", "\u2011"))


@dataclass(frozen=True, slots=True)
class Term:
    """A line of a gazetteer."""

    written: str
    label: str
    identifier: str


@dataclass(slots=True)
class _Node:
    following: "dict[str, _Node]" = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)


class Gazetteer:
    """Finds the terms of a list as a trie of words: the time grows with the text, not with the list."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._root = _Node()
        for term in terms:
            node = self._root
            for word in _WORD.findall(term.written):
                node = node.following.setdefault(word.lower(), _Node())
            node.terms.append(term)

    def find(self, text: str) -> Iterator[tuple[int, int, Term]]:
        """Give (start, end, term) of the longest term at each place, from left to right, without overlap."""
        firsts = self._root.following
        if not firsts:
            return
        words = [match.span() for match in _WORD.finditer(text)]
        lowered = [text[start:end].lower() for start, end in words]
        place = 0
        while place < len(words):
            found = self._longest(text, words, lowered, place) if lowered[place] in firsts else None
            if found is None:
                place += 1
                continue
            last, term = found
            yield words[place][0], words[last][1], term
            place = last + 1

    def _longest(
        self, text: str, words: list[tuple[int, int]], lowered: list[str], first: int
    ) -> tuple[int, Term] | None:
        node, place, best = self._root, first, None
        while place < len(words) and (following := node.following.get(lowered[place])):
            node = following
            written = text[words[first][0] : words[place][1]]
            term = next((each for each in node.terms if _fits(each, written)), None)
            best = (place, term) if term else best
            place += 1
            if place < len(words) and text[words[place - 1][1] : words[place][0]] not in _GAPS:
                break
        return best


def _fits(term: Term, written: str) -> bool:
    return len(term.written) > LONGEST_EXACT or written == term.written


def read_terms(file: Path) -> list[Term]:
    """Read lines of term, label and identifier with tabs between; an empty identifier stands for the term.

    Raises:
        ConfigInvalid: a line has not three columns, or a term has no word.
    """
    terms, problems = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) != 3 or not _WORD.search(columns[0]) or not columns[1]:
            problems.append(f"line {number}: expected term, label and identifier with tabs between")
            continue
        terms.append(Term(columns[0], columns[1], columns[2] or columns[0]))
    if problems:
        raise ConfigInvalid(str(file), problems)
    return terms
