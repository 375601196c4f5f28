"""The port of engines that find names: words in, spans of words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Name:
    """A span of words that names something."""

    start: int
    end: int
    """The word after the last."""
    label: str
    confidence: float


class NameEngine(Protocol):
    """Finds names in texts that are cut into words already."""

    def find_all(self, texts: Sequence[Sequence[str]], heads: Sequence[str]) -> dict[str, list[list[Name]]]:
        """Give for each head the names of each text in their order, with the head's labels; they do not overlap."""
        ...

    def labels(self, head: str) -> tuple[str, ...]:
        """Give the labels that a head tells apart."""
        ...
