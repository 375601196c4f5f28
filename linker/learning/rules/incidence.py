"""The links around every entity as arrays: what rules are mined from and applied to."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linker.learning.compiled import compiled
from linker.learning.graph import Integers

Numbers = NDArray[np.int32]


class Incidence(NamedTuple):
    """Links from both sides. Relation r seen from its tail has the number r + `relations`.

    An entity's links are sorted by relation, so that those of one relation are a *group*: the answers to a question
    (entity, relation). The group of (d, inverse of r) also lists the entities of which the fact (r, d) is true.
    """

    starts: NDArray[np.int64]
    """Where each entity's links start, shape (entities + 1,)."""
    kinds: Numbers
    """Relation of each link, shape (2 * links,)."""
    others: Numbers
    """The entity at the other end, ascending within a group."""
    group_starts: NDArray[np.int64]
    """Where each group's links start, shape (groups + 1,)."""
    group_kinds: Numbers
    first_groups: NDArray[np.int64]
    """Each entity's first group, shape (entities + 1,)."""
    facts: Numbers
    """For each link the group that lists everything of which it is true."""
    relations: int

    @property
    def entities(self) -> int:
        """Count the entities."""
        return len(self.starts) - 1

    def turned(self, kind: int) -> int:
        """Give the relation as it is seen from the other end."""
        return kind - self.relations if kind >= self.relations else kind + self.relations

    @property
    def groups(self) -> int:
        """Count the groups."""
        return len(self.group_kinds)


def incidence_of(triples: Integers, *, entities: int, relations: int) -> Incidence:
    """Index links, shape (links, 3), from both sides."""
    heads, kinds, tails = triples.T
    subjects = np.concatenate([heads, tails])
    relation = np.concatenate([kinds, kinds + relations])
    others = np.concatenate([tails, heads])
    order = np.lexsort((others, relation, subjects))
    subjects, relation, others = subjects[order], relation[order], others[order]
    questions = subjects * (2 * relations) + relation
    asked, group_starts = np.unique(questions, return_index=True)
    turned = np.where(relation >= relations, relation - relations, relation + relations)
    return Incidence(
        starts=np.searchsorted(subjects, np.arange(entities + 1)),
        kinds=relation.astype(np.int32),
        others=others.astype(np.int32),
        group_starts=np.append(group_starts, len(others)),
        group_kinds=(asked % (2 * relations)).astype(np.int32),
        first_groups=np.searchsorted(asked // (2 * relations), np.arange(entities + 1)),
        facts=np.searchsorted(asked, others * (2 * relations) + turned).astype(np.int32),
        relations=relations,
    )


def answers_in(graph: Incidence, groups: Integers) -> tuple[Integers, Integers]:
    """Give (row, answer) of every answer in some groups, row by row; a group -1 has none."""
    found = np.flatnonzero(groups >= 0)
    first, counts = graph.group_starts[groups[found]], np.diff(graph.group_starts)[groups[found]]
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(found, counts), graph.others[np.repeat(first, counts) + offsets].astype(np.int64)


@compiled
def group_of(graph: Incidence, entity: int, kind: int) -> int:
    """Find the group of (entity, relation); -1 where there is no such link."""
    low, high = graph.first_groups[entity], graph.first_groups[entity + 1]
    while low < high:
        middle = (low + high) // 2
        if graph.group_kinds[middle] < kind:
            low = middle + 1
        else:
            high = middle
    if low < graph.first_groups[entity + 1] and graph.group_kinds[low] == kind:
        return int(low)
    return -1
