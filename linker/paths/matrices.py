"""The links of some types as sparse matrices over all entities: a path is a product of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from linker.paths.steps import Path, Step

MOST_WALKS = 5_000_000
"""A product that takes more is not worked out: a path through a hub says little."""


@dataclass
class Matrices:
    """Entities by number, and one matrix (entities x entities, 0 or 1) per link type."""

    entities: pa.Array
    """IRIs in ascending order."""
    by_link: Mapping[str, Any]
    products: dict[Path, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, links: Mapping[str, pa.Table]) -> "Matrices":
        """Number the entities of links (subject, object) by the id of their type."""
        every = [each[name] for each in links.values() for name in ("subject", "object")]
        entities = pc.unique(pa.chunked_array([chunk for column in every for chunk in column.chunks], pa.string()))
        entities = entities.take(pc.array_sort_indices(entities))
        return cls(entities, {key: _matrix(each, entities) for key, each in links.items()})

    def numbers(self, iris: pa.ChunkedArray | pa.Array) -> Any:
        """Give the numbers of entities; -1 for those without a link."""
        places = pc.fill_null(pc.index_in(iris, self.entities), -1)
        return places.to_numpy(zero_copy_only=False).astype(np.int64)

    def step(self, step: Step) -> Any:
        """Give the matrix of one step."""
        matrix = self.by_link[step.link]
        return matrix.T.tocsr() if step.backward else matrix

    def pairs(self, path: Path) -> Any:
        """Give which entity leads to which by a path over different kinds of things; None where that is too much."""
        if path not in self.products:
            self.products[path] = self._multiplied(path)
        return self.products[path]

    def _multiplied(self, path: Path) -> Any:
        last = self.step(path[-1])
        if len(path) == 1:
            return last
        before = self.pairs(path[:-1])
        if before is None or int(np.diff(last.indptr)[before.indices].sum()) > MOST_WALKS:
            return None
        product = (before @ last).tocsr()
        product.data[:] = 1
        return product


def _matrix(links: pa.Table, entities: pa.Array) -> Any:
    rows, columns = (
        pc.index_in(links[name], entities).to_numpy(zero_copy_only=False).astype(np.int64)
        for name in ("subject", "object")
    )
    size = len(entities)
    matrix = sparse.csr_matrix((np.ones(len(rows), np.int64), (rows, columns)), shape=(size, size))
    matrix.data[:] = 1
    return matrix


def described(matrix: Any) -> tuple[int, int, int]:
    """Count the pairs, starts and ends of a product."""
    starts = int((np.diff(matrix.indptr) > 0).sum())
    return int(matrix.nnz), starts, len(np.unique(matrix.indices))


def some_pairs(matrix: Any, most: int) -> Sequence[tuple[int, int]]:
    """Give some pairs of a product, spread over it."""
    places = np.unique(np.linspace(0, matrix.nnz - 1, most).astype(np.int64)) if matrix.nnz else np.zeros(0, np.int64)
    rows = np.searchsorted(matrix.indptr, places, side="right") - 1
    return list(zip(rows.tolist(), matrix.indices[places].tolist(), strict=True))
