"""The things that people name in examples: their entity, and the records that it stands for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bifrost import engine
from bifrost.errors import EntityMissing
from bifrost.model import Table
from bifrost.project import Project
from bifrost.schemas import IDENTITY
from linker.resolution.verdicts import row_of


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity with its records as (table id, row); a document has none."""

    iri: str
    records: tuple[tuple[str, str], ...]


class Things:
    """Finds things by IRI or by source, table and key."""

    def __init__(self, project: Project, tables: Mapping[str, Table], connection: Any) -> None:
        self.project, self.tables, self.connection = project, tables, connection
        digest = project.snapshot().identity
        self.identity = project.staging.table([digest]) if digest else IDENTITY.empty_table()

    def pairs(self, given: Sequence[tuple[str, str]]) -> list[tuple[Thing, Thing]]:
        """Give the things of many pairs.

        Raises:
            EntityMissing: one of them is not in the graph.
        """
        found = {name: self._thing(name) for name in dict.fromkeys(end for pair in given for end in pair)}
        self._check(found)
        return [(found[start], found[end]) for start, end in given]

    def _thing(self, name: str) -> Thing:
        is_iri = "://" in name
        own = self._record_of_iri(name) if is_iri else self._record_of_key(name)
        if own is None:
            if is_iri and name.startswith(self.project.namer.document("", "").rstrip("/")):
                return Thing(name, ())
            raise EntityMissing(name)
        table = self.tables[own[0]]
        iri = self._merged(table, own[1]) or self.project.namer.record(table.source, table.name, own[1])
        return Thing(iri, tuple(dict.fromkeys((*self._records(iri), own))))

    def _record_of_iri(self, iri: str) -> tuple[str, str] | None:
        found = [
            (table.id, row)
            for table in self.tables.values()
            if (row := row_of(self.project.namer, table, iri)) is not None
        ]
        return max(found, default=None, key=lambda each: len(each[0]))

    def _record_of_key(self, name: str) -> tuple[str, str] | None:
        heads = [table for table in self.tables if name.startswith(f"{table}/")]
        return (table := max(heads, key=len), name.removeprefix(f"{table}/")) if heads else None

    def _merged(self, table: Table, row: str) -> str:
        of_row = (pc.field("source") == table.source) & (pc.field("table") == table.name) & (pc.field("row") == row)
        found = self.identity.filter(of_row)["iri"].to_pylist()
        return found[0] if found else ""

    def _records(self, iri: str) -> list[tuple[str, str]]:
        merged = self.identity.filter(pc.field("iri") == iri).to_pylist()
        own = self._record_of_iri(iri)
        return [*([own] if own else []), *((f"{row['source']}/{row['table']}", row["row"]) for row in merged)]

    def _check(self, found: Mapping[str, Thing]) -> None:
        """Refuse what names a row that is in no table."""
        known = {key for table, rows in _by_table(found.values()).items() for key in self._known(table, rows)}
        for name, thing in found.items():
            if thing.records and not known & set(thing.records):
                raise EntityMissing(name)

    def _known(self, table: str, rows: Sequence[str]) -> list[tuple[str, str]]:
        if table not in self.tables or not self.tables[table].batches:
            return []
        self.connection.register("wanted", pa.table({"_row": pa.array(rows, pa.string())}))
        records = engine.scan(self.project.staging.paths(self.tables[table].batches))
        held = self.connection.execute(f"SELECT _row FROM {records} SEMI JOIN wanted USING (_row)").fetchall()
        return [(table, row) for (row,) in held]


def _by_table(things: Iterable[Thing]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for thing in things:
        for table, row in thing.records:
            found.setdefault(table, []).append(row)
    return found
