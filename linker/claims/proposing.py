"""A relation that texts state often enough between the records of two tables is proposed as a type of link."""

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from bifrost.model import End, Proposal, ProposalKind, Reason, Rule, RuleKind

MODEL = "claims/1"
LEAST_LINKS = 3
"""Different pairs of records that must be related: what is said once or twice may be chance."""
AT_MOST = 20
"""Proposals of one run, those with the most links first."""
EXAMPLES = 5
SUREST = 0.9
"""That texts state a relation does not say that it is meant as a type of link: a person should decide."""
_DOUBT = 2
"""Links of no effect that are counted to those that were found, so that few ones are unsure."""

_GATHERED = f"""
    WITH links AS (
        SELECT relation, from_source, from_table, to_source, to_table, datatype, from_row,
               CASE WHEN datatype = '' THEN to_row ELSE value END AS target,
               max(confidence) AS confidence, min(subject) AS subject, min(object) AS object
        FROM linked GROUP BY ALL
    ),
    said AS (
        SELECT relation, from_source, from_table, to_source, to_table, datatype,
               count(DISTINCT (source, item)) AS documents, count(*) AS claims
        FROM linked GROUP BY ALL
    ),
    phrases AS (
        SELECT relation, from_source, from_table, to_source, to_table, datatype,
               list({{'phrase': phrase, 'count': count}} ORDER BY count DESC, phrase)[:5] AS phrases
        FROM (SELECT relation, from_source, from_table, to_source, to_table, datatype, lower(phrase) AS phrase,
                     count(*) AS count FROM linked GROUP BY ALL)
        GROUP BY ALL
    )
    SELECT l.relation, l.from_source, l.from_table, l.to_source, l.to_table, l.datatype,
           any_value(documents) AS documents, any_value(phrases) AS phrases,
           count(*) AS links, avg(confidence) AS confidence,
           list([subject, object] ORDER BY confidence DESC, subject, object)[:{EXAMPLES}] AS examples
    FROM links AS l JOIN said USING (relation, from_source, from_table, to_source, to_table, datatype)
    JOIN phrases USING (relation, from_source, from_table, to_source, to_table, datatype)
    GROUP BY l.relation, l.from_source, l.from_table, l.to_source, l.to_table, l.datatype
    HAVING links >= {LEAST_LINKS}
    ORDER BY links DESC, l.relation, l.from_source, l.from_table, l.to_source, l.to_table, l.datatype
    LIMIT {AT_MOST}
"""


def propose_claims(linked: pa.Table) -> list[Proposal]:
    """Give the types of links that the claims (`linker.claims.linked.LINKED`) support, those with most links first."""
    if not linked.num_rows:
        return []
    with duckdb.connect() as connection:
        connection.register("linked", linked)
        return [_proposal(row) for row in connection.sql(_GATHERED).to_arrow_table().to_pylist()]


def _proposal(row: Mapping[str, Any]) -> Proposal:
    end = End(row["to_source"], row["to_table"]) if not row["datatype"] else End(fields=(row["datatype"],))
    likely = row["confidence"] * row["links"] / (row["links"] + _DOUBT)
    return Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=End(row["from_source"], row["from_table"]),
        end=end,
        probability=round(min(likely, SUREST), 6),
        name="_".join(row["relation"].split()),
        rule=Rule(RuleKind.CLAIM, row["relation"]),
        examples=tuple((subject, object_) for subject, object_ in row["examples"]),
        estimated_links=row["links"],
        because=(
            *(Reason("texts say", each["phrase"], float(each["count"])) for each in row["phrases"]),
            Reason("documents", str(row["documents"]), float(row["documents"])),
        ),
        model=MODEL,
    )
