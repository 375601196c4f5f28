"""The links of a rule between fields: pairs of rows whose values meet, or whose texts are similar."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from bifrost import engine
from bifrost.engine import identifier
from bifrost.model import End, Rule, RuleKind, Table
from bifrost.project import Project
from bifrost.schemas import ITEM, PLACE, ROW
from linker.references import transforms
from linker.references.similar import similar_sql

LINKS = pa.schema(
    [
        pa.field("from_row", pa.string(), nullable=False),
        pa.field("from_item", pa.string(), nullable=False),
        pa.field("from_place", pa.string(), nullable=False),
        pa.field("to_row", pa.string(), nullable=False),
    ]
)

_ROWS_AT_ONCE = 65_536


def reference_links(
    project: Project, tables: Mapping[str, Table], start: End, end: End, rule: Rule
) -> pa.RecordBatchReader:
    """Stream the linked rows (`LINKS`), ordered by both rows; `tables` maps ids to tables.

    A value that the transformation makes of several targets is ambiguous: a reference links nothing then, equal values
    link all of them.
    """
    from_table, to_table = tables[f"{start.source}/{start.table}"], tables[f"{end.source}/{end.table}"]
    if not from_table.batches or not to_table.batches:
        return LINKS.empty_table().to_reader()
    query = links_sql(
        rule,
        (engine.scan(project.staging.paths(from_table.batches)), start.fields),
        (engine.scan(project.staging.paths(to_table.batches)), end.fields),
    )
    connection = engine.connect(project.cache_folder("spill"))
    reader: pa.RecordBatchReader = connection.sql(query).to_arrow_reader(_ROWS_AT_ONCE)
    return reader


def links_sql(rule: Rule, start: tuple[str, Sequence[str]], end: tuple[str, Sequence[str]]) -> str:
    """Give the query for the linked rows of two relations (SQL), each with the fields that must meet."""
    if rule.kind is RuleKind.SIMILAR:
        return similar_sql(float(rule.transform), (start[0], start[1][0]), (end[0], end[1][0]))
    (from_relation, from_fields), (to_relation, to_fields) = start, end
    from_transform, to_transform = transforms.sides(rule.transform)
    row, item, place = identifier(ROW), identifier(ITEM), identifier(PLACE)
    values = ", ".join(f"v{position}" for position in range(len(from_fields)))
    shared = rule.kind is RuleKind.SAME_VALUE
    one_each = "" if shared else f"GROUP BY {values} HAVING min(to_row) = max(to_row)"
    return f"""
        WITH starts AS (
            SELECT {row} AS from_row, {item} AS from_item, {place} AS from_place, {_values(from_transform, from_fields)}
            FROM {from_relation}
        ), ends AS (
            SELECT {"to_row" if shared else "min(to_row) AS to_row"}, {values}
            FROM (SELECT {row} AS to_row, {_values(to_transform, to_fields)} FROM {to_relation})
            {one_each}
        )
        SELECT from_row, from_item, from_place, to_row
        FROM starts JOIN ends USING ({values})
        ORDER BY from_row, from_item, from_place, to_row
    """


def _values(transform: str, fields: Sequence[str]) -> str:
    return ", ".join(
        f"{transforms.sql(transform, identifier(name))} AS v{position}" for position, name in enumerate(fields)
    )
