"""Snapshots of the graph and the change sets between them.

A snapshot maps units (the rows of a table, the links of a type, a document folder) to staged batches of facts.
Each unit lies in exactly one named graph. Any two snapshots give a change set, so that a projection needs to
remember one thing: the digest of the snapshot that it shows. Rebuilding is the change set from nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa

from bifrost.iris import RDF_TYPE, RDFS_LABEL
from bifrost.schemas import FACTS, QUAD
from bifrost.staging import Staging

_QUAD = ", ".join(f'"{name}"' for name in QUAD)


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

    All batches come from DuckDB over the changed units only, streamed.
    """

    staging: Staging
    origin: Snapshot
    target: Snapshot

    @property
    def empty(self) -> bool:
        """Tell whether both snapshots hold the same facts."""
        return not self._changed

    def quads_added(self) -> pa.RecordBatchReader:
        """Give quads (`bifrost.schemas.QUAD`) that get their first support."""
        return self._read(f"SELECT DISTINCT {_QUAD} FROM added ANTI JOIN before USING ({_QUAD})")

    def quads_removed(self) -> pa.RecordBatchReader:
        """Give quads that lose their last support."""
        return self._read(f"SELECT DISTINCT {_QUAD} FROM removed ANTI JOIN after USING ({_QUAD})")

    def supports_added(self) -> pa.RecordBatchReader:
        """Give new supports (`bifrost.schemas.FACTS`)."""
        return self._read("SELECT * FROM added")

    def supports_removed(self) -> pa.RecordBatchReader:
        """Give supports that are gone."""
        return self._read("SELECT * FROM removed")

    def counts(self) -> dict[str, int]:
        """Count the quads that appear and disappear."""
        return {
            "added": sum(batch.num_rows for batch in self.quads_added()),
            "removed": sum(batch.num_rows for batch in self.quads_removed()),
        }

    def entities_changed(self) -> pa.RecordBatchReader:
        """Give every subject with a changed fact as it is now.

        Columns: iri, label, types (list of IRIs), text (its literals joined), sources (list), graphs (list).
        """
        return self._read(
            f"""
            SELECT subject AS iri,
                   coalesce(min(object) FILTER (predicate = '{RDFS_LABEL}'), subject) AS label,
                   coalesce(list_sort(list(DISTINCT object) FILTER (predicate = '{RDF_TYPE}')), []) AS types,
                   coalesce(string_agg(DISTINCT object, ' ' ORDER BY object) FILTER (datatype <> ''), '') AS text,
                   list_sort(list(DISTINCT source)) AS sources,
                   list_sort(list(DISTINCT graph)) AS graphs
            FROM all_after SEMI JOIN touched USING (subject)
            GROUP BY subject
            """
        )

    def entities_gone(self) -> pa.RecordBatchReader:
        """Give the IRIs (column iri) of subjects that have no fact any more."""
        return self._read("SELECT subject AS iri FROM touched ANTI JOIN all_after USING (subject)")

    @cached_property
    def _changed(self) -> tuple[str, ...]:
        before, after = self.origin.units, self.target.units
        return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))

    def _read(self, query: str) -> pa.RecordBatchReader:
        connection = duckdb.connect(config={"preserve_insertion_order": False})
        for name, files in self._relations().items():
            connection.execute(f"CREATE VIEW {name}_files AS {_scan(files)}")
        connection.execute(_DERIVED)
        return connection.sql(query).to_arrow_reader(65_536)

    def _relations(self) -> dict[str, list[str]]:
        before, after = self.origin.units, self.target.units
        graphs = {each[name].graph for each in (before, after) for name in self._changed if name in each}
        return {
            "old": self._files(before, self._changed),
            "new": self._files(after, self._changed),
            "before": self._files(before, [name for name, unit in before.items() if unit.graph in graphs]),
            "after": self._files(after, [name for name, unit in after.items() if unit.graph in graphs]),
            "all_after": self._files(after, list(after)),
        }

    def _files(self, units: Mapping[str, Unit], names: Any) -> list[str]:
        return self.staging.paths(dict.fromkeys(units[name].facts for name in names if name in units))


_DERIVED = f"""
CREATE VIEW before AS SELECT {_QUAD} FROM before_files;
CREATE VIEW after AS SELECT {_QUAD} FROM after_files;
CREATE VIEW all_after AS FROM all_after_files;
CREATE VIEW added AS FROM new_files EXCEPT FROM old_files;
CREATE VIEW removed AS FROM old_files EXCEPT FROM new_files;
CREATE VIEW touched AS SELECT DISTINCT subject FROM (FROM added UNION ALL FROM removed);
"""


def _scan(files: list[str]) -> str:
    if files:
        return f"SELECT * FROM read_parquet({files!r})"
    columns = ", ".join(
        f'NULL::{"FLOAT" if pa.types.is_float32(column.type) else "VARCHAR"} AS "{column.name}"' for column in FACTS
    )
    return f"SELECT {columns} WHERE false"
