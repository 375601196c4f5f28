"""Names in texts that no record bears: things of their own, known by their name until a record of them comes."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.project import Project
from linker.resolution.folding import sql_folded, sql_without_legal_form

UNKNOWN = pa.schema(
    [
        pa.field("item", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),  # ORG, PERSON
        pa.field("name", pa.string(), nullable=False),  # folded: what spellings have in common
        pa.field("confidence", pa.float64(), nullable=False),
    ]
)
"""One row per document and name, where it stands first."""

LABELS = ("ORG", "PERSON")
SUREST_FROM = 0.75
"""A text is a name only from this confidence of who found it."""
FEWEST_LETTERS = 4


def find_unknown(project: Project, connection: Any, mentions: Sequence[str], below: float) -> pa.Table:
    """Give the names (`UNKNOWN`) that no record bears with at least the probability `below`.

    Reads `lines`, `named` and `identified`. A name that shares its place with a known one is part of that.
    """
    if not mentions or not below:
        return UNKNOWN.empty_table()
    labels = ", ".join(f"'{label}'" for label in LABELS)
    files = engine.scan(project.staging.paths(mentions))
    found = connection.sql(
        f"""
        WITH said AS (
            SELECT item, block, place, trim(text) AS text, label, CAST(confidence AS DOUBLE) AS confidence,
                   {sql_without_legal_form(sql_folded("text"))} AS name
            FROM {files} WHERE label IN ({labels}) AND confidence >= {SUREST_FROM}
        ),
        known AS (
            SELECT DISTINCT lines.item, lines.block, {sql_without_legal_form(sql_folded("surface"))} AS name
            FROM (SELECT line, surface, probability FROM named UNION ALL
                  SELECT line, surface, probability FROM identified) AS hit
            JOIN lines USING (line) WHERE probability >= ?
        )
        SELECT item, place, text, label, name, confidence FROM said
        WHERE len(name) >= {FEWEST_LETTERS} AND regexp_matches(name, '\\pL') AND NOT EXISTS (
            FROM known WHERE known.item = said.item AND known.block = said.block
                AND (contains(said.name, known.name) OR contains(known.name, said.name))
        )
        QUALIFY row_number() OVER (PARTITION BY item, label, name ORDER BY confidence DESC, block, place, text) = 1
        ORDER BY item, label, name
        """,
        params=[below],
    ).to_arrow_table()
    return found.cast(UNKNOWN)
