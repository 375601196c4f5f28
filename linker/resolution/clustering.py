"""Clusters of records that refuse cascades: sameness is only handed on where nothing speaks against it."""

from collections.abc import Iterable

import numpy as np

from linker.resolution.edges import Edges
from linker.resolution.rivals import Mask, is_first
from linker.resolution.sides import Codes


def cluster(edges: Edges, holding_duplicates: Iterable[str]) -> Codes:
    """Give for every node the smallest node of its cluster.

    Groups without any conflict are joined at once; the others edge by edge, people's word first, then the most
    probable, and an edge that would bring two records of a table with a key together is refused.
    """
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    several = frozenset(holding_duplicates)
    one_each = np.array([bool(table.key) and table.id not in several for table in edges.tables], bool)
    kept = _mutual_best(edges, one_each)
    said = np.array(edges.said_same, np.int64).reshape(-1, 2)
    left, right = np.concatenate([edges.left[kept], said[:, 0]]), np.concatenate([edges.right[kept], said[:, 1]])
    count = len(edges.table_of)
    graph = sparse.coo_matrix((np.ones(len(left)), (left, right)), shape=(count, count))
    _, component = connected_components(graph, directed=False)
    conflicted = _conflicted(edges, component, one_each)
    groups = _smallest_member(component)
    loose = np.flatnonzero(conflicted[component])
    groups[loose] = loose
    _join_carefully(edges, kept & conflicted[component[edges.left]] if count else kept, one_each, groups)
    return groups


def _mutual_best(edges: Edges, one_each: Mask) -> Mask:
    """Keep for every record its best partner in each table that can hold only one."""
    tables = len(edges.tables)
    left_table, right_table = edges.table_of[edges.left], edges.table_of[edges.right]
    kept = np.ones(len(edges.left), bool)
    if len(kept):
        kept &= is_first(edges.left * tables + right_table, edges.probability) | ~one_each[right_table]
        kept &= is_first(edges.right * tables + left_table, edges.probability) | ~one_each[left_table]
        kept &= (left_table != right_table) | ~one_each[left_table]
    return kept


def _conflicted(edges: Edges, component: Codes, one_each: Mask) -> Mask:
    """Mark the components with two records of a table that can hold only one, or two that people told apart."""
    result = np.zeros(int(component.max(initial=-1)) + 1, bool)
    strict = one_each[edges.table_of]
    seats = component[strict] * np.int64(len(edges.tables)) + edges.table_of[strict]
    taken, times = np.unique(seats, return_counts=True)
    result[taken[times > 1] // max(len(edges.tables), 1)] = True
    for one, two in edges.told_apart:
        if component[one] == component[two]:
            result[component[one]] = True
    return result


def _smallest_member(component: Codes) -> Codes:
    smallest = np.full(int(component.max(initial=-1)) + 1, len(component), np.int64)
    np.minimum.at(smallest, component, np.arange(len(component)))
    return smallest[component]


def _join_carefully(edges: Edges, chosen: Mask, one_each: Mask, groups: Codes) -> None:
    members: dict[int, set[int]] = {}
    foes: dict[int, set[int]] = {}
    for one, two in edges.told_apart:
        foes.setdefault(one, set()).add(two)
        foes.setdefault(two, set()).add(one)

    def join(one: int, two: int, *, said: bool) -> None:
        first, second = sorted((int(groups[one]), int(groups[two])))
        if first == second:
            return
        some, others = members.get(first, {first}), members.get(second, {second})
        apart = any(foes.get(node, set()) & others for node in some)
        seats = {int(edges.table_of[node]) for node in some} & {int(edges.table_of[node]) for node in others}
        if apart or (not said and any(one_each[table] for table in seats)):
            return
        members[first] = some | others
        groups[list(others)] = first

    for one, two in edges.said_same:
        join(one, two, said=True)
    positions = np.flatnonzero(chosen)
    best_first = positions[np.lexsort((edges.right[positions], edges.left[positions], -edges.probability[positions]))]
    for position in best_first.tolist():
        join(int(edges.left[position]), int(edges.right[position]), said=False)
