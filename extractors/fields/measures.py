"""Measures all fields of one table in two scans: counts and ranges, then a sample of values by hash.

The sample keeps the values whose hash lies below a threshold, so that its size does not depend on the table's, the
same value is chosen in every table, and no order of rows or threads changes the result.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bifrost.engine import identifier

SKETCH_VALUES = 256
EXACT_ROWS = 1_000_000
"""Up to here every distinct count is exact; above, only those that may make a field unique."""

_SAMPLE_VALUES = 1_024
_FIELDS_AT_ONCE = 64
_LONGEST_VALUE = 200
_NEARLY_UNIQUE = 0.85  # HyperLogLog is off by a few per cent
_HASH_RANGE = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of one field; `values` are sampled values with their number of rows, most frequent first."""

    name: str
    type: str
    rows: int = 0
    nulls: int = 0
    distinct: int = 0
    minimum: str | None = None
    maximum: str | None = None
    mean_length: float | None = None
    values: tuple[tuple[str, int], ...] = ()
    sketch: tuple[int, ...] = field(default=(), repr=False)

    @property
    def unique(self) -> bool:
        """Tell whether there are rows, no nulls, and no value twice."""
        return self.rows > 0 and self.nulls == 0 and self.distinct == self.rows


def measure(connection: Any, relation: str, fields: Sequence[str]) -> list[Measured]:
    """Measure the fields of a relation (SQL), in their order."""
    types = _types(connection, relation)
    known = [name for name in fields if name in types]
    measured: dict[str, Measured] = {}
    for chosen in _chunks(known):
        counted = _count(connection, relation, {name: types[name] for name in chosen})
        for each in _sample(connection, relation, counted):
            measured[each.name] = each
    return [measured.get(name, Measured(name, "text")) for name in fields]


def _types(connection: Any, relation: str) -> dict[str, str]:
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return {row[0]: _plain_type(row[1]) for row in rows}


def _plain_type(engine_type: str) -> str:
    head = engine_type.split("(", maxsplit=1)[0].upper()
    if engine_type.endswith("]") or head in ("STRUCT", "MAP", "UNION"):
        return "nested"
    if head == "BLOB":
        return "binary"
    if head in ("BOOLEAN", "DATE"):
        return head.lower()
    if head.startswith("TIMESTAMP"):
        return "timestamp"
    if head.endswith("INT") or head == "INTEGER" or (head == "DECIMAL" and engine_type.endswith(",0)")):
        return "integer"
    return "number" if head in ("FLOAT", "DOUBLE", "DECIMAL", "REAL") else "text"


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _FIELDS_AT_ONCE):
        yield names[start : start + _FIELDS_AT_ONCE]


def _count(connection: Any, relation: str, types: Mapping[str, str]) -> list[Measured]:
    rows = connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0]
    exact = rows <= EXACT_ROWS
    columns = [_counts_sql(name, kind, exact=exact) for name, kind in types.items()]
    found = iter(connection.execute(f"SELECT {', '.join(columns)} FROM {relation}").fetchall()[0])
    counted = []
    for name, kind in types.items():
        filled, distinct, minimum, maximum, length = (next(found) for _ in range(5))
        counted.append(Measured(name, kind, rows, rows - filled, min(distinct, filled), minimum, maximum, length))
    return counted if exact else [_settle_unique(connection, relation, each) for each in counted]


def _counts_sql(name: str, kind: str, *, exact: bool) -> str:
    column = identifier(name)
    if kind == "binary":
        return f"count({column}), 0, NULL, NULL, NULL"
    value = f"CAST({column} AS VARCHAR)" if kind == "nested" else column
    distinct = f"count(DISTINCT {value})" if exact else f"approx_count_distinct({value})"
    shown = "left(CAST({}({}) AS VARCHAR), {})"
    return (
        f"count({column}), {distinct}, {shown.format('min', value, _LONGEST_VALUE)}, "
        f"{shown.format('max', value, _LONGEST_VALUE)}, avg(length(CAST({column} AS VARCHAR)))"
    )


def _settle_unique(connection: Any, relation: str, measured: Measured) -> Measured:
    """Count exactly, one field at a time, where the estimate leaves open whether values repeat."""
    filled = measured.rows - measured.nulls
    if not filled or measured.distinct < _NEARLY_UNIQUE * filled:
        return measured
    query = f"SELECT count(DISTINCT {identifier(measured.name)}) FROM {relation}"
    return replace(measured, distinct=connection.execute(query).fetchall()[0][0])


def _sample(connection: Any, relation: str, counted: Sequence[Measured]) -> list[Measured]:
    wanted = [each for each in counted if each.distinct]
    if not wanted:
        return list(counted)
    columns = [_sample_sql(each) for each in wanted]
    found = iter(connection.execute(f"SELECT {', '.join(columns)} FROM {relation}").fetchall()[0])
    sampled = {each.name: _with_sample(each, next(found), next(found)) for each in wanted}
    return [sampled.get(each.name, each) for each in counted]


def _sample_sql(measured: Measured) -> str:
    text = f"CAST({identifier(measured.name)} AS VARCHAR)"
    code = f"hash(lower(trim({text})))"
    wanted = round(1.5 * _SAMPLE_VALUES)
    limit = _HASH_RANGE if measured.distinct <= wanted else _HASH_RANGE * wanted // measured.distinct
    chosen = f"FILTER ({text} IS NOT NULL AND {code} <= {limit}::UBIGINT)"
    return (
        f"histogram(left({text}, {_LONGEST_VALUE})) {chosen}, "
        f"list_slice(list_sort(list(DISTINCT {code}) {chosen}), 1, {SKETCH_VALUES})"
    )


def _with_sample(measured: Measured, histogram: Mapping[str, int] | None, codes: Sequence[int] | None) -> Measured:
    values = sorted((histogram or {}).items(), key=lambda entry: (-entry[1], entry[0]))
    return replace(measured, values=tuple(values), sketch=tuple(codes or ()))
