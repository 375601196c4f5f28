"""Claims whose ends are known: a sentence's subject and object become records, or its object a value."""

from collections.abc import Mapping

import pyarrow as pa

from bifrost import engine
from bifrost.extraction import Documents
from bifrost.iris import sql_text
from bifrost.project import Project

LINKED = pa.schema(
    [
        pa.field("source", pa.string()),  # of the document
        pa.field("item", pa.string()),
        pa.field("place", pa.string()),
        pa.field("said", pa.string()),  # subject, phrase and object in the order of the text
        pa.field("relation", pa.string()),
        pa.field("phrase", pa.string()),
        pa.field("subject", pa.string()),
        pa.field("from_source", pa.string()),
        pa.field("from_table", pa.string()),
        pa.field("from_row", pa.string()),
        pa.field("object", pa.string()),
        pa.field("to_source", pa.string()),  # "" for a value
        pa.field("to_table", pa.string()),
        pa.field("to_row", pa.string()),
        pa.field("value", pa.string()),
        pa.field("datatype", pa.string()),  # "" for a record
        pa.field("confidence", pa.float64()),
    ]
)
"""One row per claim that is neither denied nor in doubt, between ends that are surely known."""

_WORDS = "' ' || trim(regexp_replace(lower({}), '[^\\pL\\pN]+', ' ', 'g')) || ' '"


def link_claims(project: Project, documents: Mapping[str, Documents], hits: pa.Table, *, precision: float) -> pa.Table:
    """Give the claims (`LINKED`) whose ends are named by hits of at least this probability."""
    stated = [
        f"SELECT {sql_text(source)} AS source, * FROM {engine.scan(project.staging.paths(found.claims))}"
        for source, found in sorted(documents.items())
        if found.claims
    ]
    if not stated or not hits.num_rows:
        return LINKED.empty_table()
    connection = engine.connect(project.cache_folder("spill"))
    connection.register("every_hit", hits)
    connection.execute(_SURE, [precision])
    connection.execute(
        f"CREATE TABLE claims AS SELECT row_number() OVER () AS claim, * FROM ({' UNION ALL BY NAME '.join(stated)}) "
        "WHERE NOT negated AND NOT hedged"
    )
    for end in ("subject", "object"):
        connection.execute(_END.format(end=end, said=_WORDS.format(f"c.{end}")))
    linked = connection.sql(_LINKED).to_arrow_table().cast(LINKED)
    connection.close()
    return linked


_SURE = f"""
    CREATE TABLE hits AS
    SELECT *, {_WORDS.format("text")} AS words, count(*) OVER (PARTITION BY to_source, to_table) AS of_table
    FROM every_hit WHERE probability >= ?
"""
# An end that is named inside what was taken for the mention counts ("batch B-0007"), and the other way round. Of
# several records the surest counts, then the longest name, then the table whose records the texts name most.
_END = """
    CREATE TABLE {end}s AS
    SELECT c.claim, h.to_source, h.to_table, h.to_row
    FROM claims AS c JOIN hits AS h ON h.source = c.source AND h.item = c.item AND h.block = c.block
        AND (contains({said}, h.words) OR contains(h.words, {said}))
    WHERE '{end}' = 'subject' OR c.datatype = ''
    QUALIFY row_number() OVER (
        PARTITION BY c.claim
        ORDER BY round(h.probability, 2) DESC, len(h.words) DESC, of_table DESC, to_source, to_table, to_row
    ) = 1
"""
_LINKED = """
    SELECT c.source, c.item, c.place,
           CASE WHEN subject_start < object_start THEN concat_ws(' ', c.subject, c.phrase, c.object)
                ELSE concat_ws(' ', c.object, c.phrase, c.subject) END AS said,
           relation, phrase, c.subject, s.to_source AS from_source, s.to_table AS from_table, s.to_row AS from_row,
           c.object, coalesce(o.to_source, '') AS to_source, coalesce(o.to_table, '') AS to_table,
           coalesce(o.to_row, '') AS to_row, c.value, c.datatype, c.confidence
    FROM claims AS c JOIN subjects AS s USING (claim) LEFT JOIN objects AS o USING (claim)
    WHERE (c.datatype <> '' OR o.claim IS NOT NULL)
      AND (s.to_source, s.to_table, s.to_row)
          IS DISTINCT FROM (coalesce(o.to_source, ''), coalesce(o.to_table, ''), coalesce(o.to_row, ''))
    ORDER BY ALL
"""
