"""The cones of several questions as one: what a step computes at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linker.learning.graph import Integers
from linker.learning.path_network.adjacency import Numbers
from linker.learning.path_network.cones import Cone, Layer


@dataclass(frozen=True)
class Rounds:
    """Rows of all questions one after another in every layer."""

    roots: Integers
    """The question of each row before the first round: those whose subject leads anywhere."""
    layers: tuple[Layer, ...]
    rows: Integers
    """Each candidate's row after the last round, -1 where no path leads to it."""


def together(cones: Sequence[Cone], relations: int) -> Rounds:
    """Join cones; question q's relation r, of `relations` both ways, becomes row q * relations + r."""
    roots = np.array([number for number, cone in enumerate(cones) if cone.rooted], np.int64)
    below = np.array([int(cone.rooted) for cone in cones], np.int64)
    layers = []
    for level in range(len(cones[0].layers)):
        parts = [cone.layers[level] for cone in cones]
        layers.append(_joined(parts, np.cumsum(below) - below, relations))
        below = np.array([len(part.own) for part in parts], np.int64)
    rows = [_above(cone.rows, first) for cone, first in zip(cones, np.cumsum(below) - below, strict=True)]
    return Rounds(roots, tuple(layers), np.concatenate(rows))


def _joined(parts: Sequence[Layer], below: Integers, relations: int) -> Layer:
    ends = np.cumsum([0, *(part.starts[-1] for part in parts)])
    starts = [part.starts[:-1] + end for part, end in zip(parts, ends[:-1], strict=True)]
    own = [_above(part.own, first) for part, first in zip(parts, below, strict=True)]
    return Layer(
        starts=np.concatenate([*starts, ends[-1:]]),
        senders=_shifted([part.senders for part in parts], below),
        kinds=_shifted([part.kinds for part in parts], np.arange(len(parts)) * relations),
        own=np.concatenate(own),
    )


def _above(rows: Integers, first: int) -> Integers:
    """Move row numbers, but not the -1 of those that have none."""
    moved: Integers = np.where(rows < 0, -1, rows + first)
    return moved


def _shifted(parts: Sequence[Numbers], offsets: Integers) -> Numbers:
    return np.concatenate([part + np.int32(offset) for part, offset in zip(parts, offsets, strict=True)])
