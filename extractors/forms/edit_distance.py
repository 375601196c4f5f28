"""Word and character error rates: the least number of changes that turn one sequence into another (Levenshtein)."""

from collections.abc import Sequence

import numpy as np


def edit_distance(found: Sequence[str], truth: Sequence[str]) -> int:
    """Count insertions, deletions and substitutions of the cheapest way from one sequence to the other."""
    numbers = {item: number for number, item in enumerate({*found, *truth})}
    target = np.array([numbers[item] for item in truth], np.int64)
    places = np.arange(len(truth) + 1)
    row = places.copy()
    for length, item in enumerate(found, start=1):
        changed = np.empty_like(row)
        changed[0] = length
        changed[1:] = np.minimum(row[1:] + 1, row[:-1] + (target != numbers[item]))
        # An insertion costs one a step: the least of all places to the left, each with its distance.
        row = np.minimum.accumulate(changed - places) + places
    return int(row[-1])
