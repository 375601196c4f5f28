"""Rules between fields for example pairs, and how many links each would make."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.engine import identifier
from bifrost.iris import sql_text
from bifrost.model import End, Reason, Rule, RuleKind, Table
from bifrost.project import Project
from linker.references import transforms
from linker.teaching.ranking import Candidate
from linker.teaching.things import Thing
from linker.teaching.values import Agreement, Pairs, Row, agreements

MOST_MEASURED = 24
"""Pairs of fields of two tables whose links are counted."""
EXAMPLES = 5
_TO_A_KEY, _TO_ANOTHER_FIELD, _SAME_VALUE = 0.5, 3.0, 2.0
"""What people mean by a link is mostly told by keys; that other values name one record is mostly by chance."""


@dataclass(frozen=True, slots=True)
class Met:
    """How the values of two fields meet: exact counts."""

    forward: int
    """Links from rows to the only row with the value."""
    backward: int
    every: int
    ambiguous: int
    """Rows whose value several rows of the other table share."""
    shared: Mapping[str, tuple[int, int]]
    """For the values of the examples: how many rows of each table hold them."""


class Joins:
    """The tables of the examples in the set engine."""

    def __init__(self, project: Project, tables: Mapping[str, Table], connection: Any) -> None:
        self.project, self.tables, self.connection = project, tables, connection

    def candidates(
        self, pairs: Sequence[tuple[Thing, Thing]], denied: Sequence[tuple[Thing, Thing]]
    ) -> list[Candidate]:
        """Give the rules between fields of the tables that hold at least half of the examples."""
        found: list[Candidate] = []
        for start, end in table_pairs(self.tables, pairs):
            rows, refused = self.records(pairs, start, end), self.records(denied, start, end)
            agreed = agreements(rows, start.fields, end.fields)
            useful = [each for each in agreed if 2 * len(each.covered) >= len(pairs) and not _itself(start, end, each)]
            for each in useful[:MOST_MEASURED]:
                found += self._rules((start, end), each, rows, refused)
        return found

    def records(self, pairs: Sequence[tuple[Thing, Thing]], start: Table, end: Table) -> Pairs:
        """Give for each pair the records of its things in the two tables, values as text."""
        heads = self._rows(start, [row for head, _ in pairs for row in _rows_in(head, start)])
        tails = self._rows(end, [row for _, tail in pairs for row in _rows_in(tail, end)])
        return [
            (
                [heads[row] for row in _rows_in(head, start) if row in heads],
                [tails[row] for row in _rows_in(tail, end) if row in tails],
            )
            for head, tail in pairs
        ]

    def _rows(self, table: Table, rows: Sequence[str]) -> dict[str, Row]:
        if not rows or not table.batches:
            return {}
        self.connection.register("wanted", pa.table({"_row": pa.array(rows, pa.string())}))
        fields = ", ".join(f"CAST({identifier(name)} AS VARCHAR) AS {identifier(name)}" for name in table.fields)
        query = f"SELECT _row, {fields} FROM {self.scan(table)} SEMI JOIN wanted USING (_row)"
        return {row["_row"]: row for row in self.connection.sql(query).to_arrow_table().to_pylist()}

    def scan(self, table: Table) -> str:
        """Give the SQL of a table's records."""
        return engine.scan(self.project.staging.paths(table.batches))

    def _rules(self, ends: tuple[Table, Table], agreed: Agreement, rows: Pairs, refused: Pairs) -> Iterator[Candidate]:
        start, end = ends
        met = self._met(start, end, agreed, (*rows, *refused))
        covered = _values(agreed, rows)
        wrong = _values(agreed, refused)
        only = {"forward": 1, "backward": 0}
        for way, links in (("forward", met.forward), ("backward", met.backward)):
            good = _with_one(covered, met, only[way])
            if good and links and not (way == "backward" and met.backward == met.forward == met.every):
                rule = _reference(agreed, turned=way == "backward")
                yield self._candidate(ends, (agreed, met), rule, links, (good, _with_one(wrong, met, only[way])))
        if met.every > max(met.forward, met.backward):
            rule = Rule(RuleKind.SAME_VALUE, agreed.transform)
            yield self._candidate(ends, (agreed, met), rule, met.every, (frozenset(covered), frozenset(wrong)))

    def _met(self, start: Table, end: Table, agreed: Agreement, rows: Pairs) -> Met:
        first, second = transforms.sides(agreed.transform)
        values = {value for found in _values(agreed, rows).values() for value in found}
        itself = "AND s.rows > 1" if start == end and agreed.start == agreed.end else ""
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE met AS WITH s AS ({self._counted(start, first, agreed.start)}), "
            f"e AS ({self._counted(end, second, agreed.end)}) "
            f"SELECT value, s.rows AS starts, e.rows AS ends FROM s JOIN e USING (value) WHERE true {itself}"
        )
        ((forward, backward, every, ambiguous),) = self.connection.execute(
            "SELECT coalesce(sum(starts) FILTER (ends = 1), 0), coalesce(sum(ends) FILTER (starts = 1), 0), "
            f"coalesce(sum(starts * {'(ends - 1)' if itself else 'ends'}), 0), "
            "coalesce(sum(starts) FILTER (ends > 1), 0) FROM met"
        ).fetchall()
        listed = ", ".join(sql_text(value) for value in sorted(values)) or "NULL"
        shared = self.connection.execute(f"SELECT value, starts, ends FROM met WHERE value IN ({listed})").fetchall()
        known = {value: (starts, ends) for value, starts, ends in shared}
        return Met(int(forward), int(backward), int(every), int(ambiguous), known)

    def _counted(self, table: Table, transform: str, field: str) -> str:
        value = transforms.sql(transform, identifier(field))
        return (
            f"SELECT value, count(*) AS rows FROM (SELECT {value} AS value FROM {self.scan(table)}) "
            "WHERE value IS NOT NULL GROUP BY value"
        )

    def _candidate(
        self,
        ends: tuple[Table, Table],
        found: tuple[Agreement, Met],
        rule: Rule,
        links: int,
        covered: tuple[frozenset[int], frozenset[int]],
    ) -> Candidate:
        (start, end), (agreed, met) = ends, found
        return Candidate(
            start=End(start.source, start.name, (agreed.start,)),
            end=End(end.source, end.name, (agreed.end,)),
            rule=rule,
            cost=_cost(ends, agreed, rule) + agreed.cost,
            covered=covered[0],
            denied=covered[1],
            links=links,
            possible=max(start.rows, 1) * max(end.rows, 1),
            notes=_notes(agreed, met, rule, links),
        )


