"""Candidate references with their evidence: from sampled values to exact figures."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bifrost import text_encoder
from bifrost.model import Reason
from bifrost.ports import Task
from bifrost.project import Project
from linker.references import scoring
from linker.references.columns import Column, Words
from linker.references.measuring import Join, Measured, measure
from linker.references.names import Similarity, akin, name_evidence, phrases
from linker.references.probing import Found
from linker.references.transforms import TRANSFORMS

NOTHING = Measured()
_WHOLE_VALUES = ("exact", "folded", "compact")
_STRANGER_SHARE = 0.9
_LEAST_SHARE = 0.3
_LEAST_LOG_ODDS = -3.0
_MEASURED_PER_FIELD = 4
_LEAST_SIMILARITY = 0.3


@dataclass(frozen=True, slots=True)
class Background:
    """What all fields together say: how close names are in meaning, and which keys hold the values of strangers."""

    similar: Similarity
    """Cosines of phrases."""
    same: Similarity
    """Probabilities that two fields (ids) mean the same."""
    strangers: Mapping[str, int]
    """Id of a key -> number of unrelated names of fields whose values it holds."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that may refer to a key."""

    start: Column
    end: Column
    transform: str
    reasons: tuple[Reason, ...]
    measured: Measured = NOTHING

    @property
    def log_odds(self) -> float:
        """Add up the evidence."""
        return scoring.total(self.reasons)

    @property
    def join(self) -> Join:
        """Give the join that yields the links."""
        return Join(self.start.table, (self.start.field,), self.end.table, (self.end.field,), self.transform)


def background(
    project: Project, starts: Sequence[Column], ends: Sequence[Column], found: Found, same: Similarity
) -> Background:
    """Collect what judging one pair needs to know about all the others."""
    strangers: dict[str, set[Words]] = defaultdict(set)
    for (number, key), shares in found.items():
        same_values = any(shares.get(name, 0.0) >= _STRANGER_SHARE for name in _WHOLE_VALUES)
        if same_values and not akin(starts[number], ends[key]):
            strangers[ends[key].id].add(starts[number].words)
    counts = {key: len(names) for key, names in strangers.items()}
    return Background(_similarities(project, starts, ends), same, counts)


def promising(starts: Sequence[Column], ends: Sequence[Column], found: Found, known: Background) -> list[Candidate]:
    """Give the best few candidates of every field, judged by sampled values; best first within a field."""
    by_start: dict[int, list[Candidate]] = defaultdict(list)
    for (number, key), shares in found.items():
        if max(shares.values()) >= _LEAST_SHARE:
            by_start[number].append(_judged(starts[number], ends[key], shares, known))
    for number, start in enumerate(starts):
        if start.empty:
            by_start[number] += _judged_by_name(start, ends, known)
    return [candidate for number in sorted(by_start) for candidate in _best(by_start[number])]


def measured_exactly(
    project: Project, connection: Any, candidates: Sequence[Candidate], known: Background, task: Task
) -> list[Candidate]:
    """Replace sampled figures by those of the whole tables."""
    exact = []
    for candidate in candidates:
        figures = measure(project, connection, candidate.join)
        reasons = evidence(candidate.start, candidate.end, candidate.transform, figures, known)
        exact.append(replace(candidate, reasons=reasons, measured=figures))
        task.advance()
    return exact


def evidence(start: Column, end: Column, transform: str, figures: Measured, known: Background) -> tuple[Reason, ...]:
    """Collect everything that speaks for or against a reference."""
    return (
        Reason("before evidence", "", scoring.START),
        *name_evidence(start, end, known.similar, known.same),
        scoring.coverage_evidence(start, figures.coverage),
        *scoring.surprise_evidence(start, end, transform, figures.matched, known.strangers.get(end.id, 0)),
        *scoring.structure_evidence(start, end, transform),
    )


def _judged(start: Column, end: Column, shares: Any, known: Background) -> Candidate:
    judged = [
        Candidate(start, end, name, evidence(start, end, name, _sampled(start, shares[name]), known))
        for name in TRANSFORMS
        if name in shares
    ]
    return max(judged, key=lambda candidate: candidate.log_odds)


def _sampled(start: Column, share: float) -> Measured:
    return Measured(values=start.distinct, matched=round(share * start.distinct))


def _judged_by_name(start: Column, ends: Sequence[Column], known: Background) -> Iterator[Candidate]:
    for end in ends:
        if end.sole_key and end != start:
            yield Candidate(start, end, "exact", evidence(start, end, "exact", NOTHING, known))


def _best(candidates: Sequence[Candidate]) -> list[Candidate]:
    likely = [candidate for candidate in candidates if candidate.log_odds >= _LEAST_LOG_ODDS]
    return sorted(likely, key=lambda candidate: (-candidate.log_odds, candidate.end.id))[:_MEASURED_PER_FIELD]


def _similarities(project: Project, starts: Sequence[Column], ends: Sequence[Column]) -> Similarity:
    encoder = text_encoder.encoder_of(project)
    wanted = phrases(starts, ends)
    if encoder is None or not wanted:
        return {}
    vectors = np.asarray(encoder(wanted))
    cosines = np.round(vectors @ vectors.T, 4)
    rows, columns = np.nonzero(cosines >= _LEAST_SIMILARITY)
    return {
        (wanted[row], wanted[column]): float(cosines[row, column]) for row, column in zip(rows, columns, strict=True)
    }
