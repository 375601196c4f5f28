"""Supporting paths: how the two ends of a proposed link are connected already."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from linker.learning.graph import Integers, KnowledgeGraph
from linker.learning.rules.wording import walk_in_words

CONSIDERED = 50
"""Neighbours looked at per end, those with fewest links first: a path through a hub says little."""


@dataclass(frozen=True, slots=True)
class Path:
    """A walk without repeated entities, as text, with its specificity (1 / product of the inner degrees)."""

    text: str
    specificity: float


class Neighbourhoods:
    """All links from both sides, by entity."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph = graph
        heads, kinds, tails = graph.heads, graph.relations, graph.tails
        subjects = np.concatenate([heads, tails])
        order = np.argsort(subjects, kind="stable")
        self.others = np.concatenate([tails, heads])[order]
        self.kinds = np.concatenate([kinds, kinds + len(graph.relation_names)])[order]
        self.starts = np.searchsorted(subjects[order], np.arange(len(graph.entities) + 1))

    def degree(self, entity: int) -> int:
        """Count the links of an entity."""
        return int(self.starts[entity + 1] - self.starts[entity])

    def paths(self, head: int, tail: int, most: int = 3) -> list[Path]:
        """Give the most specific paths of at most three links, shorter ones first."""
        found = [*self._direct(head, tail), *self._through_one(head, tail), *self._through_two(head, tail)]
        ranked = sorted(found, key=lambda walk: (len(walk), -self._specificity(walk), self._text(walk)))
        return [Path(self._text(walk), self._specificity(walk)) for walk in ranked[:most]]

    def _direct(self, head: int, tail: int) -> Iterator[list[int]]:
        for other, kind in self._around(head):
            if other == tail:
                yield [head, kind, tail]

    def _through_one(self, head: int, tail: int) -> Iterator[list[int]]:
        for middle, first in self._around(head):
            if middle not in (head, tail):
                yield from ([head, first, middle, kind, tail] for kind in self._between(middle, tail))

    def _through_two(self, head: int, tail: int) -> Iterator[list[int]]:
        near_tail = [(other, kind) for other, kind in self._around(tail) if other not in (head, tail)]
        before = np.array([other for other, _ in near_tail], np.int64)
        for middle, first in self._around(head):
            if middle in (head, tail):
                continue
            others, kinds = self._links(middle)
            for place in np.flatnonzero(np.isin(others, before))[:CONSIDERED]:
                other = int(others[place])
                for last, kind in near_tail:
                    if last == other != middle:
                        yield [head, first, middle, int(kinds[place]), other, self._turned(kind), tail]

    def _between(self, entity: int, target: int) -> list[int]:
        others, kinds = self._links(entity)
        return [int(kind) for kind in kinds[others == target]]

    def _around(self, entity: int) -> list[tuple[int, int]]:
        others, kinds = self._links(entity)
        degrees = self.starts[others + 1] - self.starts[others]
        nearest = np.lexsort((kinds, others, degrees))[:CONSIDERED]
        return [(int(others[place]), int(kinds[place])) for place in nearest]

    def _links(self, entity: int) -> tuple[Integers, Integers]:
        span = slice(self.starts[entity], self.starts[entity + 1])
        return self.others[span], self.kinds[span]

    def _turned(self, kind: int) -> int:
        count = len(self.graph.relation_names)
        return kind - count if kind >= count else kind + count

    def _specificity(self, walk: list[int]) -> float:
        return 1.0 / float(np.prod([self.degree(entity) for entity in walk[2:-2:2]], dtype=float))

    def _text(self, walk: list[int]) -> str:
        return walk_in_words(walk[0::2], walk[1::2], self.graph)
