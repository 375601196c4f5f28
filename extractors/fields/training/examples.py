"""Made-up pairs of tables, read as the extraction reads tables, with the candidates and which of them are right."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bifrost.model import Table
from bifrost.ports import TextEncoder
from extractors.fields.candidates import Candidates, find_candidates
from extractors.fields.compared import Fields, prepare
from extractors.fields.measures import measure
from extractors.fields.profile import profile_rows
from extractors.fields.training.concepts import Domains
from extractors.fields.training.worlds import MadePair, MadeTable, make_pair

_LEAST_COLUMNS = 3


@dataclass(frozen=True)
class Example:
    """Two tables: their fields, the source's `left` first; the candidates; which are right; how many should be."""

    fields: Fields
    left: int
    candidates: Candidates
    right: npt.NDArray[np.bool_]
    true_pairs: int


def make_examples(domains: Domains, count: int, seed: int, encode: TextEncoder | None) -> Iterator[Example]:
    """Make pairs of tables, each from its own random numbers."""
    for number in range(count):
        pair = make_pair(domains, Random(f"{seed}/{number}"))  # noqa: S311  # no secrets
        if min(len(pair.source.columns), len(pair.target.columns)) >= _LEAST_COLUMNS and pair.true_pairs():
            yield example(pair, encode)


def example(pair: MadePair, encode: TextEncoder | None) -> Example:
    """Profile two tables and find the candidates."""
    sides = [_profiled(table, side, encode) for table, side in ((pair.source, "source"), (pair.target, "target"))]
    left = sides[0].num_rows
    true = {(one, two + left) for one, two in pair.true_pairs()}
    return example_of(pa.concat_tables(sides), left, true, encode)


def example_of(profiles: pa.Table, left: int, true: set[tuple[int, int]], encode: TextEncoder | None) -> Example:
    """Find the candidates among profiles of two tables, the first `left` of them of the source."""
    fields = prepare(profiles, encode)
    found = find_candidates(fields)
    return Example(fields, left, found, np.array([pair in true for pair in found.pairs], bool), len(true))


def without_meaning(one: Example) -> Example:
    """Give the same tables as an installation without the encoder sees them."""
    fields = Fields(one.fields.profiles, None)
    found = find_candidates(fields)
    wanted = {pair for pair, right in zip(one.candidates.pairs, one.right.tolist(), strict=True) if right}
    right = np.array([pair in wanted for pair in found.pairs], bool)
    return replace(one, fields=fields, candidates=found, right=right)


def _profiled(made: MadeTable, side: str, encode: TextEncoder | None) -> pa.Table:
    import duckdb

    rows = made.rows()
    connection = duckdb.connect()
    connection.register("made", rows)
    measured = measure(connection, "made", rows.column_names)
    table = Table(source=side, name=made.name, fields=tuple(rows.column_names), key=(), rows=rows.num_rows, batches=())
    return profile_rows(table, measured, encode)
