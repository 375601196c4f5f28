"""Builds snapshots of a graph from plain rows, as the link stage leaves them, without linking anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bifrost.iris import RDF_TYPE, RDFS_LABEL, XSD, XSD_STRING, Namer
from bifrost.model import Proposal, Route
from bifrost.project import Project
from bifrost.review import store_routes
from bifrost.schemas import FACTS
from bifrost.snapshots import Snapshot, Unit

NAMER = Namer("https://graph.example.org/")


@dataclass(frozen=True, slots=True)
class Fact:
    """One support; short names become IRIs under the base of tests."""

    subject: str
    predicate: str
    object: str
    datatype: str = XSD_STRING
    source: str = "shop"
    item: str = "orders.csv"
    place: str = "row 1"
    method: str = "extracted"
    confidence: float = 1.0
    graph: str = ""

    def row(self) -> dict[str, Any]:
        """Give the row of `bifrost.schemas.FACTS`."""
        return {
            "graph": self.graph or NAMER.graph([self.source]),
            "subject": self.subject,
            "predicate": self.predicate,
            "object": self.object,
            "datatype": self.datatype,
            "source": self.source,
            "item": self.item,
            "place": self.place,
            "method": self.method,
            "confidence": self.confidence,
        }


def entity(name: str, source: str = "shop", table: str = "orders") -> str:
    """Name an entity."""
    return NAMER.record(source, table, name)


def typed(subject: str, source: str = "shop", table: str = "orders", **place: Any) -> Fact:
    """State the class of an entity."""
    return Fact(subject, RDF_TYPE, NAMER.type(source, table), "", source, **place)


def labelled(subject: str, label: str, source: str = "shop", **place: Any) -> Fact:
    """State the label of an entity."""
    return Fact(subject, RDFS_LABEL, label, XSD_STRING, source, **place)


def valued(
    subject: str, field: str, value: object, datatype: str = "string", source: str = "shop", **place: Any
) -> Fact:
    """State a value of an entity; `datatype` is a name of XML Schema."""
    return Fact(subject, NAMER.property(source, field), str(value), XSD + datatype, source, **place)


def linked(start: str, name: str, end: str, sources: Iterable[str] = ("shop",), **place: Any) -> Fact:
    """State a link between two entities, in the graph of the sources that it joins."""
    joined = tuple(sources)
    return Fact(start, NAMER.link(name), end, "", **{"source": joined[0], "graph": NAMER.graph(joined), **place})


def facts_table(facts: Iterable[Fact]) -> pa.Table:
    """Give facts as a table of `bifrost.schemas.FACTS`."""
    return pa.Table.from_pylist([fact.row() for fact in facts], FACTS)


def snapshot_of(
    project: Project, units: Mapping[str, Iterable[Fact]], routed: Sequence[tuple[Proposal, Route]] = ()
) -> Snapshot:
    """Stage a snapshot with routed proposals; every unit's facts must lie in one graph."""
    staged = {}
    for name, facts in units.items():
        rows = facts_table(facts).sort_by([("subject", "ascending"), ("predicate", "ascending")])
        (graph,) = set(rows["graph"].to_pylist())
        staged[name] = Unit(graph, project.staging.put_table(rows).digest, rows.num_rows)
    proposals = store_routes(project, routed) if routed else ""
    return Snapshot.store(project.staging, staged, identity="", proposals=proposals)
