"""What texts can name: records by their identifiers and by their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.field_words import core, table_words, words
from bifrost.model import Table
from bifrost.project import Project
from linker.labels import label_fields
from linker.references import transforms
from linker.resolution.folding import sql_folded, sql_without_legal_form

_FIRST_NAMES = frozenset({"first", "given", "forename"})
_LAST_NAMES = frozenset({"last", "surname", "family"})
LEAST_TOLD_APART = 0.7
"""A name that fewer of its records have to themselves names something else."""
SHORTEST_IDENTIFIER = 4.0
"""Mean length from which a unique field beside the key identifies."""

Profiles = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """A table whose records texts may name."""

    table: Table
    identifiers: tuple[str, ...]
    """Fields whose values identify a record, the key first."""
    names: tuple[str, ...]
    """Fields that together name a record for people."""
    words: tuple[str, ...]
    """What people call one such record, in the singular and the plural."""

    @property
    def number_field(self) -> str:
        """Give the field whose number people say after the word (`batch 17`), if there is a key of one field."""
        return self.identifiers[0] if len(self.table.key) == 1 and self.table.key[0] in self.identifiers else ""


def targets(tables: Sequence[Table], profiles: pa.Table) -> list[Target]:
    """Choose of each table the fields that identify and name its own records.

    A field that is called after another table (`order_no` in shipments) refers to that one and names nothing here.
    """
    chosen = sorted(tables, key=lambda table: table.id)
    labels = label_fields(chosen, profiles)
    by_table = _by_table(profiles)
    heads = {table.id: table_words(table.name)[-1:] for table in chosen}
    found = []
    for table in chosen:
        fields = by_table.get(table.id, {})
        others = {heads[other.id] for other in chosen if other.id != table.id} - {heads[table.id], ()}
        own = [name for name in table.fields if name in fields and core(words(name))[-1:] not in others]
        target = Target(
            table,
            tuple(_identifiers(table, fields, own)),
            tuple(name for name in _names(table, fields, labels[table.id]) if name in own),
            tuple(_spoken(table, own)),
        )
        if target.identifiers or target.names:
            found.append(target)
    return found


def load(project: Project, connection: Any, chosen: Sequence[Target]) -> None:
    """Make the tables of what can be found, each row with `t`, the target's position, and the record's `row`.

    identifiers(t, row, written, compact, own_key), numbers(t, row, number), words(word, t), names(t, row, name, label).
    """
    connection.execute(
        """
        CREATE TABLE identifiers (t INTEGER, row VARCHAR, written VARCHAR, compact VARCHAR, own_key BOOLEAN);
        CREATE TABLE numbers (t INTEGER, row VARCHAR, number VARCHAR);
        CREATE TABLE words (word VARCHAR, t INTEGER);
        CREATE TABLE names (t INTEGER, row VARCHAR, name VARCHAR, label VARCHAR);
        """
    )
    for position, target in enumerate(chosen):
        scanned = engine.scan(project.staging.paths(target.table.batches))
        for field in target.identifiers:
            connection.execute(_load_identifiers(position, target, field, scanned))
        if target.number_field:
            connection.execute(_load_numbers(position, target.number_field, scanned))
        if target.names:
            connection.execute(_load_names(position, target.names, scanned))
        if target.words:
            connection.executemany("INSERT INTO words VALUES (?, ?)", [[word, position] for word in target.words])


def _load_identifiers(position: int, target: Target, field: str, scanned: str) -> str:
    column = engine.identifier(field)
    written, compact = transforms.sql("folded", column), transforms.sql("compact", column)
    return f"""
        INSERT INTO identifiers
        SELECT DISTINCT {position}, _row, {written}, {compact}, {field in target.table.key}
        FROM {scanned} WHERE {compact} IS NOT NULL
    """


def _load_numbers(position: int, field: str, scanned: str) -> str:
    number = transforms.sql("last_number", engine.identifier(field))
    return f"""
        INSERT INTO numbers
        SELECT {position}, min(_row), number FROM (SELECT DISTINCT _row, {number} AS number FROM {scanned})
        WHERE number IS NOT NULL GROUP BY number HAVING count(*) = 1
    """


def _load_names(position: int, fields: Sequence[str], scanned: str) -> str:
    label = f"concat_ws(' ', {', '.join(f'CAST({engine.identifier(field)} AS VARCHAR)' for field in fields)})"
    return f"""
        INSERT INTO names
        SELECT DISTINCT {position}, _row, name, label FROM (
            SELECT _row, label, {sql_without_legal_form("folded")} AS name FROM (
                SELECT _row, label, {sql_folded("label")} AS folded FROM (SELECT _row, {label} AS label FROM {scanned})
            )
        ) WHERE len(name) >= 3
    """


def _identifiers(table: Table, fields: Profiles, own: Sequence[str]) -> list[str]:
    keys = [table.key[0]] if len(table.key) == 1 and table.key[0] in own else []
    others = [
        name
        for name in own
        if name not in table.key
        and fields[name]["unique"]
        and fields[name]["type"] == "text"
        and fields[name]["semantic"] == "identifier"
        and (fields[name]["mean_length"] or 0) >= SHORTEST_IDENTIFIER
    ]
    return keys + others


def _names(table: Table, fields: Profiles, label: str) -> list[str]:
    first = [name for name in table.fields if name in fields and _FIRST_NAMES & set(words(name))]
    last = [name for name in table.fields if name in fields and _LAST_NAMES & set(words(name))]
    if first and last:
        return [first[0], last[0]]
    return [label] if label and _told_apart(fields[label]) >= LEAST_TOLD_APART else []


def _told_apart(profile: Mapping[str, Any]) -> float:
    filled = profile["rows"] - profile["nulls"]
    return profile["distinct"] / filled if filled else 0.0


def _spoken(table: Table, own: Sequence[str]) -> list[str]:
    said = {table_words(table.name)[-1:]}
    if len(table.key) == 1 and table.key[0] in own:
        said.add(core(words(table.key[0]))[-1:])
    singles = {word for each in said for word in each if not word.isdigit()}
    return sorted(singles | {plural for word in singles for plural in (f"{word}s", f"{word}es")})


def _by_table(profiles: pa.Table) -> dict[str, dict[str, Mapping[str, Any]]]:
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    wanted = [
        "source",
        "table",
        "field",
        "type",
        "semantic",
        "rows",
        "nulls",
        "distinct",
        "unique",
        "key",
        "mean_length",
    ]
    for row in profiles.select(wanted).to_pylist():
        found.setdefault(f"{row['source']}/{row['table']}", {})[row["field"]] = row
    return found
