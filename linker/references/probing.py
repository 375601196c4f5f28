"""Which fields could refer to which keys: a sample of each field's values is looked up in every key."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.engine import identifier
from bifrost.model import Table
from bifrost.project import Project
from linker.references import transforms
from linker.references.columns import Column

PROBES = 300
"""Distinct values of a field that are looked up."""

_LONGEST_VALUE = 200
_HASH_RANGE = 2**64 - 1
_FOR_INTEGERS = ("exact", "number")

Found = Mapping[tuple[int, int], Mapping[str, float]]
"""(number of the referring field, number of the key) -> transformation -> share of the probes found there."""


def probe(project: Project, connection: Any, starts: Sequence[Column], ends: Sequence[Column]) -> Found:
    """Look samples of `starts` up in `ends`; the numbers in the result are positions in the two lists."""
    _load_probes(project, connection, starts)
    totals = {
        (field, transform): count
        for field, transform, count in connection.execute(
            "SELECT field, transform, count(*) FROM probes GROUP BY ALL"
        ).fetchall()
    }
    found: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    for position, end in enumerate(ends):
        for field, transform, hits in _hits(project, connection, end):
            if starts[field] != end:
                found[field, position][transform] = hits / totals[field, transform]
    return found


def _load_probes(project: Project, connection: Any, starts: Sequence[Column]) -> None:
    numbers = {column.id: number for number, column in enumerate(starts)}
    fields: list[int] = []
    values: list[str] = []
    for table, chosen in _by_table(starts).items():
        for column, sampled in zip(chosen, _samples(project, connection, table, chosen), strict=True):
            fields += [numbers[column.id]] * len(sampled)
            values += sampled
    connection.register(
        "sampled", pa.table({"field": pa.array(fields, pa.int32()), "value": pa.array(values, pa.string())})
    )
    parts = [
        f"SELECT field, '{name}' AS transform, {transform.sql('value')} AS value FROM sampled"
        for name, transform in transforms.TRANSFORMS.items()
    ]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE probes AS SELECT DISTINCT * FROM ({' UNION ALL '.join(parts)}) "
        "WHERE value IS NOT NULL"
    )
    connection.unregister("sampled")


def _by_table(starts: Sequence[Column]) -> dict[Table, list[Column]]:
    grouped: dict[Table, list[Column]] = defaultdict(list)
    for column in starts:
        if not column.empty and column.table.batches:
            grouped[column.table].append(column)
    return grouped


def _samples(project: Project, connection: Any, table: Table, chosen: Sequence[Column]) -> Iterator[list[str]]:
    relation = engine.scan(project.staging.paths(table.batches))
    row = connection.execute(
        f"SELECT {', '.join(_sample_sql(column) for column in chosen)} FROM {relation}"
    ).fetchall()[0]
    for values in row:
        yield (values or [])[:PROBES]


def _sample_sql(column: Column) -> str:
    """Sample by hash, so that the choice depends on the values alone."""
    text = f"CAST({identifier(column.field)} AS VARCHAR)"
    wanted = round(1.3 * PROBES)
    limit = _HASH_RANGE if column.distinct <= wanted else _HASH_RANGE * wanted // column.distinct
    chosen = f"{text} IS NOT NULL AND hash({text}) <= {limit}::UBIGINT"
    return f"list_sort(list(DISTINCT left({text}, {_LONGEST_VALUE})) FILTER ({chosen}))"


def _hits(project: Project, connection: Any, end: Column) -> list[tuple[int, str, int]]:
    if end.empty or not end.table.batches:
        return []
    relation = engine.scan(project.staging.paths(end.table.batches))
    names = _FOR_INTEGERS if end.type == "integer" else tuple(transforms.TRANSFORMS)
    parts = [
        f"SELECT '{name}' AS transform, {transforms.sql(name, identifier(end.field))} AS value FROM {relation}"
        for name in names
    ]
    query = f"""
        SELECT field, transform, count(*) FROM probes
        WHERE (transform, value) IN ({" UNION ALL ".join(parts)})
        GROUP BY field, transform ORDER BY field, transform
    """
    hits: list[tuple[int, str, int]] = connection.execute(query).fetchall()
    return hits
