"""Candidates among the records of two tables: pairs as resolution scores them, taught by the answers as in a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bifrost.asking.calibration import Numbers, Truths
from bifrost.ports import Progress
from bifrost.truth_file import TruthUnusable, read_rows
from linker.evaluation.effort.candidates import Answers
from linker.evaluation.given_pairs import Pair
from linker.evaluation.record_tables import RecordTables, record_tables
from linker.resolution.scoring import Judge, judge_of
from linker.resolution.sides import load_sides

TRUTH = "gt.csv"
NO_LONGER_LIKELY = 0.02
"""Probability of a pair that answers made so unlikely that resolution does not keep it."""


@dataclass(frozen=True)
class RecordPairs:
    """Pairs that resolution keeps before any answer: what a person would be shown."""

    judge: Judge
    pairs: tuple[Pair, ...]
    """Rows of both sides."""
    ends: NDArray[np.int64]
    truth: Truths
    true_links: int
    type_questions: int = 1
    together: bool = True

    @cached_property
    def links(self) -> NDArray[np.int64]:
        """Give one link for each pair."""
        return np.ones(len(self.pairs), np.int64)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Give one type for all: the same tables."""
        return ("same things",) * len(self.pairs)

    def stated(self, answers: Answers) -> Numbers:
        """Judge again with what was answered."""
        scored = self.judge({self.pairs[number]: same for number, same in answers.items()})
        known = dict(zip(_pairs(scored), scored["probability"].to_pylist(), strict=True))
        return np.array([known.get(pair, NO_LONGER_LIKELY) for pair in self.pairs])


@contextmanager
def record_pairs(folder: Path, progress: Progress) -> Iterator[RecordPairs]:
    """Read two tables and their truth: gt.csv with pairs of identifiers, the first table by name first or second.

    Raises:
        TruthUnusable: the folder does not hold two tables beside the truth, or the truth does not fit them.
    """
    rows = [(row[0], row[1]) for row in read_rows(folder / TRUTH)]
    left, right = _tables(folder)
    wanted = {row[0] for row in rows}, {row[1] for row in rows}
    with record_tables(left, right, wanted, folder / TRUTH, progress) as tables:
        yield _candidates(tables, rows)


def is_record_pairs(folder: Path) -> bool:
    """Tell whether a folder has this layout."""
    return (folder / TRUTH).is_file()


def _tables(folder: Path) -> tuple[Path, Path]:
    found = sorted(path for path in folder.glob("*.csv") if path.name != TRUTH)
    if len(found) != 2:
        raise TruthUnusable(folder / TRUTH, f"beside it lie {len(found)} tables instead of two")
    truth = read_rows(folder / TRUTH)
    firsts = {row[0] for row in truth}
    held = [sum(name in firsts for row in read_rows(path) for name in row[:1]) for path in found]
    return (found[0], found[1]) if held[0] >= held[1] else (found[1], found[0])


def _candidates(tables: RecordTables, rows: list[Pair]) -> RecordPairs:
    left, right = (set(names.values()) for names in tables.identifiers)
    true = {pair for pair in rows if pair[0] in left and pair[1] in right}
    judge = judge_of(tables.project, load_sides(tables.project, tables.pair), {})
    pairs = tuple(_pairs(judge({})))
    numbers: dict[tuple[int, str], int] = {}
    ends = [[numbers.setdefault((side, row), len(numbers)) for side, row in enumerate(pair)] for pair in pairs]
    return RecordPairs(
        judge=judge,
        pairs=pairs,
        ends=np.array(ends, np.int64).reshape(-1, 2),
        truth=np.array([tables.named(*pair) in true for pair in pairs], bool),
        true_links=len(true),
    )


def _pairs(scored: pa.Table) -> list[Pair]:
    return list(zip(scored["left_row"].to_pylist(), scored["right_row"].to_pylist(), strict=True))
