"""Which type all values of a text column have; codes with leading zeros stay text."""

from collections.abc import Sequence
from typing import Any

from bifrost.engine import identifier

_PATTERNS = (
    # The order counts: the first type that fits every value is taken.
    ("BIGINT", r"-?(0|[1-9]\d{0,17})"),
    ("DOUBLE", r"-?(0|[1-9]\d{0,14})(\.\d+([eE][-+]?\d{1,2})?)?|-?0?\.\d+"),
    ("DATE", r"\d{4}-\d{2}-\d{2}"),
    ("TIMESTAMP", r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?Z?)?"),
    ("BOOLEAN", r"(?i)true|false"),
)
DATES = ("DATE", "TIMESTAMP")
_COLUMNS_AT_ONCE = 24


def value_types(connection: Any, relation: str, columns: Sequence[str], among: Sequence[str] = ()) -> dict[str, str]:
    """Give a SQL type for each text column of a relation; `among` limits the choice.

    A few columns are tested in each scan: the cost of a query grows with the square of its tests.
    """
    patterns = [(name, pattern) for name, pattern in _PATTERNS if not among or name in among]
    types = {}
    for start in range(0, len(columns), _COLUMNS_AT_ONCE):
        chosen = columns[start : start + _COLUMNS_AT_ONCE]
        tests = [_fits(identifier(column), name, pattern) for column in chosen for name, pattern in patterns]
        # Fetching all is what makes the engine write down the rows that it rejected.
        (answers,) = connection.execute(f"SELECT {', '.join(tests)} FROM {relation}").fetchall()
        for place, column in enumerate(chosen):
            fits = answers[place * len(patterns) : (place + 1) * len(patterns)]
            types[column] = next((name for (name, _), fit in zip(patterns, fits, strict=True) if fit), "VARCHAR")
    return types


def cast(column: str, sql_type: str) -> str:
    """Write the SQL that brings a text column to its type."""
    return (
        identifier(column) if sql_type == "VARCHAR" else f"CAST(nullif(trim({identifier(column)}), '') AS {sql_type})"
    )


def _fits(column: str, sql_type: str, pattern: str) -> str:
    value = f"nullif(trim({column}), '')"
    fits = f"regexp_full_match({value}, '{pattern}') AND TRY_CAST({value} AS {sql_type}) IS NOT NULL"
    return f"coalesce(bool_and({fits}) FILTER ({value} IS NOT NULL), false)"
