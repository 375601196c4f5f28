"""Facts of merged records: the record's own name stays and points to the entity it became part of."""

from typing import Any

from bifrost.iris import SAME_AS, sql_text
from bifrost.model import Table
from linker.assembly.writing import Assembly, Sentence, table_inputs

UNIT = "redirects:"
"""How the names of these units begin; the table's follows."""


def assemble_redirects(assembly: Assembly, table: Table) -> None:
    """Add the unit that redirects a table's merged records."""
    if not assembly.merged(table).num_rows:
        return
    graph = assembly.namer.graph([table.source])

    def compute(connection: Any) -> str:
        assembly.records(connection, table, "records")
        own = assembly.namer.sql_record(table.source, table.name, "_row")
        return Sentence(
            graph=graph,
            subject=own,
            predicate=sql_text(SAME_AS),
            object="_iri",
            source=table.source,
            item="_item",
            place="'row ' || _row",
            method="resolution",
            origin=f"records WHERE _iri <> {own}",
        ).sql()

    assembly.write(f"{UNIT}{table.id}", graph, table_inputs(assembly, table), compute)
