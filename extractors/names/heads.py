"""The heads of a token classifier: which tags it knows, and where each head's tags lie among its scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.names.conll import Span


@dataclass(frozen=True, slots=True)
class Head:
    """Labels that are told apart together; its tags are "outside", then begin and inside for each label."""

    name: str
    labels: tuple[str, ...]
    first: int
    """Column of "outside" among the scores of all heads."""

    @property
    def tags(self) -> int:
        """Count the tags."""
        return 1 + 2 * len(self.labels)

    @property
    def columns(self) -> slice:
        """Give the columns of the head's tags."""
        return slice(self.first, self.first + self.tags)

    def tags_of(self, spans: Sequence[Span], length: int) -> list[int]:
        """Write spans as tags: 0 for outside, 1 + 2 n begins label n, 2 + 2 n goes on with it."""
        tags = [0] * length
        for start, end, label in spans:
            begin = 1 + 2 * self.labels.index(label)
            tags[start:end] = [begin, *[begin + 1] * (end - start - 1)]
        return tags

    def spans_of(self, tags: Sequence[int]) -> list[Span]:
        """Read the spans of tags that obey the order."""
        spans: list[Span] = []
        start = -1
        for at, tag in enumerate([*tags, 0]):
            inside = tag > 0 and tag % 2 == 0
            if start >= 0 and not inside:
                spans.append((start, at, self.labels[(tags[start] - 1) // 2]))
                start = -1
            if tag % 2 == 1:
                start = at
        return spans


def heads_of(labels_by_name: Mapping[str, Sequence[str]]) -> tuple[Head, ...]:
    """Lay heads side by side."""
    heads, first = [], 0
    for name, labels in labels_by_name.items():
        heads.append(Head(name, tuple(labels), first))
        first += heads[-1].tags
    return tuple(heads)
