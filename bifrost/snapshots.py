"""Snapshots of the graph and the change sets between them.

A snapshot maps units (the rows of a table, the links of a type, a document folder) to staged batches of facts.
Each unit lies in exactly one named graph. Any two snapshots give a change set, so that a projection needs to
remember one thing: the digest of the snapshot that it shows. Rebuilding is the change set from nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.iris import RDF_TYPE, RDFS_LABEL, sql_text
from bifrost.schemas import FACTS, QUAD
from bifrost.staging import Staging

BATCH_ROWS = 16_384
"""Small enough that a batch of whole texts of documents stays below the 2 GB of an Arrow string column."""

_QUAD = ", ".join(f'"{name}"' for name in QUAD)
_SUPPORT = ", ".join(f'"{name}"' for name in FACTS.names)
_ENTITY_FACTS_AT_ONCE = 4_000_000
"""Facts that are grouped by entity in memory at a time; more are taken in parts."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Facts that change together."""

    graph: str
    facts: str
    rows: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole graph at one moment, as digests."""

    digest: str
    units: Mapping[str, Unit] = field(default_factory=dict)
    identity: str = ""
    """Digest of the batch of merged records (`bifrost.schemas.IDENTITY`)."""
    proposals: str = ""
    """Digest of the list of proposals with their routes."""

    @classmethod
    def load(cls, staging: Staging, digest: str | None) -> "Snapshot":
        """Read a snapshot; None gives the empty one."""
        if digest is None:
            return EMPTY
        value = staging.json(digest)
        units = {name: Unit(*entry) for name, entry in value["units"].items()}
        return cls(digest, units, value["identity"], value["proposals"])

    @classmethod
    def store(cls, staging: Staging, units: Mapping[str, Unit], *, identity: str, proposals: str) -> "Snapshot":
        """Write a snapshot and give it with its digest."""
        value = {
            "units": {name: [unit.graph, unit.facts, unit.rows] for name, unit in units.items()},
            "identity": identity,
            "proposals": proposals,
        }
        return cls(staging.put_json(value), dict(units), identity, proposals)

    @property
    def facts(self) -> int:
        """Count the supports."""
        return sum(unit.rows for unit in self.units.values())


EMPTY = Snapshot("")


@dataclass(frozen=True)
class ChangeSet:
    """What must happen to a store that shows `origin` so that it shows `target`.

    All batches come from DuckDB, streamed, in no particular order.
    """

    staging: Staging
    origin: Snapshot
    target: Snapshot

    @property
    def empty(self) -> bool:
        """Tell whether both snapshots hold the same facts."""
        return not self.changed

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """Name the units that were added, replaced or taken away."""
        before, after = self.origin.units, self.target.units
        return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))

    def quads_added(self) -> pa.RecordBatchReader:
        """Give quads (`bifrost.schemas.QUAD`) that get their first support."""
        return self.read("FROM quads_added")

    def quads_removed(self) -> pa.RecordBatchReader:
        """Give quads that lose their last support."""
        return self.read("FROM quads_removed")

    def supports_added(self) -> pa.RecordBatchReader:
        """Give new supports (`bifrost.schemas.FACTS`)."""
        return self.read("FROM added")

    def supports_removed(self) -> pa.RecordBatchReader:
        """Give supports that are gone."""
        return self.read("FROM removed")

    def counts(self) -> dict[str, int]:
        """Count the quads that appear and disappear."""
        query = "SELECT (SELECT count(*) FROM quads_added), (SELECT count(*) FROM quads_removed)"
        ((added, removed),) = self._database.cursor().sql(query).fetchall()
        return {"added": added, "removed": removed}

    def entities_changed(self) -> pa.RecordBatchReader:
        """Give every subject with a changed fact as it is now.

        Columns: iri, label, types (list of IRIs), text (its literals joined), sources (list), graphs (list).
        """
        parts = 1 + self.target.facts // _ENTITY_FACTS_AT_ONCE
        relation = "all_after SEMI JOIN touched USING (subject)" if self.origin.units else "all_after"
        readers = (self.read(_entities(relation, part, parts)) for part in range(parts))
        return _chained(readers)

    def entities_gone(self) -> pa.RecordBatchReader:
        """Give the IRIs (column iri) of subjects that have no fact any more."""
        return self.read("SELECT subject AS iri FROM touched ANTI JOIN all_after USING (subject)")

    def read(self, query: str) -> pa.RecordBatchReader:
        """Stream the answer to SQL over the relations of this change.

        Relations: `added` and `removed` (supports), `quads_added` and `quads_removed`, `before` and `after` (supports
        in every graph where a unit changed), `all_after` (all supports of the target), `touched` (subjects).
        """
        # A cursor of its own, so that several streams can be read side by side; a stream keeps its cursor alive.
        reader: pa.RecordBatchReader = self._database.cursor().sql(query).to_arrow_reader(BATCH_ROWS)
        return reader

    @cached_property
    def _database(self) -> Any:
        connection = engine.connect(self.staging.folder / "spill")
        for name, files in self._files().items():
            connection.execute(f"CREATE VIEW {name} AS {_scan(files)}")
        connection.execute(_DERIVED)
        return connection

    def _files(self) -> dict[str, list[str]]:
        before, after = self.origin.units, self.target.units
        changed = set(self.changed)
        graphs = {each[name].graph for each in (before, after) for name in changed if name in each}
        kept = [name for name, unit in after.items() if unit.graph in graphs and name not in changed]
        return {
            "old": self._paths(before, self.changed),
            "new": self._paths(after, self.changed),
            "kept": self._paths(after, kept),
            "all_after": self._paths(after, after),
        }

    def _paths(self, units: Mapping[str, Unit], names: Iterable[str]) -> list[str]:
        return self.staging.paths(dict.fromkeys(units[name].facts for name in names if name in units))


# A support may stand in several units, and moves between units leave it where it is: what is new is in no unit before.
_DERIVED = f"""
CREATE VIEW before AS FROM old UNION ALL FROM kept;
CREATE VIEW after AS FROM new UNION ALL FROM kept;
CREATE VIEW added AS SELECT DISTINCT {_SUPPORT} FROM new ANTI JOIN before USING ({_SUPPORT});
CREATE VIEW removed AS SELECT DISTINCT {_SUPPORT} FROM old ANTI JOIN after USING ({_SUPPORT});
CREATE VIEW quads_added AS SELECT DISTINCT {_QUAD} FROM new ANTI JOIN before USING ({_QUAD});
CREATE VIEW quads_removed AS SELECT DISTINCT {_QUAD} FROM old ANTI JOIN after USING ({_QUAD});
CREATE VIEW touched AS SELECT DISTINCT subject FROM (SELECT subject FROM added UNION ALL SELECT subject FROM removed);
"""


def _entities(relation: str, part: int, parts: int) -> str:
    def distinct(column: str, condition: str) -> str:
        # Cheaper than DISTINCT aggregates, each of which keeps a hash table of its own.
        return f"list_sort(list_distinct(coalesce(list({column}) FILTER ({condition}), [])))"

    return f"""
        SELECT subject AS iri,
               coalesce(min(object) FILTER (predicate = {sql_text(RDFS_LABEL)}), subject) AS label,
               {distinct("object", f"predicate = {sql_text(RDF_TYPE)}")} AS types,
               array_to_string({distinct("object", "datatype <> ''")}, ' ') AS text,
               {distinct("source", "source <> ''")} AS sources,
               {distinct("graph", "true")} AS graphs
        FROM {relation}
        WHERE hash(subject) % {parts} = {part}
        GROUP BY subject
    """


def _chained(readers: Iterator[pa.RecordBatchReader]) -> pa.RecordBatchReader:
    first = next(readers)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from first
        for reader in readers:
            yield from reader

    return pa.RecordBatchReader.from_batches(first.schema, batches())


def _scan(files: list[str]) -> str:
    if files:
        return f"SELECT {_SUPPORT} FROM {engine.scan(files)}"
    columns = ", ".join(
        f'NULL::{"FLOAT" if pa.types.is_float32(column.type) else "VARCHAR"} AS "{column.name}"' for column in FACTS
    )
    return f"SELECT {columns} WHERE false"
