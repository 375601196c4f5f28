"""Texts as sparse vectors of weighted words or character trigrams, and the nearest of one side for the other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from linker.resolution.sides import Codes, Sides

MOST_PRODUCTS_PER_BLOCK = 20_000_000
MOST_PRODUCTS = 600_000_000
"""Multiplications for one search: beyond it the most frequent grams no longer produce candidates."""

LEAST_SHARE_OF_BEST = 0.3

Scores = npt.NDArray[np.float64]

WORDS = "string_split({text}, ' ')"
TRIGRAMS = "list_transform(range(1, len({text}) + 1), lambda i: substr(' ' || {text} || ' ', i, 3))"


@dataclass(frozen=True, slots=True)
class Vectors:
    """Unit vectors of both sides (rows by code), and the weight of each gram."""

    left: Any
    right: Any
    idf: Scores

    def cosine(self, left: Codes, right: Codes) -> Scores:
        """Give the cosine of each pair."""
        parts = [
            np.asarray(self.left[left[part]].multiply(self.right[right[part]]).sum(axis=1)).ravel()
            for part in _parts(len(left))
        ]
        return np.concatenate(parts) if parts else np.zeros(0)


def vectors(sides: Sides, column: str, grams: str) -> Vectors:
    """Weigh the grams (`WORDS` or `TRIGRAMS`) of a folded column by frequency within and rarity across records."""
    split = grams.format(text=column)
    found = sides.connection.sql(
        " UNION ALL ".join(
            f"SELECT {number} AS side, code, hash(gram) AS gram, count(*) AS n "
            f"FROM (SELECT code, unnest({split}) AS gram FROM {side}_side WHERE {column} <> '') GROUP BY ALL"
            for number, side in enumerate(("left", "right"))
        )
    ).fetchnumpy()
    # Hashes in ascending order number the grams, so that sums are added in the same order in every run.
    hashes, gram = np.unique(found["gram"], return_inverse=True)
    documents = sides.left_count + sides.right_count
    idf = np.log1p(documents / np.bincount(gram, minlength=len(hashes)).clip(1))
    weight = (1 + np.log(found["n"])) * idf[gram]
    matrices = []
    for number, rows in enumerate((sides.left_count, sides.right_count)):
        of_side = found["side"] == number
        entries = (weight[of_side], (found["code"][of_side], gram[of_side]))
        matrix = sparse.csr_matrix(entries, shape=(rows, len(hashes)))
        matrix.sort_indices()
        matrices.append(_unit(matrix))
    return Vectors(matrices[0], matrices[1], idf)


def nearest(left: Any, right: Any, count: int, *, skip_self: bool = False) -> tuple[Codes, Codes]:
    """Give for every row of `left` its `count` rows of `right` with the highest cosine (those above zero)."""
    left, right = _without_frequent(left, right)
    transposed = right.T.tocsr()
    work = left.astype(bool).astype(np.int64) @ np.diff(transposed.indptr)
    ends = np.searchsorted(
        np.cumsum(work), np.arange(1, work.sum() // MOST_PRODUCTS_PER_BLOCK + 2) * MOST_PRODUCTS_PER_BLOCK, side="right"
    )
    rows: list[Codes] = []
    columns: list[Codes] = []
    start = 0
    for end in np.unique([*ends, left.shape[0]]):
        if end > start:
            product = (left[start:end] @ transposed).tocoo()
            row, column = _best_of_rows(product, count, offset=start if skip_self else None)
            rows.append(row + start)
            columns.append(column)
            start = int(end)
    return np.concatenate(rows or [np.zeros(0, np.int64)]), np.concatenate(columns or [np.zeros(0, np.int64)])


def _best_of_rows(product: Any, count: int, *, offset: int | None) -> tuple[Codes, Codes]:
    row, column, score = product.row.astype(np.int64), product.col.astype(np.int64), product.data
    if offset is not None:
        other = row + offset != column
        row, column, score = row[other], column[other], score[other]
    if not len(row):
        return row, column
    # Far behind the row's best is out at once: sorting all pairs that share one frequent gram would cost the most.
    leader = np.zeros(product.shape[0])
    np.maximum.at(leader, row, score)
    near = score >= leader[row] * LEAST_SHARE_OF_BEST
    row, column, score = row[near], column[near], score[near]
    order = np.lexsort((column, -score, row))
    row, column = row[order], column[order]
    first = np.searchsorted(row, row, side="left")
    kept = np.arange(len(row)) - first < count
    return row[kept], column[kept]


def _without_frequent(left: Any, right: Any) -> tuple[Any, Any]:
    """Drop the most frequent grams until the product is affordable."""
    work = np.diff(left.tocsc().indptr).astype(np.float64) * np.diff(right.tocsc().indptr)
    if work.sum() <= MOST_PRODUCTS:
        return left, right
    order = np.argsort(work, kind="stable")
    kept = np.zeros(len(work))
    kept[order[np.cumsum(work[order]) <= MOST_PRODUCTS]] = 1.0
    chosen = sparse.diags(kept)
    return (left @ chosen).tocsr(), (right @ chosen).tocsr()


def _unit(matrix: Any) -> Any:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0
    return (sparse.diags(1 / lengths) @ matrix).tocsr()


def _parts(count: int, size: int = 100_000) -> list[slice]:
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]
