"""What people said about single pairs of records."""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bifrost.iris import Namer
from bifrost.model import Decision, ProposalKind, Table, Verdict
from linker.resolution.candidates import Candidates
from linker.resolution.sides import Codes, Sides

Verdicts = Mapping[tuple[str, str], bool]
"""(left row, right row) -> the same or not."""


def verdicts(namer: Namer, left: Table, right: Table, decisions: Iterable[Decision]) -> dict[tuple[str, str], bool]:
    """Collect the answers about pairs of records of two tables, whichever end was asked about first."""
    found = {}
    for decision in decisions:
        asked = decision.proposal
        if asked.kind is not ProposalKind.SAME_ENTITY or decision.verdict not in (Verdict.ACCEPT, Verdict.REJECT):
            continue
        for start, end in ((asked.start.iri, asked.end.iri), (asked.end.iri, asked.start.iri)):
            first, second = row_of(namer, left, start), row_of(namer, right, end)
            if first is not None and second is not None:
                found[(first, second)] = decision.verdict is Verdict.ACCEPT
    return found


def row_of(namer: Namer, table: Table, iri: str) -> str | None:
    """Read the row out of the name of a record's entity; None when the IRI names no record of this table."""
    head = namer.record(table.source, table.name, "")
    return unquote(iri.removeprefix(head)) if iri.startswith(head) else None


def positions(sides: Sides, candidates: Candidates, said: Verdicts) -> dict[int, bool]:
    """Give the positions among the candidates of the pairs that people spoke about; within a table, of both orders."""
    left, right = pairs_of(sides, said)
    answers = list(said.values())
    known: dict[int, bool] = {}
    for first, second in ((left, right), (right, left)) if sides.pair.duplicates else ((left, right),):
        places = _places(sides, candidates, first, second)
        known |= {int(places[index]): answers[index] for index in np.flatnonzero(places >= 0)}
    return known


def strangers(sides: Sides, candidates: Candidates, said: Verdicts) -> dict[tuple[str, str], bool]:
    """Give the answers about pairs that are no candidates, although their records are there."""
    left, right = pairs_of(sides, said)
    missing = (left >= 0) & (right >= 0) & (_places(sides, candidates, left, right) < 0)
    if sides.pair.duplicates:
        missing &= left != right
    return {pair: same for (pair, same), unknown in zip(said.items(), missing.tolist(), strict=True) if unknown}


def _places(sides: Sides, candidates: Candidates, left: Codes, right: Codes) -> Codes:
    """Give the position of each pair among the candidates, -1 where it is none."""
    if not len(candidates):
        return np.full(len(left), -1)
    numbers = candidates.left * sides.right_count + candidates.right
    wanted = left * sides.right_count + right
    places = np.searchsorted(numbers, wanted).clip(max=len(numbers) - 1)
    return np.where((left >= 0) & (right >= 0) & (numbers[places] == wanted), places, -1)


def pairs_of(sides: Sides, said: Verdicts) -> tuple[Codes, Codes]:
    """Give the codes of the pairs that people spoke about, -1 where a record is gone."""
    found = []
    for side, rows in (("left", [pair[0] for pair in said]), ("right", [pair[1] for pair in said])):
        place = pc.index_in(pa.array(rows, pa.string()), sides.rows(side).combine_chunks())
        found.append(place.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64))
    return found[0], found[1]
