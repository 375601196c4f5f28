"""Exact figures of a candidate reference: how many values and rows link, and examples as written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from bifrost import engine
from bifrost.digests import digest_of
from bifrost.engine import identifier
from bifrost.iris import sql_text
from bifrost.model import Table
from bifrost.project import Project
from linker.references import transforms

STAGE = "references"
VERSION = 1

_EXAMPLES = 5
_LONGEST_EXAMPLE = 80


@dataclass(frozen=True, slots=True)
class Join:
    """Fields of two tables that may meet through a transformation."""

    start: Table
    start_fields: tuple[str, ...]
    end: Table
    end_fields: tuple[str, ...]
    transform: str

    @property
    def unit(self) -> str:
        """Name the work for its checkpoint."""
        ends = (f"{self.start.id}.{'+'.join(self.start_fields)}", f"{self.end.id}.{'+'.join(self.end_fields)}")
        return f"{ends[0]} -> {ends[1]} [{self.transform}]"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a join yields; targets that several records share count as not found."""

    values: int = 0
    matched: int = 0
    links: int = 0
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def coverage(self) -> float:
        """Give the share of distinct values that are found."""
        return self.matched / self.values if self.values else 0.0


def measure(project: Project, connection: Any, join: Join) -> Measured:
    """Join the two tables, or recall what the same join of the same batches gave."""
    given = _given(join)
    known = project.catalog.checkpoint(STAGE, join.unit, given)
    if known is not None:
        return _from_text(known)
    measured = _compute(project, connection, join)
    project.catalog.finish_unit(STAGE, join.unit, given, _as_text(measured))
    return measured


def _compute(project: Project, connection: Any, join: Join) -> Measured:
    if not join.start.batches or not join.end.batches:
        return Measured()
    connection.execute(_met_sql(project, join))
    values, matched, links = connection.execute(
        "SELECT count(*), count(target), coalesce(sum(rows) FILTER (target IS NOT NULL), 0) FROM met"
    ).fetchall()[0]
    examples = connection.execute(
        f"SELECT left(written, {_LONGEST_EXAMPLE}), left(target, {_LONGEST_EXAMPLE}) FROM met "
        f"WHERE target IS NOT NULL ORDER BY rows DESC, written LIMIT {_EXAMPLES}"
    ).fetchall()
    connection.execute("DROP TABLE met")
    return Measured(values, matched, int(links), tuple(examples))


def _met_sql(project: Project, join: Join) -> str:
    starts = engine.scan(project.staging.paths(join.start.batches))
    ends = engine.scan(project.staging.paths(join.end.batches))
    names = ", ".join(f"v{number}" for number in range(len(join.start_fields)))
    return f"""
        CREATE OR REPLACE TEMP TABLE met AS
        WITH starts AS (
            SELECT {names}, count(*) AS rows, min(written) AS written
            FROM (SELECT {_values(join.start_fields, join.transform)} FROM {starts})
            WHERE {_filled(join.start_fields)} GROUP BY {names}
        ), ends AS (
            SELECT {names}, min(written) AS target
            FROM (SELECT {_values(join.end_fields, join.transform)} FROM {ends})
            WHERE {_filled(join.end_fields)} GROUP BY {names} HAVING count(*) = 1
        )
        SELECT starts.written, starts.rows, ends.target FROM starts LEFT JOIN ends USING ({names})
    """


def _values(fields: Sequence[str], transform: str) -> str:
    transformed = [f"{transforms.sql(transform, identifier(name))} AS v{n}" for n, name in enumerate(fields)]
    written = f" || {sql_text(' | ')} || ".join(f"CAST({identifier(name)} AS VARCHAR)" for name in fields)
    return f"{', '.join(transformed)}, {written} AS written"


def _filled(fields: Sequence[str]) -> str:
    return " AND ".join(f"v{number} IS NOT NULL" for number in range(len(fields)))


def _given(join: Join) -> str:
    inputs = [VERSION, duckdb.__version__, join.transform, join.start.batches, join.end.batches]
    return digest_of(inputs)


def _as_text(measured: Measured) -> str:
    return json.dumps([measured.values, measured.matched, measured.links, measured.examples], ensure_ascii=False)


def _from_text(text: str) -> Measured:
    values, matched, links, examples = json.loads(text)
    return Measured(values, matched, links, tuple((left, right) for left, right in examples))
