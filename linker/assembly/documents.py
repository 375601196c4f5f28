"""Facts of documents and of the things that they mention."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bifrost import engine
from bifrost.digests import digest_of
from bifrost.extraction import Documents
from bifrost.iris import RDF_TYPE, RDFS_LABEL, XSD, XSD_STRING, sql_quoted, sql_text
from bifrost.model import LinkType, RuleKind
from linker.assembly.writing import Assembly, Sentence, table_inputs


def assemble_documents(assembly: Assembly, source: str, found: Documents) -> None:
    """Add the unit of a source's documents: type, title, path, media type, pages and text."""
    graph = assembly.namer.graph([source])
    iri = document_iri(assembly, source)

    def compute(connection: Any) -> str:
        paths = assembly.project.staging.paths(found.documents)
        connection.execute(f"CREATE VIEW documents AS FROM {engine.scan(paths)}")
        columns = [
            (RDF_TYPE, sql_text(assembly.namer.term("Document")), ""),
            (RDFS_LABEL, "coalesce(nullif(title, ''), item)", XSD_STRING),
            (assembly.namer.term("path"), "item", XSD_STRING),
            (assembly.namer.term("mediaType"), "media_type", XSD_STRING),
            (assembly.namer.term("pages"), "CAST(pages AS VARCHAR)", XSD + "integer"),
            (assembly.namer.term("text"), "text", XSD_STRING),
        ]
        return " UNION ALL ".join(
            Sentence(
                graph=graph,
                subject=iri,
                predicate=sql_text(predicate),
                object=expression,
                datatype=sql_text(datatype),
                source=source,
                item="item",
                place="'document'",
                method="extracted",
                origin="documents",
            ).sql()
            for predicate, expression, datatype in columns
        )

    assembly.write(f"documents:{source}", graph, list(found.documents), compute)


def assemble_mentions(assembly: Assembly, link_types: Sequence[LinkType], mentions: pa.Table, precision: float) -> None:
    """Add a unit per accepted type of mention.

    A thing is mentioned by a document once, however many records describe it: the first type in the given order
    wins. What a form or table of the same document refers to by a field is not a mention on top.
    """
    settled = list(_referred(assembly, link_types))
    for link_type in link_types:
        if link_type.rule.kind is RuleKind.MENTION and _target(assembly, link_type.found):
            _assemble_type(assembly, link_type, _chosen(mentions, link_type.found, precision), settled)
            settled.append(f"links:{link_type.proposal}")


def _assemble_type(assembly: Assembly, link_type: LinkType, mentions: pa.Table, settled: list[str]) -> None:
    source = link_type.found.start.source
    table = assembly.tables[_target(assembly, link_type.found)]
    graph = assembly.namer.graph([source, table.source])
    earlier = [assembly.units[name].facts for name in settled if name in assembly.units]
    given = [
        *table_inputs(assembly, table),
        [link_type.name, digest_of(mentions.to_pydict()), *(["turned"] if link_type.rule.turned else [])],
        earlier,
    ]

    def compute(connection: Any) -> str:
        connection.register("mentioned", mentions)
        assembly.records(connection, table, "things")
        sentence = Sentence(
            graph=graph,
            subject=document_iri(assembly, source, "m.item"),
            predicate=sql_text(assembly.namer.link(link_type.name)),
            object="t._iri",
            source=source,
            item="m.item",
            place="m.place || ', \"' || m.text || '\"'",
            method="mention",
            confidence="m.probability",
            origin="mentioned m JOIN things t ON t._row = m.to_row",
        )
        sql = sentence.led(link_type).sql()
        if not earlier:
            return sql
        thing = "subject" if link_type.rule.turned else "object"
        paths = assembly.project.staging.paths(earlier)
        return (
            f"SELECT f.* FROM ({sql}) f ANTI JOIN (SELECT source, item, object FROM {engine.scan(paths)}) e "
            f"ON e.source = f.source AND e.item = f.item AND e.object = f.{thing}"
        )

    assembly.write_links(link_type, graph, given, compute)


def _referred(assembly: Assembly, link_types: Sequence[LinkType]) -> list[str]:
    return [f"links:{each.proposal}" for each in link_types if each.rule.kind is RuleKind.REFERENCE]


def _chosen(mentions: pa.Table, link_type: LinkType, precision: float) -> pa.Table:
    return mentions.filter(
        (pc.field("source") == link_type.start.source)
        & (pc.field("to_source") == link_type.end.source)
        & (pc.field("to_table") == link_type.end.table)
        & (pc.field("probability") >= precision)
    )


def _target(assembly: Assembly, link_type: LinkType) -> str:
    name = f"{link_type.end.source}/{link_type.end.table}"
    return name if name in assembly.tables else ""


def document_iri(assembly: Assembly, source: str, item: str = "item") -> str:
    """Give the SQL that names the documents of a source; `item` is an expression."""
    return f"{sql_text(assembly.namer.document(source, ''))} || {sql_quoted(item)}"
