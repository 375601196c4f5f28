"""The types of SQLite's columns, found from the values: a declared type promises nothing there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bifrost.engine import identifier

Query = Callable[[str], list[tuple[object, ...]]]

_COLUMNS_AT_ONCE = 8
"""Each scan gives the distinct combinations of types: few columns at once keep them few."""
_EXACT_IN_REAL = 2**53
_EXAMPLES = {"integer": "0", "real": "0.0", "text": "''"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its table declares it."""

    name: str
    declared: str
    key_position: int
    """From 1 within the primary key; 0 outside it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read: under which name, as which type, and what is left out of it."""

    column: Column
    name: str
    type: str
    """integer, real, text, or blob for a column that is left out."""
    drops_blobs: bool = False

    @property
    def example(self) -> str:
        """Give a literal of the type."""
        return _EXAMPLES[self.type]

    @property
    def expression(self) -> str:
        """Give the SQL that yields the column in its type."""
        value = identifier(self.column.name)
        if self.drops_blobs:
            value = f"CASE WHEN typeof({value}) <> 'blob' THEN {value} END"
        return f"CAST({value} AS {self.type})"


def types_found(query: Query, origin: str, columns: Sequence[Column]) -> dict[str, set[str]]:
    """Give the types of the values that each column holds, without `null`."""
    found: dict[str, set[str]] = {column.name: set() for column in columns}
    for start in range(0, len(columns), _COLUMNS_AT_ONCE):
        some = columns[start : start + _COLUMNS_AT_ONCE]
        combination = "||' '||".join(f"typeof({identifier(column.name)})" for column in some)
        for (types,) in query(f"SELECT DISTINCT {combination} FROM {origin}"):
            for column, each in zip(some, str(types).split(" "), strict=True):
                found[column.name].add(each)
    return {name: types - {"null"} for name, types in found.items()}


def readings(
    query: Query, origin: str, columns: Sequence[Column], names: Iterable[str]
) -> tuple[list[Reading], list[tuple[str, str]]]:
    """Choose how each column is read, and say what is left out and why."""
    found = types_found(query, origin, columns)
    chosen: list[Reading] = []
    rejects: list[tuple[str, str]] = []
    for column, name in zip(columns, names, strict=True):
        types = found[column.name]
        reading = Reading(column, name, _type(query, origin, column, types), drops_blobs="blob" in types)
        if reading.type == "blob":
            rejects.append((name, "column of binary values: it is left out"))
            continue
        if reading.drops_blobs:
            rejects.append((name, "some values are binary: they are left out"))
        chosen.append(reading)
    return chosen, rejects


def _type(query: Query, origin: str, column: Column, types: set[str]) -> str:
    plain = types - {"blob"}
    if not plain:
        return "blob" if types else _declared_type(column.declared)
    if plain == {"integer", "real"}:
        return "text" if _has_large_integers(query, origin, column) else "real"
    return plain.pop() if len(plain) == 1 else "text"


def _has_large_integers(query: Query, origin: str, column: Column) -> bool:
    """Tell whether a column of integers and reals would lose digits when read as real."""
    value = identifier(column.name)
    return bool(
        query(
            f"SELECT 1 FROM (SELECT {value} FROM {origin}) WHERE typeof({value}) = 'integer' "
            f"AND {value} NOT BETWEEN -{_EXACT_IN_REAL} AND {_EXACT_IN_REAL} LIMIT 1"
        )
    )


_AFFINITIES: Mapping[str, str] = {
    "INT": "integer",
    "BOOL": "integer",
    "REAL": "real",
    "FLOA": "real",
    "DOUB": "real",
    "NUMERIC": "real",
    "DECIMAL": "real",
}


def _declared_type(declared: str) -> str:
    """Guess the type of a column without values, by the rules of SQLite's affinities."""
    upper = declared.upper()
    return next((kind for part, kind in _AFFINITIES.items() if part in upper), "text")
