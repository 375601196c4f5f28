"""Facts of reference links: a record names another by a value, perhaps written differently."""

from typing import Any

from bifrost.iris import sql_text
from bifrost.model import LinkType
from linker.assembly.records import place_of
from linker.assembly.writing import Assembly, Sentence, table_inputs
from linker.references.links import reference_links


def assemble_references(assembly: Assembly, link_type: LinkType) -> None:
    """Add the unit of an accepted reference; a table that is gone takes its links with it."""
    start = assembly.tables.get(f"{link_type.start.source}/{link_type.start.table}")
    end = assembly.tables.get(f"{link_type.end.source}/{link_type.end.table}")
    if start is None or end is None:
        return
    graph = assembly.namer.graph([start.source, end.source])
    # The evidence for the type moves with every row; what a link promises is the precision it was let in with.
    confidence = 1.0 if link_type.decided else assembly.project.settings.linking.precision
    given = [
        *table_inputs(assembly, start),
        *table_inputs(assembly, end),
        [link_type.name, link_type.start.fields, link_type.end.fields, link_type.rule.transform],
        confidence,
    ]

    def compute(connection: Any) -> str:
        rows = reference_links(assembly.project, assembly.tables, link_type.start, link_type.end, link_type.rule)
        connection.register("linked", rows)
        assembly.records(connection, start, "start_records")
        assembly.records(connection, end, "end_records")
        return Sentence(
            graph=graph,
            subject="s._iri",
            predicate=sql_text(assembly.namer.link(link_type.name)),
            object="e._iri",
            source=start.source,
            item="l.from_item",
            place=f"{place_of(start, 's.')} || {sql_text(', ' + '+'.join(link_type.start.fields))}",
            method=f"reference:{link_type.rule.transform}",
            confidence=str(confidence),
            origin="linked l JOIN start_records s ON s._row = l.from_row JOIN end_records e ON e._row = l.to_row "
            "WHERE s._iri <> e._iri",
        ).sql()

    assembly.write(f"links:{link_type.proposal}", graph, given, compute)
