"""Facts of links between records whose values meet: a reference, an equal value, or similar words."""

from typing import Any

from bifrost.iris import sql_text
from bifrost.model import LinkType, RuleKind
from linker.assembly.records import place_of
from linker.assembly.writing import Assembly, Sentence, table_inputs
from linker.references.links import reference_links

FIELD_RULES = (RuleKind.REFERENCE, RuleKind.SAME_VALUE, RuleKind.SIMILAR)


def assemble_references(assembly: Assembly, link_type: LinkType) -> None:
    """Add the unit of an accepted rule between fields; a table that is gone takes its links with it."""
    found = link_type.found
    start = assembly.tables.get(f"{found.start.source}/{found.start.table}")
    end = assembly.tables.get(f"{found.end.source}/{found.end.table}")
    if start is None or end is None:
        return
    graph = assembly.namer.graph([start.source, end.source])
    # The evidence for the type moves with every row; what a link promises is the precision it was let in with.
    confidence = 1.0 if link_type.decided else assembly.project.settings.linking.precision
    given = [
        *table_inputs(assembly, start),
        *table_inputs(assembly, end),
        [link_type.name, found.start.fields, found.end.fields, *_rule(link_type)],
        confidence,
    ]

    def compute(connection: Any) -> str:
        rows = reference_links(assembly.project, assembly.tables, found.start, found.end, found.rule)
        connection.register("linked", rows)
        assembly.records(connection, start, "start_records")
        assembly.records(connection, end, "end_records")
        sentence = Sentence(
            graph=graph,
            subject="s._iri",
            predicate=sql_text(assembly.namer.link(link_type.name)),
            object="e._iri",
            source=start.source,
            item="l.from_item",
            place=f"{place_of(start, 's.')} || {sql_text(', ' + '+'.join(found.start.fields))}",
            method=f"{link_type.rule.kind.value}:{link_type.rule.transform}",
            confidence=str(confidence),
            origin="linked l JOIN start_records s ON s._row = l.from_row JOIN end_records e ON e._row = l.to_row "
            "WHERE s._iri <> e._iri",
        )
        return sentence.led(link_type).sql()

    assembly.write_links(link_type, graph, given, compute)


def _rule(link_type: LinkType) -> list[object]:
    rule = link_type.rule
    usual = rule.kind is RuleKind.REFERENCE and not rule.turned
    return [rule.transform] if usual else [rule.transform, rule.kind.value, rule.turned]
