"""Groups of records from pairs that speak for and against, where a record may have many partners."""

import heapq

import numpy as np

from linker.resolution.sides import Codes
from linker.resolution.sparse_texts import Scores

Weights = list[dict[int, float]]


def contracted(left: Codes, right: Codes, log_odds: Scores, records: int) -> Codes:
    """Give every record the number of its group, a record of it.

    Groups that are most for each other join first, and their pairs with others add up, until no sum is above zero
    (greedy additive edge contraction: Keuper et al. 2015). Pairs stand once; what is no pair speaks for nothing.
    """
    weights: Weights = [{} for _ in range(records)]
    for one, two, weight in zip(left.tolist(), right.tolist(), log_odds.tolist(), strict=True):
        weights[one][two] = weights[two][one] = weight
    heap = [(-weight, one, two) for one in range(records) for two, weight in weights[one].items() if one < two]
    heap = [entry for entry in heap if entry[0] < 0]
    heapq.heapify(heap)
    group = np.arange(records)
    while heap:
        weight, one, two = heapq.heappop(heap)
        if weights[one].get(two) == -weight:  # Else one of them has joined another meanwhile.
            _join(weights, heap, group, one, two)
    return _roots(group)


def _join(weights: Weights, heap: list[tuple[float, int, int]], group: Codes, one: int, two: int) -> None:
    if len(weights[one]) < len(weights[two]):
        one, two = two, one
    group[two] = one
    del weights[one][two]
    for other, weight in weights[two].items():
        if other != one:
            del weights[other][two]
            total = weights[one].get(other, 0.0) + weight
            weights[one][other] = weights[other][one] = total
            if total > 0:
                heapq.heappush(heap, (-total, min(one, other), max(one, other)))
    weights[two] = {}


def _roots(group: Codes) -> Codes:
    while not np.array_equal(group[group], group):
        group = group[group]
    return group
