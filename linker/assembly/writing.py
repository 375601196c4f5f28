"""Writing units: a unit whose inputs did not change is not computed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.digests import digest_of
from bifrost.iris import Namer, sql_text
from bifrost.model import LinkType, Table
from bifrost.project import Project
from bifrost.schemas import FACTS
from bifrost.snapshots import Unit

VERSION = 4
"""Part of every unit's input: raise it whenever the facts of the same input may differ."""

_COLUMNS = ", ".join(f'"{name}"' for name in FACTS.names)


@dataclass(frozen=True, slots=True)
class Sentence:
    """SQL expressions for the columns of facts; `origin` is the relation that they read."""

    graph: str
    subject: str
    predicate: str
    object: str
    source: str
    item: str
    place: str
    method: str
    origin: str
    datatype: str = "''"
    confidence: str = "1.0"

    def led(self, link_type: LinkType) -> "Sentence":
        """Give the sentence in the direction that the link type has: a turned one leads to where it was found."""
        return replace(self, subject=self.object, object=self.subject) if link_type.rule.turned else self

    def sql(self) -> str:
        """Give the SELECT that yields these facts; facts without an object are none."""
        return (
            f"SELECT {sql_text(self.graph)} AS graph, {self.subject} AS subject, {self.predicate} AS predicate, "
            f"{self.object} AS object, {self.datatype} AS datatype, {sql_text(self.source)} AS source, "
            f"{self.item} AS item, {self.place} AS place, {sql_text(self.method)} AS method, "
            f"CAST({self.confidence} AS FLOAT) AS confidence FROM {self.origin}"
        )


@dataclass
class Assembly:
    """What all units of one link share: the project, its tables, and which records were merged."""

    project: Project
    tables: Mapping[str, Table]
    identity: pa.Table
    units: dict[str, Unit] = field(default_factory=dict)
    denied: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """IRI of a link type -> the single links (subject, object) that people rejected."""

    @property
    def namer(self) -> Namer:
        """Name things as the project does."""
        return self.project.namer

    def merged(self, table: Table) -> pa.Table:
        """Give row -> iri of the merged records of one table."""
        import pyarrow.compute as pc

        of_table = (pc.field("source") == table.source) & (pc.field("table") == table.name)
        return self.identity.filter(of_table).select(["row", "iri"])

    def connect(self) -> Any:
        """Open the set engine."""
        return engine.connect(self.project.cache_folder("spill"))

    def records(self, connection: Any, table: Table, name: str) -> None:
        """Make a view of a table's records with `_iri`, the entity that each stands for."""
        merged = f"{name}_merged"
        connection.register(merged, self.merged(table))
        own = self.namer.sql_record(table.source, table.name, "r._row")
        connection.execute(
            f"CREATE OR REPLACE VIEW {name} AS SELECT r.*, coalesce(m.iri, {own}) AS _iri "
            f"FROM {engine.scan(self.project.staging.paths(table.batches))} r LEFT JOIN {merged} m ON m.row = r._row"
        )

    def write(self, name: str, graph: str, given: Any, compute: Any) -> None:
        """Add a unit: `compute(connection)` gives the SQL of its facts, asked for only when `given` changed."""
        catalog, staging = self.project.catalog, self.project.staging
        digest = digest_of([VERSION, self.namer.base, graph, given])
        known = catalog.checkpoint("link", name, digest)
        if known is None or not staging.has(known.split()[0]):
            known = self._stage(compute)
            catalog.finish_unit("link", name, digest, known)
        facts, rows = known.split()
        if int(rows):
            self.units[name] = Unit(graph, facts, int(rows))

    def write_links(self, link_type: LinkType, graph: str, given: Any, compute: Any) -> None:
        """Add the unit of a link type's links, without the single links that people rejected."""
        name, denied = f"links:{link_type.proposal}", self.denied.get(self.namer.link(link_type.name), ())
        if not denied:
            self.write(name, graph, given, compute)
            return

        def remaining(connection: Any) -> str:
            rows = {"subject": [pair[0] for pair in denied], "object": [pair[1] for pair in denied]}
            connection.register("denied", pa.table(rows))
            return f"SELECT f.* FROM ({compute(connection)}) f ANTI JOIN denied USING (subject, object)"

        self.write(name, graph, [given, sorted(denied)], remaining)

    def _stage(self, compute: Any) -> str:
        connection = self.connect()
        order = ", ".join(f'"{name}"' for name in ("subject", "predicate", "object", "item", "place", "datatype"))
        # Sorted, so that equal facts give equal bytes and a point look-up reads one row group.
        query = (
            f"SELECT DISTINCT {_COLUMNS} FROM ({compute(connection)}) WHERE object <> '' ORDER BY {order}, confidence"
        )
        stored = self.project.staging.put_table(connection.sql(query).to_arrow_reader(65_536))
        connection.close()
        return f"{stored.digest} {stored.rows}"


def table_inputs(assembly: Assembly, table: Table) -> list[Any]:
    """Give what the facts of a table's records depend on."""
    merged = assembly.merged(table)
    return [table.id, list(table.batches), list(table.fields), sorted(zip(*merged.to_pydict().values(), strict=True))]
