"""Rules by wording: texts of two tables that share rare words; how many must be shared is learned from the examples."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from bifrost.model import End, Reason, Rule, RuleKind, Table
from linker.references.similar import scores_sql
from linker.teaching.joins import Joins, table_pairs
from linker.teaching.ranking import Candidate
from linker.teaching.things import Thing

LEAST_SIMILARITY = 0.2
_SLACK = 0.9
"""The next link may be a little less alike than the least alike example."""
_COST = 4.0
_MOST_FIELDS = 3
_LEAST_LENGTH = 6.0
MOST_ROWS = 200_000
"""Larger tables are not compared by words while a person waits."""


def similar_candidates(
    joins: Joins,
    texts: Mapping[str, Sequence[str]],
    pairs: Sequence[tuple[Thing, Thing]],
    denied: Sequence[tuple[Thing, Thing]],
) -> list[Candidate]:
    """Give a rule per pair of text fields whose words the examples share; `texts` is table id -> its text fields."""
    found = []
    for start, end in table_pairs(joins.tables, pairs):
        if max(start.rows, end.rows) > MOST_ROWS:
            continue
        for one in texts.get(start.id, ())[:_MOST_FIELDS]:
            for other in texts.get(end.id, ())[:_MOST_FIELDS]:
                fields = End(start.source, start.name, (one,)), End(end.source, end.name, (other,))
                found.append(_candidate(joins, fields, pairs, denied))
    return [each for each in found if each]


def text_fields(profiles: pa.Table) -> dict[str, list[str]]:
    """Give table id -> the fields that hold words, those that name things first."""
    found: dict[str, list[tuple[bool, int, str]]] = {}
    columns = ["source", "table", "field", "type", "semantic", "position", "mean_length"]
    for row in profiles.select(columns).to_pylist():
        if row["type"] == "text" and (row["mean_length"] or 0) >= _LEAST_LENGTH and row["semantic"] != "identifier":
            key = row["semantic"] != "name", row["position"], row["field"]
            found.setdefault(f"{row['source']}/{row['table']}", []).append(key)
    return {table: [field for *_, field in sorted(fields)] for table, fields in found.items()}


def _candidate(
    joins: Joins,
    fields: tuple[End, End],
    pairs: Sequence[tuple[Thing, Thing]],
    denied: Sequence[tuple[Thing, Thing]],
) -> Candidate | None:
    start, end = (joins.tables[f"{each.source}/{each.table}"] for each in fields)
    relations = (joins.scan(start), fields[0].fields[0]), (joins.scan(end), fields[1].fields[0])
    joins.connection.execute(f"CREATE OR REPLACE TEMP TABLE alike AS {scores_sql(*relations)}")
    scores = _scores(joins, start, end, [*pairs, *denied])
    positive = {number: score for number, score in scores.items() if number < len(pairs) and score >= LEAST_SIMILARITY}
    if 2 * len(positive) < len(pairs):
        return None
    least = round(_SLACK * min(positive.values()), 3)
    itself = "AND from_row <> to_row" if start == end else ""
    ((links,),) = joins.connection.execute(f"SELECT count(*) FROM alike WHERE score >= {least} {itself}").fetchall()
    return Candidate(
        start=fields[0],
        end=fields[1],
        rule=Rule(RuleKind.SIMILAR, str(least)),
        cost=_COST,
        covered=frozenset(positive),
        denied=frozenset(
            number - len(pairs) for number, score in scores.items() if number >= len(pairs) and score >= least
        ),
        links=links,
        possible=max(start.rows, 1) * max(end.rows, 1),
        notes=(
            Reason("fields", f"{fields[0].fields[0]} and {fields[1].fields[0]} share words, at least {least} of 1"),
            Reason("would link", f"{links:,} pairs"),
        ),
    )


def _scores(joins: Joins, start: Table, end: Table, pairs: Sequence[tuple[Thing, Thing]]) -> dict[int, float]:
    rows = [
        (number, head_row, tail_row)
        for number, (head, tail) in enumerate(pairs)
        for table, head_row in head.records
        for other, tail_row in tail.records
        if (table, other) == (start.id, end.id)
    ]
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    wanted = pa.table(
        [pa.array(values, kind) for values, kind in zip(columns, (pa.int64(), pa.string(), pa.string()), strict=True)],
        names=["pair", "from_row", "to_row"],
    )
    joins.connection.register("wanted_pairs", wanted)
    query = "SELECT pair, max(score) FROM alike JOIN wanted_pairs USING (from_row, to_row) GROUP BY pair"
    return dict(joins.connection.execute(query).fetchall())
