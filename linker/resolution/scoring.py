"""From two loaded sides and answers to scored pairs, by the way that suits the tables.

Tables with enough fields are told apart by patterns, which says itself how sure it is; where it is not, and the tables
are small enough, every candidate pair is looked at more closely.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from bifrost.project import Project
from bifrost.schemas import PAIRS
from linker.resolution.comparison import Comparison, compare, remembered_comparison
from linker.resolution.judgement import answered, judge_unanswered
from linker.resolution.patterns.judgement import judge_patterns
from linker.resolution.patterns.memory import remembered_patterns
from linker.resolution.reasons import explain
from linker.resolution.sides import Sides
from linker.resolution.verdicts import Verdicts, positions

NO_PAIRS = pa.schema([*PAIRS, ("left_label", pa.string()), ("right_label", pa.string())])
LEAST_KEPT = 0.05
"""Pairs below this probability are not worth remembering."""

Judge = Callable[[Verdicts], pa.Table]
"""Answers -> the pairs worth keeping, best first (columns: see `reasons.explain`)."""


def judge_of(project: Project, sides: Sides, said: Verdicts) -> Judge:
    """Compare two sides, or take what was staged, and give what judges them by answers; `said` are those known."""
    by_patterns = remembered_patterns(project, sides)
    if by_patterns is not None:
        return lambda answers: judge_patterns(sides, by_patterns, answers, LEAST_KEPT)
    return closely(sides, remembered_comparison(project, sides, said))


def score(sides: Sides, said: Verdicts) -> pa.Table:
    """Compare two loaded sides closely and judge them."""
    return judged(sides, compare(sides, said), said)


def judged(sides: Sides, comparison: Comparison, said: Verdicts) -> pa.Table:
    """Judge what was compared by itself and by the answers; give the pairs worth keeping as `score` does."""
    return closely(sides, comparison)(said)


def closely(sides: Sides, comparison: Comparison) -> Judge:
    """Judge what was compared by itself, and give what judges it by answers as well: that takes a second."""
    candidates, evidence = comparison.candidates, comparison.evidence
    if not len(candidates):
        return lambda _answers: NO_PAIRS.empty_table()
    unanswered = judge_unanswered(candidates, evidence, crowds=sides.pair.duplicates)

    def by_answers(said: Verdicts) -> pa.Table:
        judgement = answered(candidates, evidence, unanswered, positions(sides, candidates, said))
        kept = judgement.probability >= LEAST_KEPT
        if sides.pair.duplicates:
            kept &= candidates.left < candidates.right
        return explain(sides, candidates, evidence, judgement, np.asarray(kept))

    return by_answers