def table_pairs(tables: Mapping[str, Table], pairs: Sequence[tuple[Thing, Thing]]) -> list[tuple[Table, Table]]:
    """Give the pairs of tables that hold the things of at least half of the examples."""
    counted: dict[tuple[str, str], int] = {}
    for head, tail in pairs:
        for key in {(one, other) for one, _ in head.records for other, _ in tail.records}:
            counted[key] = counted.get(key, 0) + 1
    chosen = sorted(key for key, count in counted.items() if 2 * count >= len(pairs) and set(key) <= set(tables))
    return [(tables[start], tables[end]) for start, end in chosen]


def _cost(ends: tuple[Table, Table], agreed: Agreement, rule: Rule) -> float:
    if rule.kind is RuleKind.SAME_VALUE:
        return _SAME_VALUE
    named, field = (ends[0], agreed.start) if rule.turned else (ends[1], agreed.end)
    return _TO_A_KEY if named.key == (field,) else _TO_ANOTHER_FIELD


def _rows_in(thing: Thing, table: Table) -> list[str]:
    return [row for name, row in thing.records if name == table.id]


def _itself(start: Table, end: Table, agreed: Agreement) -> bool:
    """A key that meets itself links every record to itself only."""
    return start == end and agreed.start == agreed.end and (agreed.start,) == start.key


def _values(agreed: Agreement, rows: Pairs) -> dict[int, frozenset[str]]:
    """Give for each pair in which the fields agree the values in which they do."""
    first, second = transforms.sides(agreed.transform)
    found = {}
    for number, (heads, tails) in enumerate(rows):
        starts = {transforms.apply(first, text) for row in heads if (text := row.get(agreed.start))}
        ends = {transforms.apply(second, text) for row in tails if (text := row.get(agreed.end))}
        if common := frozenset(value for value in starts & ends if value is not None):
            found[number] = common
    return found


def _with_one(values: Mapping[int, frozenset[str]], met: Met, side: int) -> frozenset[int]:
    """Keep the pairs with a value that only one row of a side (0 starts, 1 ends) holds."""
    return frozenset(
        number for number, found in values.items() if any(met.shared.get(value, (0, 0))[side] == 1 for value in found)
    )


def _reference(agreed: Agreement, *, turned: bool) -> Rule:
    transform = transforms.turned(agreed.transform) if turned else agreed.transform
    return Rule(RuleKind.REFERENCE, transform, turned)


def _notes(agreed: Agreement, met: Met, rule: Rule, links: int) -> tuple[Reason, ...]:
    lost = met.every - links
    return (
        Reason("fields", f"{agreed.start} = {agreed.end}, compared as {agreed.transform}"),
        Reason("would link", f"{links:,} pairs"),
        *([Reason("ambiguous", f"{lost:,} pairs whose value several records share are left out")] if lost else []),
    )
