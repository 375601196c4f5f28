"""Facts of things that texts name and no record describes: their kind, their name, and where it stands."""

from typing import Any

import pyarrow as pa

from bifrost.digests import digest_of
from bifrost.iris import RDF_TYPE, RDFS_LABEL, XSD_STRING, sql_quoted, sql_text
from linker.assembly.documents import document_iri
from linker.assembly.writing import Assembly, Sentence

MENTIONS = "mentions"
_CLASSES = {"ORG": "Organisation", "PERSON": "Person"}


def assemble_names(assembly: Assembly, source: str, names: pa.Table) -> None:
    """Add the unit of a source's unknown names (`linker.mentions.unknown.UNKNOWN`)."""
    if not names.num_rows:
        return
    namer, graph = assembly.namer, assembly.namer.graph([source])
    head = sql_text(namer.record(source, "names", ""))
    iri = f"{head} || lower(label) || '%20' || {sql_quoted('name')}"
    kinds = " ".join(f"WHEN {sql_text(label)} THEN {sql_text(namer.term(kind))}" for label, kind in _CLASSES.items())
    columns = [
        (iri, RDF_TYPE, f"CASE label {kinds} ELSE {sql_text(namer.term('Thing'))} END", ""),
        (iri, RDFS_LABEL, "first(text) OVER (PARTITION BY label, name ORDER BY text)", XSD_STRING),
        (document_iri(assembly, source), namer.link(MENTIONS), iri, ""),
    ]

    def compute(connection: Any) -> str:
        connection.register("named", names)
        return " UNION ALL ".join(
            Sentence(
                graph=graph,
                subject=subject,
                predicate=sql_text(predicate),
                object=expression,
                datatype=sql_text(datatype),
                source=source,
                item="item",
                place="place || ', \"' || text || '\"'",
                method="mention",
                confidence="confidence",
                origin="named",
            ).sql()
            for subject, predicate, expression, datatype in columns
        )

    assembly.write(f"names:{source}", graph, [digest_of(names.to_pydict())], compute)
