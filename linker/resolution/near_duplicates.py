"""Pictures that look the same, as proposals for people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa

from bifrost.extraction import Documents
from bifrost.model import End, ItemKind, Proposal, ProposalKind, Reason, Rule, RuleKind, Table
from bifrost.project import Project
from bifrost.schemas import PAIRS, PERCEPTUAL_HASH, PERCEPTUAL_HASH_BITS
from linker.resolution.outcome import EXAMPLES, MOST_QUESTIONS
from linker.resolution.picture_pairs import MOST_BITS, PicturePair, picture_pairs
from linker.resolution.resolution import Resolution

MODEL = "near-duplicates/1"
_SURE_BITS = 3
"""Resizing and compression change no more; beyond, a person looks at the pair."""
_SURE_PROBABILITY, _LEAST_PROBABILITY = 0.97, 0.55
_TYPE_PROBABILITY = 0.9
"""Whether pictures that look the same are one thing is for people to say."""


def near_duplicates(project: Project, tables: Sequence[Table], documents: Mapping[str, Documents]) -> Resolution:
    """Propose the pictures of all tables with perceptual hashes that may be the same picture."""
    pictures = {
        table.id: table
        for table in tables
        if table.origin is ItemKind.FILE and PERCEPTUAL_HASH in table.fields and table.batches
    }
    if not pictures:
        return Resolution()
    by_tables: dict[tuple[str, str], list[PicturePair]] = defaultdict(list)
    for pair in picture_pairs(project, pictures.values(), documents):
        by_tables[pair.left_table, pair.right_table].append(pair)
    types, scored, questions = [], {}, []
    for (left, right), pairs in sorted(by_tables.items()):
        proposal = _type(pictures[left], pictures[right], pairs)
        if proposal.estimated_links:
            types.append(proposal)
            scored[proposal.id] = _scored(pairs)
        unsure = [pair for pair in pairs if pair.bits > _SURE_BITS]
        questions += [_question(project, pictures, pair) for pair in unsure[:MOST_QUESTIONS]]
    return Resolution(types, scored, questions)


def _type(left: Table, right: Table, pairs: Sequence[PicturePair]) -> Proposal:
    sure = [pair for pair in pairs if pair.bits <= _SURE_BITS]
    seen = ", ".join(f"{bits} bits: {sum(pair.bits == bits for pair in sure)}" for bits in range(_SURE_BITS + 1))
    return Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=End(left.source, left.name, (PERCEPTUAL_HASH,)),
        end=End(right.source, right.name, (PERCEPTUAL_HASH,)),
        probability=_TYPE_PROBABILITY,
        name="same_as",
        rule=Rule(RuleKind.SAME_THING),
        examples=tuple((pair.left_item, pair.right_item) for pair in sure[:EXAMPLES]),
        estimated_links=len(sure),
        because=(Reason(f"pictures that look the same, by bits of {PERCEPTUAL_HASH_BITS} that differ", seen, 1.0),),
        model=MODEL,
    )


def _question(project: Project, tables: dict[str, Table], pair: PicturePair) -> Proposal:
    left, right = tables[pair.left_table], tables[pair.right_table]
    return Proposal(
        kind=ProposalKind.SAME_ENTITY,
        start=End(left.source, left.name, iri=project.namer.record(left.source, left.name, pair.left_row)),
        end=End(right.source, right.name, iri=project.namer.record(right.source, right.name, pair.right_row)),
        probability=_probability(pair),
        name="same_as",
        rule=Rule(RuleKind.SAME_THING),
        examples=((pair.left_item, pair.right_item),),
        estimated_links=1,
        because=(Reason("bits of the perceptual hash that differ", f"{pair.bits} of {PERCEPTUAL_HASH_BITS}", 1.0),),
        model=MODEL,
    )


def _scored(pairs: Sequence[PicturePair]) -> pa.Table:
    rows = [
        (
            pair.left_row,
            pair.right_row,
            _probability(pair),
            f'[{{"feature": "bits", "value": "{pair.bits}", "weight": 1}}]',
        )
        for pair in pairs
    ]
    columns = list(zip(*rows, strict=True))
    return pa.table([pa.array(column, each.type) for column, each in zip(columns, PAIRS, strict=True)], schema=PAIRS)


def _probability(pair: PicturePair) -> float:
    if pair.bits <= _SURE_BITS:
        return _SURE_PROBABILITY
    step = (_SURE_PROBABILITY - _LEAST_PROBABILITY) / (MOST_BITS + 1 - _SURE_BITS)
    return round(_SURE_PROBABILITY - step * (pair.bits - _SURE_BITS), 4)
