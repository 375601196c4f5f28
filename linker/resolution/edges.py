"""Pairs of records that are the same, as numbered nodes and edges."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bifrost.iris import Namer
from bifrost.model import Decision, ProposalKind, Table, Verdict
from linker.resolution.sides import Codes
from linker.resolution.sparse_texts import Scores
from linker.resolution.verdicts import row_of


@dataclass(frozen=True, slots=True)
class Edges:
    """Records numbered in the order of source, table and row, and what holds between them.

    `left` < `right` in every pair of nodes, and every pair stands once.
    """

    tables: tuple[Table, ...]
    rows: pa.Array
    table_of: Codes
    """Node -> position of its table."""
    left: Codes
    right: Codes
    probability: Scores
    said_same: tuple[tuple[int, int], ...]
    """Pairs that people accepted, the latest answer first."""
    told_apart: tuple[tuple[int, int], ...]


def collect_edges(
    namer: Namer,
    tables: Sequence[Table],
    accepted: Sequence[tuple[Table, Table, pa.Table]],
    threshold: float,
    decisions: Iterable[Decision],
) -> Edges:
    """Number the records that occur in a pair, and drop pairs below the threshold or against people's word."""
    ordered = tuple(sorted(tables, key=lambda table: (table.source, table.name)))
    place = {table.id: position for position, table in enumerate(ordered)}
    chosen = [
        (place[left.id], place[right.id], pairs.filter(pc.greater_equal(pairs["probability"], threshold)))
        for left, right, pairs in accepted
    ]
    said = _answers(namer, ordered, decisions)
    nodes = _nodes(chosen, [end for pair, _ in said for end in pair])
    ends = [
        (nodes.codes(left, pairs["left_row"]), nodes.codes(right, pairs["right_row"])) for left, right, pairs in chosen
    ]
    answers = [(nodes.code(*pair[0]), nodes.code(*pair[1]), same) for pair, same in said]
    same = {(min(one, two), max(one, two)): verdict for one, two, verdict in answers if one != two}
    left, right, probability = _once(ends, [pairs["probability"] for _, _, pairs in chosen], same)
    return Edges(
        ordered,
        nodes.rows,
        nodes.table_of,
        left,
        right,
        probability,
        tuple(pair for pair, verdict in reversed(same.items()) if verdict),
        tuple(pair for pair, verdict in same.items() if not verdict),
    )


@dataclass(frozen=True, slots=True)
class _Nodes:
    rows: pa.Array
    table_of: Codes
    starts: Codes
    """Position of a table -> its first node; one more at the end."""

    def codes(self, table: int, rows: pa.ChunkedArray) -> Codes:
        own = self.rows.slice(self.starts[table], self.starts[table + 1] - self.starts[table])
        found = pc.index_in(rows, value_set=own).to_numpy().astype(np.int64)
        return np.asarray(found + self.starts[table])

    def code(self, table: int, row: str) -> int:
        return int(self.codes(table, pa.chunked_array([[row]]))[0])


def _nodes(chosen: Sequence[tuple[int, int, pa.Table]], answered: Sequence[tuple[int, str]]) -> _Nodes:
    rows: dict[int, list[pa.ChunkedArray]] = {}
    for left, right, pairs in chosen:
        rows.setdefault(left, []).append(pairs["left_row"])
        rows.setdefault(right, []).append(pairs["right_row"])
    for table, row in answered:
        rows.setdefault(table, []).append(pa.chunked_array([[row]]))
    last = max(rows, default=-1)
    unique = [
        pc.unique(pa.chunked_array([chunk for part in rows.get(table, []) for chunk in part.chunks], pa.string()))
        for table in range(last + 1)
    ]
    ordered = [part.take(pc.sort_indices(part)) for part in unique]
    counts = [len(part) for part in ordered]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    every = pa.concat_arrays(ordered) if ordered else pa.array([], pa.string())
    return _Nodes(every, np.repeat(np.arange(len(counts)), counts), starts)


def _answers(
    namer: Namer, tables: Sequence[Table], decisions: Iterable[Decision]
) -> list[tuple[tuple[tuple[int, str], tuple[int, str]], bool]]:
    found = []
    for decision in decisions:
        asked = decision.proposal
        if asked.kind is ProposalKind.SAME_ENTITY and decision.verdict in (Verdict.ACCEPT, Verdict.REJECT):
            start, end = _record(namer, tables, asked.start.iri), _record(namer, tables, asked.end.iri)
            if start and end:
                found.append(((start, end), decision.verdict is Verdict.ACCEPT))
    return found


def _record(namer: Namer, tables: Sequence[Table], iri: str) -> tuple[int, str] | None:
    """Find the table and row that an IRI names; of tables whose names begin alike the longest name wins."""
    rows = [(len(table.name), place, row_of(namer, table, iri)) for place, table in enumerate(tables)]
    found = [(length, place, row) for length, place, row in rows if row is not None]
    if not found:
        return None
    _, place, row = max(found)
    return place, row


def _once(
    ends: Sequence[tuple[Codes, Codes]], probabilities: Sequence[pa.ChunkedArray], answered: dict[tuple[int, int], bool]
) -> tuple[Codes, Codes, Scores]:
    """Put every pair in order, keep its highest probability, and leave out what people answered."""
    if not ends:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    one, two = (np.concatenate([pair[side] for pair in ends]) for side in (0, 1))
    left, right = np.minimum(one, two), np.maximum(one, two)
    probability = np.concatenate([values.to_numpy() for values in probabilities])
    order = np.lexsort((-probability, right, left))
    left, right, probability = left[order], right[order], probability[order]
    kept = left != right
    kept[1:] &= (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    if answered:
        width = int(right.max(initial=0)) + 1 + max(pair[1] for pair in answered)
        known = np.array([pair[0] * width + pair[1] for pair in answered], np.int64)
        kept &= ~np.isin(left * width + right, known)
    return left[kept], right[kept], probability[kept]
