"""From scored pairs to proposals: is it the same kind of thing at all, and which pairs should people look at."""

import json
import math
from collections.abc import Sequence
from heapq import nsmallest
from typing import Any
from zlib import crc32

import pyarrow as pa
import pyarrow.compute as pc

from bifrost.config import Linking
from bifrost.field_words import table_words
from bifrost.iris import Namer
from bifrost.model import End, Proposal, ProposalKind, Reason, Rule, RuleKind, Table
from linker.resolution.table_pairs import TablePair

MODEL = "resolution/1"
EXAMPLES = 5
MOST_QUESTIONS = 100
"""Per pair of tables: nobody answers more, and every answer changes the rest."""

MOST_AUDITS = 20
"""Per pair of tables: pairs that go in unasked, so that somebody may look at them now and then."""

LEAST_DUPLICATE = 0.6
"""Most records of a table are there once: only likely duplicates are worth a question."""


def type_proposal(pair: TablePair, scored: pa.Table, counts: tuple[int, int]) -> Proposal:
    """Ask whether two tables describe the same things; `scored` holds the pairs, best first."""
    likely = scored.filter(pc.greater_equal(scored["probability"], 0.5))
    share = likely.num_rows / max(min(counts), 1)
    matched = [f"{each.left} = {each.right}" for each in pair.fields]
    log_odds = [
        Reason("records with a partner", f"{likely.num_rows} of {min(counts)}", _share_weight(share, likely.num_rows)),
        Reason("fields that mean the same", ", ".join(matched), 0.5 * min(len(matched) - 1, 2)),
    ]
    if not pair.duplicates and table_words(pair.left.name) == table_words(pair.right.name):
        log_odds.append(Reason("table name", f"{pair.left.name} | {pair.right.name}", 1.0))
    probability = 1 / (1 + math.exp(2.5 - sum(reason.weight for reason in log_odds)))
    if pair.duplicates:  # Whether one table may hold a thing twice is for people to say.
        probability = min(probability, 0.9)
    return Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=End(pair.left.source, pair.left.name),
        end=End(pair.right.source, pair.right.name),
        probability=round(probability, 6) if likely.num_rows else 0.0,
        name="same_as",
        rule=Rule(RuleKind.SAME_THING),
        examples=_examples(likely),
        estimated_links=likely.num_rows,
        because=tuple(log_odds),
        model=MODEL,
    )


def questions(namer: Namer, pair: TablePair, scored: pa.Table, policy: Linking) -> list[Proposal]:
    """Ask about the pairs that the policy would neither take nor drop, the least certain first."""
    lowest = max(policy.ask_above, LEAST_DUPLICATE) if pair.duplicates else policy.ask_above
    unsure = scored.filter(pc.greater_equal(scored["probability"], lowest))
    if not pair.duplicates:
        unsure = unsure.filter(pc.less(unsure["probability"], policy.precision))
    doubt = pc.abs(pc.subtract(unsure["probability"], 0.5))
    order = [("doubt", "ascending"), ("left_row", "ascending"), ("right_row", "ascending")]
    rows = unsure.append_column("doubt", doubt).sort_by(order).slice(0, MOST_QUESTIONS).to_pylist()
    return [_pair_proposal(namer, pair, row) for row in rows]


def audits(namer: Namer, pair: TablePair, scored: pa.Table, policy: Linking) -> list[Proposal]:
    """Choose by chance, but the same ones every time, among the pairs that the policy takes without asking."""
    if pair.duplicates:  # All likely ones are questions.
        return []
    taken = scored.filter(pc.greater_equal(scored["probability"], policy.precision))
    names = zip(taken["left_row"].to_pylist(), taken["right_row"].to_pylist(), strict=True)
    drawn = [crc32("\0".join(rows).encode()) for rows in names]
    chosen = nsmallest(MOST_AUDITS, range(len(drawn)), key=drawn.__getitem__)
    return [_pair_proposal(namer, pair, row) for row in taken.take(pa.array(chosen, pa.int64())).to_pylist()]


def _pair_proposal(namer: Namer, pair: TablePair, row: dict[str, Any]) -> Proposal:
    return Proposal(
        kind=ProposalKind.SAME_ENTITY,
        start=_entity(namer, pair.left, row["left_row"]),
        end=_entity(namer, pair.right, row["right_row"]),
        probability=round(row["probability"], 6),
        name="same_as",
        rule=Rule(RuleKind.SAME_THING),
        examples=((row["left_label"], row["right_label"]),),
        estimated_links=1,
        because=_reasons(row["because"]),
        model=MODEL,
    )


def _share_weight(share: float, links: int) -> float:
    """Weigh how many records found a partner: half of a table proves it, one lucky pair does not."""
    return round(8 * min(share, 0.5) + 1.5 * math.log10(1 + links), 4)


def _examples(likely: pa.Table) -> tuple[tuple[str, str], ...]:
    rows = likely.select(["left_label", "right_label"]).slice(0, EXAMPLES).to_pylist()
    return tuple((row["left_label"], row["right_label"]) for row in rows)


def _entity(namer: Namer, table: Table, row: str) -> End:
    return End(table.source, table.name, iri=namer.record(table.source, table.name, row))


def _reasons(because: str) -> tuple[Reason, ...]:
    entries: Sequence[dict[str, str]] = json.loads(because)
    reasons = [Reason(entry["feature"], entry["value"], float(entry["weight"])) for entry in entries]
    return tuple(sorted(reasons, key=lambda reason: (-abs(reason.weight), reason.feature)))
