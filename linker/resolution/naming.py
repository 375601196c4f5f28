"""The names of entities: stable for as long as any of their records is there."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from bifrost import engine
from bifrost.iris import sql_quoted, sql_text
from bifrost.model import Table
from bifrost.project import Project
from bifrost.schemas import IDENTITY
from linker.resolution.edges import Edges
from linker.resolution.sides import Codes


def name_clusters(
    project: Project, tables: Sequence[Table], edges: Edges, clusters: Codes, previous: pa.Table | None
) -> pa.Table:
    """Give the records whose entity is not named after themselves (`bifrost.schemas.IDENTITY`), in order.

    A cluster takes the name that most of its records had, then the smallest, but never the name of a record that is
    still there outside of it; without an earlier name it is named after its first record.
    """
    connection = engine.connect(project.cache_folder("spill"))
    connection.execute("SET enable_progress_bar = false")
    connection.register("previous_batch", IDENTITY.empty_table() if previous is None else previous)
    connection.register("clustered", _clustered(edges, clusters))
    base = sql_text(f"{project.namer.base}entity/")
    own = " || '/' || ".join(sql_quoted(column) for column in ("source", '"table"', "row"))
    connection.execute(f"CREATE TEMP TABLE previous AS SELECT *, {base} || {own} AS own FROM previous_batch")
    connection.execute(f"CREATE TEMP TABLE still_there AS {_still_there(project, tables)}")
    connection.execute(
        f"""
        CREATE TEMP TABLE members AS
        SELECT cluster, source, "table", row, {base} || {own} AS own FROM clustered
        UNION ALL
        SELECT NULL, source, "table", row, own FROM previous SEMI JOIN still_there USING (own)
        ANTI JOIN clustered USING (source, "table", row);
        """
    )
    return connection.sql(_NAMED).to_arrow_table().cast(IDENTITY)


def _clustered(edges: Edges, clusters: Codes) -> pa.Table:
    sources = pa.array([table.source for table in edges.tables], pa.string())
    names = pa.array([table.name for table in edges.tables], pa.string())
    table_of = pa.array(edges.table_of.astype(np.int64))
    return pa.table(
        {
            "cluster": clusters.astype(np.int64),
            "source": sources.take(table_of),
            "table": names.take(table_of),
            "row": edges.rows,
        }
    )


def _still_there(project: Project, tables: Sequence[Table]) -> str:
    """Give the records that exist among those whose name was given to an entity or that had another name."""
    found = ["SELECT NULL::VARCHAR AS own WHERE false"]
    for table in tables:
        if table.batches:
            name = project.namer.sql_record(table.source, table.name, "_row")
            scanned = engine.scan(project.staging.paths(table.batches))
            found.append(f"SELECT {name} AS own FROM {scanned}")
    asked = "SELECT iri AS own FROM previous UNION SELECT own FROM previous"
    return f"SELECT DISTINCT own FROM ({' UNION ALL '.join(found)}) SEMI JOIN ({asked}) USING (own)"


_NAMED = """
    WITH grouped AS (
        SELECT coalesce(CAST(cluster AS VARCHAR), own) AS cluster, source, "table", row, own FROM members
    ),
    first AS (
        SELECT cluster, first(own ORDER BY source, "table", row) AS own FROM grouped GROUP BY cluster
    ),
    votes AS (
        SELECT cluster, iri, count(*) AS votes FROM (
            SELECT g.cluster, coalesce(p.iri, named.iri) AS iri
            FROM grouped AS g
            LEFT JOIN previous AS p USING (source, "table", row)
            LEFT JOIN (SELECT DISTINCT iri FROM previous) AS named ON named.iri = g.own
        ) WHERE iri IS NOT NULL GROUP BY ALL
    ),
    allowed AS (
        SELECT votes.* FROM votes
        LEFT JOIN still_there ON still_there.own = votes.iri
        LEFT JOIN grouped ON grouped.own = votes.iri
        WHERE grouped.cluster = votes.cluster OR (grouped.cluster IS NULL AND still_there.own IS NULL)
    ),
    claimed AS (  -- Where a cluster fell apart, the larger part keeps the name.
        SELECT * FROM allowed JOIN first USING (cluster)
        QUALIFY row_number() OVER (PARTITION BY iri ORDER BY votes DESC, own) = 1
    ),
    chosen AS (
        SELECT cluster, iri FROM claimed
        QUALIFY row_number() OVER (PARTITION BY cluster ORDER BY votes DESC, iri) = 1
    )
    SELECT source, "table", row, coalesce(chosen.iri, first.own) AS iri
    FROM grouped JOIN first USING (cluster) LEFT JOIN chosen USING (cluster)
    WHERE coalesce(chosen.iri, first.own) <> grouped.own
    ORDER BY source, "table", row
"""
