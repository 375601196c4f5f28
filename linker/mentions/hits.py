"""Every place at which a text names a record, in the blocks that state something: what claims are linked by."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.iris import sql_text
from bifrost.project import Project
from linker.mentions.targets import Target

HITS = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),  # of the document
        pa.field("item", pa.string(), nullable=False),
        pa.field("block", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("to_source", pa.string(), nullable=False),
        pa.field("to_table", pa.string(), nullable=False),
        pa.field("to_row", pa.string(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),
    ]
)

_FOUND = """
    SELECT {source} AS source, l.item, l.block, trim(h.surface) AS text, h.t, h.row AS to_row,
           max(h.probability) AS probability
    FROM (SELECT line, surface, t, row, probability FROM identified
          UNION ALL SELECT line, surface, t, row, probability FROM named) AS h
    JOIN lines AS l USING (line)
    SEMI JOIN (SELECT item, block FROM {claims}) AS c ON c.item = l.item AND c.block = l.block
    WHERE l.method <> 'barcode'
    GROUP BY ALL ORDER BY ALL
"""


def find_hits(project: Project, connection: Any, source: str, claims: Sequence[str]) -> pa.Table:
    """Give the hits with `t`, the place of their table among the targets; `claims` are staged batches."""
    if not claims:
        return HITS.empty_table().append_column("t", pa.array([], pa.int32()))
    scanned = engine.scan(project.staging.paths(claims))
    return connection.sql(_FOUND.format(source=sql_text(source), claims=scanned)).to_arrow_table()


def with_tables(hits: pa.Table, chosen: Sequence[Target]) -> pa.Table:
    """Name the table of each hit."""
    of_target = hits["t"].combine_chunks()
    named = {
        "to_source": pa.array([target.table.source for target in chosen], pa.string()).take(of_target),
        "to_table": pa.array([target.table.name for target in chosen], pa.string()).take(of_target),
    }
    columns = [named[name] if name in named else hits[name] for name in HITS.names]
    return pa.table(columns, names=HITS.names).cast(HITS)
