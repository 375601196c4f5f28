"""Provenance of facts as plain reified statements, which every RDF store reads."""

from collections.abc import Callable

from bifrost.iris import RDF_TYPE, XSD, XSD_STRING, Namer, sql_quoted, sql_text
from graph_store.triples import terms

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DERIVED_FROM = "http://www.w3.org/ns/prov#wasDerivedFrom"
STATEMENT, SUBJECT, PREDICATE, OBJECT = (RDF + name for name in ("Statement", "subject", "predicate", "object"))
PLAIN_PLACE = "row"
"""A place that starts so is a row of a table, found through the graph of its source; it gets no statement."""
PLAIN_PLACES = ("document", "schema")
"""Facts about a document as a whole, and about the vocabulary, say themselves where they come from."""


def statements(namer: Namer, supports: str, write: Callable[[str, str], str]) -> str:
    """Give the SQL that yields `line`, one per quad of the statements about the supports worth one.

    Those are facts read from documents, uncertain facts, and links. `write` makes the line of a triple and a graph.
    """
    graph = sql_text(f"<{namer.special_graph('provenance')}>")
    parts = ", ".join(f"{sql_text(f'<{predicate}> ')} || {value}" for predicate, value in _columns(namer))
    return f"""
        SELECT {write(f"{terms.iri('node')} || ' ' || part", graph)} AS line
        FROM (
            SELECT node, unnest([{parts}]) AS part
            FROM (
                SELECT *, {_node(namer)} AS node
                FROM {supports} WHERE ({_worth_one(namer)}) AND {terms.valid()}
            )
        )
        WHERE part IS NOT NULL
    """


def _worth_one(namer: Namer) -> str:
    link = sql_text(namer.link("x")[:-1])
    plain = f"starts_with(place, '{PLAIN_PLACE}') OR place IN {PLAIN_PLACES}"
    return f"NOT ({plain}) OR confidence < 1 OR starts_with(predicate, {link})"


def _node(namer: Namer) -> str:
    columns = ("graph", "subject", "predicate", "object", "datatype", "source", "item", "place", "method")
    joined = " || chr(0) || ".join((*columns, "CAST(confidence AS VARCHAR)"))
    return f"{sql_text(f'{namer.base}provenance/')} || md5({joined})"


def _columns(namer: Namer) -> list[tuple[str, str]]:
    item = f"{sql_text(namer.document('', '')[:-1])} || {sql_quoted('source')} || '/' || {sql_quoted('item')}"
    written = sql_text(XSD_STRING)
    return [
        (RDF_TYPE, sql_text(f"<{STATEMENT}>")),
        (SUBJECT, terms.iri("subject")),
        (PREDICATE, terms.iri("predicate")),
        (OBJECT, terms.term("object", "datatype")),
        (DERIVED_FROM, f"CASE WHEN item <> '' THEN {terms.iri(item)} END"),
        (namer.term("source"), terms.literal("source", written)),
        (namer.term("place"), terms.literal("place", written)),
        (namer.term("method"), terms.literal("method", written)),
        (namer.term("confidence"), terms.literal("CAST(round(confidence, 4) AS VARCHAR)", sql_text(XSD + "decimal"))),
    ]
