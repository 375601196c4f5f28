"""Candidate pairs of fields of different tables, with the features of each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bifrost.ports import Progress
from bifrost.progress import SILENT
from extractors.fields.compared import Fields, Matrix, Places
from extractors.fields.likeness import LIKENESSES, likenesses
from extractors.fields.pair_features import PAIR_FEATURES, pair_features
from extractors.fields.retrieval import best_of_rows, plain_score

FEATURES = (*LIKENESSES, *PAIR_FEATURES)
BLOCK_FIELDS = 512


@dataclass(frozen=True)
class Candidates:
    """Pairs of places (left before right) and their features, shape (pairs, `FEATURES`)."""

    rows: Places
    columns: Places
    values: Matrix

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Give the places as pairs."""
        return list(zip(self.rows.tolist(), self.columns.tolist(), strict=True))


def find_candidates(fields: Fields, also: Iterable[tuple[int, int]] = (), progress: Progress = SILENT) -> Candidates:
    """Compare every field with every field of other tables, block by block, and keep the best of each, and `also`."""
    wanted = np.array(sorted(also), np.int64).reshape(-1, 2)
    places, cheap = [], []
    starts = range(0, len(fields), BLOCK_FIELDS)
    with progress.task("match", len(starts)) as task:
        for start in starts:
            rows, columns, values = _of_block(fields, start, min(start + BLOCK_FIELDS, len(fields)), wanted)
            places.append(np.stack([np.minimum(rows, columns), np.maximum(rows, columns)], axis=1))
            cheap.append(values)
            task.advance()
    pairs = np.concatenate(places) if places else np.zeros((0, 2), np.int64)
    pairs, first = np.unique(pairs, axis=0, return_index=True)
    rows, columns = pairs[:, 0], pairs[:, 1]
    dear = pair_features(fields, fields, rows, columns) if len(pairs) else {}
    values = np.concatenate([*cheap, np.zeros((0, len(LIKENESSES)), np.float32)])[first]
    columns_of_dear = [dear.get(name, np.zeros(0, np.float32))[:, None] for name in PAIR_FEATURES]
    return Candidates(rows, columns, np.concatenate([values, *columns_of_dear], axis=1))


def _of_block(fields: Fields, start: int, stop: int, wanted: Places) -> tuple[Places, Places, Matrix]:
    found = likenesses(fields.part(start, stop), fields)
    scores = plain_score(found)
    scores[fields.tables[start:stop, None] == fields.tables[None, :]] = -np.inf
    chosen = best_of_rows(scores)
    here = wanted[(wanted[:, 0] >= start) & (wanted[:, 0] < stop)]
    chosen[here[:, 0] - start, here[:, 1]] = True
    rows, columns = np.nonzero(chosen & np.isfinite(scores))
    return rows + start, columns, np.stack([found[name][rows, columns] for name in LIKENESSES], axis=1)
