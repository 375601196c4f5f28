"""How the rows of a table are named: by its key, by a key that is found, by their places, or by their content."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bifrost.engine import identifier

_IDENTIFYING = re.compile(
    r"(?:^|[\W_])(?:id|key|no|nr|num|number|code|uuid|guid|ean|gtin|sku|isbn|iban|ref)$", re.IGNORECASE
)
_IDENTIFYING_CAMEL = re.compile(r"[a-z](?:Id|ID|Key|No|Nr|Number|Code)$")
_KEY_TYPES = ("VARCHAR", "BIGINT", "INTEGER", "SMALLINT", "HUGEINT", "UBIGINT", "UUID")
_MOST_CANDIDATES = 5
_LONGEST_KEY = 100


def found_key(connection: Any, relation: str, types: Mapping[str, str]) -> tuple[str, ...]:
    """Find the columns that can name the rows: unique and without nulls.

    One column that identifies by its name or by being the first; else the first two together, as in a log by machine
    and day. `types` gives the SQL type of each column, in their order.
    """
    for key in (*((column,) for column in _candidates(types)), _leading_pair(types)):
        if key and _names_rows(connection, relation, key):
            return key
    return ()


def _names_rows(connection: Any, relation: str, key: tuple[str, ...]) -> bool:
    joined = by_key(key)
    filled = " AND ".join(f"{identifier(column)} IS NOT NULL" for column in key)
    query = f"""SELECT count(*), count(*) FILTER ({filled}), max(length({joined})), min(length({joined}))
                FROM {relation}"""
    ((rows, named, longest, shortest),) = connection.execute(query).fetchall()
    if not rows or named < rows or longest > _LONGEST_KEY or shortest < len(key):
        return False
    ((distinct,),) = connection.execute(f"SELECT count(DISTINCT {joined}) FROM {relation}").fetchall()
    return bool(distinct == rows)


def by_key(key: Sequence[str]) -> str:
    """Give the SQL for rows that are named by the values of a key."""
    values = [f"coalesce(CAST({identifier(column)} AS VARCHAR), '')" for column in key]
    return f"concat_ws('|', {', '.join(values)})"


def by_content(columns: Sequence[str]) -> str:
    """Give the SQL for the digest of a row's values."""
    values = [f"coalesce(CAST({identifier(column)} AS VARCHAR), chr(0))" for column in columns] or ["''"]
    return f"substr(md5(concat_ws(chr(31), {', '.join(values)})), 1, 20)"


def _candidates(types: Mapping[str, str]) -> list[str]:
    usable = [name for name, kind in types.items() if kind in _KEY_TYPES]
    identifying = [name for name in usable if _IDENTIFYING.search(name) or _IDENTIFYING_CAMEL.search(name)]
    first = [name for name in list(types)[:1] if name in usable]
    return list(dict.fromkeys([*identifying[:_MOST_CANDIDATES], *first]))


def _leading_pair(types: Mapping[str, str]) -> tuple[str, ...]:
    pair = tuple(types)[:2]
    return pair if len(pair) == 2 and all(types[name] in (*_KEY_TYPES, "DATE", "TIMESTAMP") for name in pair) else ()
