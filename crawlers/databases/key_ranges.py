"""Large tables in parts: ranges of the primary key, the same ones whenever they are read."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pyarrow as pa

from crawlers.databases.key_conditions import above, as_texts, from_texts, up_to
from crawlers.databases.table_query import Database, TableQuery

ROWS_PER_PART = 1_000_000
_TYPES = (
    *(pa.bool_(), pa.int64(), pa.float32(), pa.float64(), pa.string(), pa.date32()),
    *(pa.timestamp("us"), pa.timestamp("us", "UTC")),
)
"""What columns are read as; only numbers and texts are ever in doubt."""


def parts(database: Database, table: TableQuery, rows_per_part: int | None = None) -> list[str]:
    """Cut a table into ranges of about so many rows; none for a small table, or one without a key.

    The database walks its own index from bound to bound, so that nothing is sorted and nothing is transferred.
    """
    bounds = [
        as_texts(table.key_columns, values) for values in _bounds(database, table, rows_per_part or ROWS_PER_PART)
    ]
    if not bounds:
        return []
    # Each part is read in the types of today, so that all of them have the same.
    kinds = {column.name: str(column.type) for column in table.columns}
    return [
        json.dumps({"above": low, "up_to": high, "types": kinds}, ensure_ascii=False)
        for low, high in pairwise([None, *bounds, None])
    ]


def condition(database: Database, table: TableQuery, part: str) -> str:
    """Give the condition in SQL that the rows of a part meet: above its first bound, up to its second."""
    columns = table.key_columns
    bounds = json.loads(part)
    conditions = []
    if bounds["above"] is not None:
        conditions.append(above(database, columns, from_texts(columns, bounds["above"])))
    if bounds["up_to"] is not None:
        conditions.append(up_to(database, columns, from_texts(columns, bounds["up_to"])))
    return " AND ".join(f"({each})" for each in conditions)


def types(part: str) -> dict[str, pa.DataType]:
    """Give the types that the columns had when the table was cut into parts."""
    known = {str(each): each for each in _TYPES}
    return {name: known[kind] for name, kind in json.loads(part)["types"].items() if kind in known}


def _bounds(database: Database, table: TableQuery, rows_per_part: int) -> Iterator[list[Any]]:
    where = ""
    while table.key:
        tail = table.tail(where, page=database.page(1, rows_per_part))
        found = database.stream(table.key_columns, tail).read_all().to_pylist()
        if not found:
            return
        # The row at the bound ends its part, and the next part begins after it.
        values = [found[0][name] for name in table.key]
        yield values
        where = above(database, table.key_columns, values)
