"""Which questions come next: the most valuable, no two about one thing in a batch, and now and then one by chance."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

ONE_IN = 5
"""So often chance chooses, also among the links that are in: what nobody looks at may have become wrong."""

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Question(Generic[Name]):
    """An open question, what its answer is worth, and the things that it is about."""

    name: Name
    worth: float
    about: tuple[Hashable, ...]


def in_batches(
    questions: Sequence[Question[Name]], size: int, *, already: int, chance: np.random.Generator
) -> list[Name]:
    """Give the next `size` questions after `already` answers; at least one in five by chance.

    Questions about a thing that another question of the batch is about wait for the answer: it may settle them.
    """
    ranked = iter(sorted(questions, key=lambda each: -each.worth))
    drawn = iter([questions[place] for place in chance.permutation(len(questions))[: 10 * size]])
    chosen: dict[Name, None] = {}
    busy: set[Hashable] = set()
    for number in range(already, already + size):
        by_chance = number % ONE_IN == ONE_IN - 1
        found = _first_free(drawn if by_chance else ranked, chosen, busy) or _first_free(ranked, chosen, busy)
        if found is None:
            break
        chosen[found.name] = None
        busy |= set(found.about)
    return list(chosen)


def _first_free(
    candidates: Iterator[Question[Name]], chosen: dict[Name, None], busy: set[Hashable]
) -> Question[Name] | None:
    for each in candidates:
        if each.name not in chosen and busy.isdisjoint(each.about):
            return each
    return None
