"""Facts of records: a type, a label, and one literal per filled field."""

from collections.abc import Mapping, Sequence
from typing import Any

from bifrost import engine
from bifrost.iris import ALT_LABEL, RDF_TYPE, RDFS_LABEL, XSD, XSD_STRING, sql_quoted, sql_text
from bifrost.model import ItemKind, Table
from bifrost.schemas import RECORD_COLUMNS
from linker.assembly.writing import Assembly, Sentence, table_inputs

_SYSTEM = {field.name for field in RECORD_COLUMNS} | {"_iri"}
_DATATYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "integer",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "HUGEINT": "integer",
    "UTINYINT": "integer",
    "USMALLINT": "integer",
    "UINTEGER": "integer",
    "UBIGINT": "integer",
    "FLOAT": "double",
    "DOUBLE": "double",
    "DATE": "date",
    "TIMESTAMP": "dateTime",
}


def assemble_records(assembly: Assembly, table: Table, label_field: str, documents: Sequence[str]) -> None:
    """Add the unit of a table's records; those found in one of the documents (staged batches) link to it."""
    graph = assembly.namer.graph([table.source])
    given = [*table_inputs(assembly, table), label_field, list(documents)]

    def compute(connection: Any) -> str:
        assembly.records(connection, table, "records")
        types = _column_types(connection)
        parts = [
            _sentence(
                assembly, table, sql_text(RDF_TYPE), sql_text(assembly.namer.type(table.source, table.name)), "''"
            ),
            _labels(assembly, table, _label(label_field, types)),
            *(_field(assembly, table, name, types[name]) for name in table.fields if types.get(name) != "BLOB"),
        ]
        if documents:
            parts.append(_in_document(assembly, table, documents))
        return " UNION ALL ".join(parts)

    assembly.write(f"table:{table.id}", graph, given, compute)


def place_of(table: Table, alias: str = "") -> str:
    """Give the SQL of a record's place: by key in a database (row numbers move), as found in a file."""
    return f"'row ' || {alias}_row" if table.origin is ItemKind.TABLE else f"{alias}_place"


def _labels(assembly: Assembly, table: Table, label: str) -> str:
    """Name an entity once: by the record that it is named after; what other records call it is an alternative."""
    own = assembly.namer.sql_record(table.source, table.name, "_row")
    predicate = f"CASE WHEN _iri = {own} THEN {sql_text(RDFS_LABEL)} ELSE {sql_text(ALT_LABEL)} END"
    return _sentence(assembly, table, predicate, label, sql_text(XSD_STRING))


def _field(assembly: Assembly, table: Table, name: str, column_type: str) -> str:
    text, datatype = _lexical(engine.identifier(name), column_type)
    place = f"{place_of(table)} || {sql_text(', ' + name)}"
    predicate = sql_text(assembly.namer.property(table.source, name))
    return _sentence(assembly, table, predicate, text, datatype, place)


def _sentence(assembly: Assembly, table: Table, predicate: str, expression: str, datatype: str, place: str = "") -> str:
    return Sentence(
        graph=assembly.namer.graph([table.source]),
        subject="_iri",
        predicate=predicate,
        object=f"coalesce({expression}, '')",
        datatype=datatype,
        source=table.source,
        item="_item",
        place=place or place_of(table),
        method="table" if table.origin is ItemKind.TABLE else "extracted",
        origin="records",
    ).sql()


def _label(field: str, types: Mapping[str, str]) -> str:
    if field in types:
        return f"coalesce(nullif(trim(CAST({engine.identifier(field)} AS VARCHAR)), ''), _row)"
    return "_row"


def _in_document(assembly: Assembly, table: Table, documents: Sequence[str]) -> str:
    known = f"SELECT item FROM {engine.scan(assembly.project.staging.paths(documents))}"
    iri = f"{sql_text(assembly.namer.document(table.source, ''))} || {sql_quoted('_item')}"
    link = _sentence(assembly, table, sql_text(assembly.namer.term("document")), iri, "''")
    return f"{link} WHERE _item IN ({known})"


def _lexical(column: str, column_type: str) -> tuple[str, str]:
    """Give the SQL of a value's text and of its datatype; blank text is no value."""
    text = f"trim(CAST({column} AS VARCHAR))"
    if column_type == "VARCHAR":
        is_date = f"regexp_full_match({text}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') AND try_cast({text} AS DATE) IS NOT NULL"
        return text, f"CASE WHEN {is_date} THEN {sql_text(XSD + 'date')} ELSE {sql_text(XSD_STRING)} END"
    if column_type.startswith("DECIMAL"):
        return text, sql_text(XSD + "decimal")
    if column_type in ("FLOAT", "DOUBLE"):
        return f"CASE WHEN isfinite({column}) THEN {text} END", sql_text(XSD + "double")
    if column_type.startswith("TIMESTAMP"):
        utc = f"make_timestamp(epoch_us({column}))"
        return f"replace(CAST({utc} AS VARCHAR), ' ', 'T')", sql_text(XSD + "dateTime")
    return text, sql_text(XSD + _DATATYPES.get(column_type, "string"))


def _column_types(connection: Any) -> dict[str, str]:
    rows = connection.sql("DESCRIBE records").fetchall()
    return {row[0]: row[1] for row in rows if row[0] not in _SYSTEM}
