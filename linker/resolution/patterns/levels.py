"""How two values agree, as a level from 0 to 7, and the levels of all fields as one number: the pattern of a pair."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from linker.resolution.field_pairs import Compared

MISSING, EXACT, NEAR, NEAR_OTHER_START, START, DIFFERENT = 0, (1, 2, 3), 4, 5, 6, 7
LEVELS = 8
"""Exact agreement has three levels: on a rare value, on one of average frequency, on a frequent one."""
SAME_START = (*EXACT, NEAR, START)
"""Levels at which both values begin alike."""
STARTING_LETTERS = 5
LONGEST_NEAR = 64
"""Longer texts are equal, begin alike, or differ."""
MOST_FIELDS = 20
"""Three bits for each field; a pattern is a 64-bit integer."""
_NEAR_DAYS, _NEAR_SHARE = 31, 0.05

Patterns = npt.NDArray[np.int64]
Levels = npt.NDArray[np.int64]


def sql_pattern(compared: Sequence[Compared], left: str = "l", right: str = "r") -> str:
    """Give the SQL of the pattern of two records; the left has the columns of `compared_left`."""
    levels = [_sql_level(each, position, left, right) for position, each in enumerate(compared)]
    return " + ".join(f"{level} * CAST({LEVELS**position} AS BIGINT)" for position, level in enumerate(levels))


def sql_start(value: str) -> str:
    """Give the SQL of the letters by which a text starts."""
    return f"substr({value}, 1, {STARTING_LETTERS})"


def levels_of(patterns: Patterns, fields: int) -> Levels:
    """Take patterns apart; shape (fields, patterns)."""
    return np.stack([patterns // LEVELS**position % LEVELS for position in range(fields)])


def _sql_level(compared: Compared, position: int, left: str, right: str) -> str:
    one, other = f"{left}.f{position}", f"{right}.f{position}"
    if compared is Compared.TEXT:
        near = _sql_near_texts(one, other)
        unequal = (
            f"WHEN {sql_start(one)} = {sql_start(other)} THEN CASE WHEN {near} THEN {NEAR} ELSE {START} END "
            f"WHEN {near} OR {_sql_shortened(one, other)} THEN {NEAR_OTHER_START}"
        )
    else:
        close = f"{_NEAR_DAYS}" if compared is Compared.DATE else f"{_NEAR_SHARE} * greatest(abs({one}), abs({other}))"
        mistyped = _sql_mistyped(f"{left}.r{position}", f"{right}.r{position}")
        unequal = f"WHEN abs({one} - {other}) <= {close} OR {mistyped} THEN {NEAR}"
    return (
        f"(CASE WHEN {one} IS NULL OR {other} IS NULL THEN {MISSING} "
        f"WHEN {one} = {other} THEN 1 + {left}.b{position} {unequal} ELSE {DIFFERENT} END)"
    )


def _sql_near_texts(one: str, other: str) -> str:
    """Tell whether at most two letters, and a quarter of all, must be changed; long texts are not worth that search."""
    longest = f"greatest(length({one}), length({other}))"
    return (
        f"CASE WHEN {longest} > {LONGEST_NEAR} OR abs(length({one}) - length({other})) > 2 THEN FALSE "
        f"ELSE levenshtein({one}, {other}) <= least(2, {longest} / 4) END"
    )


def _sql_mistyped(one: str, other: str) -> str:
    """Tell whether numbers or dates are written alike but for one or two signs."""
    return f"length({one}) >= 6 AND length({one}) = length({other}) AND levenshtein({one}, {other}) <= 2"


def _sql_shortened(one: str, other: str) -> str:
    """Tell whether one text is how the other starts, as an initial is."""
    return f"substr({one}, 1, length({other})) = {other} OR substr({other}, 1, length({one})) = {one}"
