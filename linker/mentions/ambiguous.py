"""A name that several records of a table bear: which of them a document means is for people to say."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from bifrost.iris import Namer
from bifrost.model import End, Proposal, ProposalKind, Reason, Rule, RuleKind
from linker.mentions.targets import Target

AT_MOST = 20
"""Questions of one source of documents about the records of one table, the likeliest first."""

_AMBIGUOUS = """
    SELECT *, count(*) OVER meant AS bearers FROM found
    WINDOW meant AS (PARTITION BY item, place, text, t)
    QUALIFY count(*) OVER meant > 1 AND row_number() OVER (PARTITION BY t ORDER BY probability DESC, item, to_row) <= ?
    ORDER BY t, probability DESC, item, to_row
"""


def ask_which(
    namer: Namer, source: str, chosen: Sequence[Target], found: pa.Table, names: Sequence[str], model: str
) -> list[Proposal]:
    """Ask for every record that shares its name in a document with others; `names` are those of the link types.

    `found` has the columns item, place, text, t, to_row, probability, label.
    """
    with duckdb.connect() as connection:
        connection.register("found", found)
        rows = connection.sql(_AMBIGUOUS, params=[AT_MOST]).to_arrow_table().to_pylist()
    return [
        Proposal(
            kind=ProposalKind.CLAIM,
            start=End(source, iri=namer.document(source, row["item"])),
            end=End(
                (table := chosen[row["t"]].table).source,
                table.name,
                iri=namer.record(table.source, table.name, row["to_row"]),
            ),
            probability=round(row["probability"], 6),
            name=names[row["t"]],
            rule=Rule(RuleKind.MENTION),
            examples=((row["text"], f"{row['label']} ({row['to_row']})"),),
            estimated_links=1,
            because=(
                Reason("place", f"{row['item']}, {row['place']}", 0.0),
                Reason("records of this name", str(row["bearers"]), 0.0),
            ),
            model=model,
        )
        for row in rows
    ]
