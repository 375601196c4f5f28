"""Facts that no batch of records yields: people's assertions, and the graph's own vocabulary."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from bifrost.iris import RDF_TYPE, RDFS_LABEL, XSD_STRING, Namer
from bifrost.model import Decision, LinkType, Proposal, ProposalKind, RuleKind, Table, Verdict
from bifrost.schemas import FACTS
from linker.assembly.writing import Assembly

OWL = "http://www.w3.org/2002/07/owl#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"


def assemble_assertions(assembly: Assembly, decisions: Iterable[Decision]) -> None:
    """Add the links that people asserted or confirmed one by one."""
    rows = [
        (
            decision.proposal.start.iri,
            assembly.namer.link(_claimed(decision)),
            decision.proposal.end.iri,
            "",
            f"decision {decision.seq}",
        )
        for decision in decisions
        if _is_accepted_claim(decision)
    ]
    _write(assembly, "assertions", assembly.namer.special_graph("decisions"), rows, method="decision")


def assemble_ontology(
    assembly: Assembly,
    link_types: Sequence[LinkType],
    same_fields: Sequence[Proposal],
    decisions: Iterable[Decision],
) -> None:
    """Add classes, properties and link types with their labels, ends and equivalences."""
    namer = assembly.namer
    rows: list[tuple[str, str, str, str, str]] = [
        *_named(namer.term("Document"), OWL + "Class", "Document"),
    ]
    for table in assembly.tables.values():
        rows += _of_table(assembly, table)
    for link_type in link_types:
        kind = "DatatypeProperty" if _leads_to_values(link_type) else "ObjectProperty"
        rows += _named(namer.link(link_type.name), OWL + kind, link_type.name)
        if link_type.start.table:  # documents and values have no table
            rows.append(_plain(namer.link(link_type.name), RDFS + "domain", _class(assembly, link_type.start)))
        if link_type.end.table:
            rows.append(_plain(namer.link(link_type.name), RDFS + "range", _class(assembly, link_type.end)))
    for decision in decisions:
        if _is_accepted_claim(decision):
            rows += _named(namer.link(_claimed(decision)), OWL + "ObjectProperty", _claimed(decision))
    for same in same_fields:
        left, right = (namer.property(end.source, end.fields[0]) for end in (same.start, same.end))
        if left != right:
            rows.append(_plain(left, OWL + "equivalentProperty", right))
    _write(assembly, "ontology", namer.special_graph("ontology"), rows, method="schema")


def _leads_to_values(link_type: LinkType) -> bool:
    return link_type.rule.kind is RuleKind.CLAIM and not link_type.end.table


def denied_links(namer: Namer, decisions: Iterable[Decision]) -> dict[str, list[tuple[str, str]]]:
    """Give link type's IRI -> the single links (subject, object) that people rejected, whatever rule yields them."""
    denied: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for decision in decisions:
        if decision.proposal.kind is ProposalKind.CLAIM and decision.verdict is Verdict.REJECT:
            ends = (decision.proposal.start.iri, decision.proposal.end.iri)
            denied[namer.link(_claimed(decision))].append(ends)
    return dict(denied)


def _is_accepted_claim(decision: Decision) -> bool:
    return decision.proposal.kind is ProposalKind.CLAIM and decision.verdict is Verdict.ACCEPT


def _claimed(decision: Decision) -> str:
    return decision.name or decision.proposal.name


def _of_table(assembly: Assembly, table: Table) -> list[tuple[str, str, str, str, str]]:
    namer = assembly.namer
    rows = _named(namer.type(table.source, table.name), OWL + "Class", table.name)
    for field in table.fields:
        rows += _named(namer.property(table.source, field), OWL + "DatatypeProperty", field)
    return rows


def _named(subject: str, kind: str, label: str) -> list[tuple[str, str, str, str, str]]:
    return [_plain(subject, RDF_TYPE, kind), (subject, RDFS_LABEL, label, XSD_STRING, "schema")]


def _plain(subject: str, predicate: str, target: str) -> tuple[str, str, str, str, str]:
    return subject, predicate, target, "", "schema"


def _class(assembly: Assembly, end: Any) -> str:
    return assembly.namer.type(end.source, end.table)


def _write(
    assembly: Assembly, unit: str, graph: str, rows: Sequence[tuple[str, str, str, str, str]], *, method: str
) -> None:
    unique = sorted(set(rows))

    def compute(connection: Any) -> str:
        columns = list(zip(*unique, strict=True))
        count = len(unique)
        arrays = [
            [graph] * count,
            *columns[:4],
            [""] * count,
            [""] * count,
            columns[4],
            [method] * count,
            [1.0] * count,
        ]
        connection.register("stated", pa.table(arrays, schema=FACTS))
        return "SELECT * FROM stated"

    if unique:
        assembly.write(unit, graph, [list(row) for row in unique], compute)
