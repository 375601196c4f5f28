"""Facts of claims: what a sentence states about a record, with the page and the words as provenance."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bifrost.digests import digest_of
from bifrost.iris import XSD, XSD_STRING, sql_text
from bifrost.model import LinkType, RuleKind, Table
from linker.assembly.writing import Assembly, Sentence, table_inputs

_DATE = r"\d{4}-\d{2}-\d{2}"


def assemble_claims(assembly: Assembly, link_types: Sequence[LinkType], linked: pa.Table) -> None:
    """Add a unit per accepted type of link that texts state; a table that is gone takes its links with it."""
    for link_type in link_types:
        if link_type.rule.kind is RuleKind.CLAIM:
            _assemble_type(assembly, link_type, _of_type(linked, link_type.found))


def _assemble_type(assembly: Assembly, link_type: LinkType, stated: pa.Table) -> None:
    found = link_type.found
    start = assembly.tables.get(f"{found.start.source}/{found.start.table}")
    end = assembly.tables.get(f"{found.end.source}/{found.end.table}")
    if start is None or (end is None and found.end.table):
        return
    graph = assembly.namer.graph([table.source for table in (start, end) if table])
    given = [
        *table_inputs(assembly, start),
        *(table_inputs(assembly, end) if end else []),
        [link_type.name, digest_of(stated.to_pydict()), *(["turned"] if link_type.rule.turned else [])],
    ]
    sources = sorted(set(stated["source"].to_pylist()))

    def compute(connection: Any) -> str:
        connection.register("stated", stated)
        assembly.records(connection, start, "subjects")
        if end:
            assembly.records(connection, end, "objects")
        return " UNION ALL ".join(_sentence(assembly, link_type, graph, source, end) for source in sources)

    if sources:
        assembly.write_links(link_type, graph, given, compute)


def _sentence(assembly: Assembly, link_type: LinkType, graph: str, source: str, end: Table | None) -> str:
    known = "stated c JOIN subjects s ON s._row = c.from_row"
    of_source = f"WHERE c.source = {sql_text(source)}"
    is_date = f"regexp_full_match(c.value, '{_DATE}')"
    sentence = Sentence(
        graph=graph,
        subject="s._iri",
        predicate=sql_text(assembly.namer.link(link_type.name)),
        object="o._iri" if end else "c.value",
        datatype="''" if end else f"CASE WHEN {is_date} THEN {sql_text(XSD + 'date')} ELSE {sql_text(XSD_STRING)} END",
        source=source,
        item="c.item",
        place="c.place || ', \"' || c.said || '\"'",
        method="claim",
        confidence="c.confidence",
        origin=f"{known} JOIN objects o ON o._row = c.to_row {of_source} AND s._iri <> o._iri"
        if end
        else f"{known} {of_source}",
    )
    return sentence.led(link_type).sql()


def _of_type(linked: pa.Table, link_type: LinkType) -> pa.Table:
    """Give the claims of a type; a value's kind stands in the field of its end."""
    datatype = "" if link_type.end.table else link_type.end.fields[0]
    return linked.filter(
        (pc.field("relation") == link_type.rule.transform)
        & (pc.field("from_source") == link_type.start.source)
        & (pc.field("from_table") == link_type.start.table)
        & (pc.field("to_source") == link_type.end.source)
        & (pc.field("to_table") == link_type.end.table)
        & (pc.field("datatype") == datatype)
    )
