"""Scores the candidate pairs of fields: what features add, what rivals take away, what people said."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bifrost.ports import Progress
from bifrost.progress import SILENT
from extractors.fields.candidates import Candidates, find_candidates
from extractors.fields.compared import Fields, Matrix, Places
from extractors.fields.context import pair_graph, standing
from extractors.fields.ranker import Ranker, shipped_ranker

FieldId = tuple[str, str, str]
"""Source, table, field."""

Answers = Mapping[tuple[FieldId, FieldId], bool]
"""Pairs of fields that people judged, and whether they mean the same."""

_SAME_QUESTION, _MOST_SAID = 1.5, 3.0

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """Candidate pairs with their log-odds: the sum of `even`, the `parts` of all features, `moved` and `said`."""

    fields: Fields
    candidates: Candidates
    ranker: Ranker
    parts: Matrix
    moved: Matrix
    said: Matrix

    @property
    def rows(self) -> Places:
        """Give the place of each pair's first field."""
        return self.candidates.rows

    @property
    def columns(self) -> Places:
        """Give the place of each pair's second field."""
        return self.candidates.columns

    @property
    def scores(self) -> Vector:
        """Give the log-odds that both fields of a pair mean the same."""
        total: Vector = self.ranker.even + self.parts.sum(1, dtype=np.float64) + self.moved + self.said
        return total


def score_candidates(
    fields: Fields, answers: Answers | None = None, progress: Progress = SILENT, ranker: Ranker | None = None
) -> Scored:
    """Find and score the candidate pairs among fields; answers move the model, and pairs of the same names."""
    known = _known(fields, answers or {})
    candidates = find_candidates(fields, known, progress)
    shipped = ranker or shipped_ranker(meaning=fields.meanings is not None)
    taught = _teach(shipped, candidates, known)
    own = taught.scores(candidates.values)
    graph = pair_graph(fields, candidates.rows, candidates.columns)
    return Scored(
        fields=fields,
        candidates=candidates,
        ranker=taught,
        parts=taught.parts(candidates.values),
        moved=taught.network(standing(graph, own), graph.groups),
        said=_said_of_names(fields, candidates, known),
    )


def _known(fields: Fields, answers: Answers) -> dict[tuple[int, int], bool]:
    """Give the judged pairs by place, of fields that are still there."""
    places = {(row["source"], row["table"], row["field"]): place for place, row in enumerate(fields.rows)}
    found: dict[tuple[int, int], bool] = {}
    for (one, two), same in answers.items():
        if one in places and two in places:
            left, right = sorted((places[one], places[two]))
            found[left, right] = same
    return found


def _teach(ranker: Ranker, candidates: Candidates, known: Mapping[tuple[int, int], bool]) -> Ranker:
    if not known:
        return ranker
    judged = [(place, known[pair]) for place, pair in enumerate(candidates.pairs) if pair in known]
    places, right = (list(each) for each in zip(*judged, strict=True)) if judged else ([], [])
    return ranker.taught(candidates.values[places], np.array(right, bool))


def _said_of_names(fields: Fields, candidates: Candidates, known: Mapping[tuple[int, int], bool]) -> Matrix:
    """Carry an answer over to pairs of other tables with the same two names."""
    votes: dict[frozenset[str], float] = {}
    for (one, two), same in known.items():
        key = frozenset((fields.names[one], fields.names[two]))
        votes[key] = votes.get(key, 0.0) + (_SAME_QUESTION if same else -_SAME_QUESTION)
    if not votes:
        return np.zeros(len(candidates.rows), np.float32)
    names = fields.names
    said = [votes.get(frozenset((names[one], names[two])), 0.0) for one, two in candidates.pairs]
    return np.clip(np.array(said, np.float32), -_MOST_SAID, _MOST_SAID)
