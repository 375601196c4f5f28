"""The story's question: does the material's moisture cause the returns, and where was it measured?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bifrost import review
from bifrost.iris import slug
from bifrost.project import Project

TEXT = "Which batches of material lead to the most returned orders, and what moisture was measured in them?"

SPARQL = """
SELECT ?batch ?supplier ?moisture (COUNT(DISTINCT ?order) AS ?orders) (COUNT(DISTINCT ?back) AS ?returned)
       (SAMPLE(?m) AS ?measurement)
WHERE {{
  ?m documents:parameter "Moisture" ; documents:value ?moisture ; bf:document ?report .
  ?form bf:document ?report ; {report_of_batch} ?b .
  ?b rdfs:label ?batch ; {supplied_by} ?s . ?s rdfs:label ?supplier .
  ?c a production:Consumption ; {consumed_batch} ?b ; {consumed_in_order} ?order .
  OPTIONAL {{ ?return a aftersales:Returns ; {return_of_order} ?order . BIND(?order AS ?back) }}
}}
GROUP BY ?batch ?supplier ?moisture
ORDER BY DESC(?returned / ?orders) ?batch
LIMIT 8
"""

GRAPHQL = """
query Measured($iri: ID!) {
  entity(iri: $iri) {
    label
    facts { property { label } value supports { source item place method confidence } }
  }
}
"""

ENDS = {
    "report_of_batch": (("documents", "Batch"), ("supply", "batches")),
    "supplied_by": (("supply", "supplier_id"), ("supply", "suppliers")),
    "consumed_batch": (("production", "batch"), ("supply", "batches")),
    "consumed_in_order": (("production", "order_no"), ("production", "production_orders")),
    "return_of_order": (("aftersales", "order_ref"), ("production", "production_orders")),
}
"""Name in the query -> (source, field) that refers and (source, table) that is referred to."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question in words, SPARQL and GraphQL."""

    text: str
    sparql: str
    graphql: str
    follow: str
    """The column whose entity GraphQL looks at."""

    def provenance(self, data: Any) -> str:
        """Tell where the measured value was seen."""
        facts = ((data or {}).get("entity") or {}).get("facts") or []
        for fact in facts:
            if fact["property"]["label"].lower() == "value" and fact["supports"]:
                seen = fact["supports"][0]
                return f"{fact['value']} was read from {seen['source']}/{seen['item']}, {seen['place']}"
        return "nothing was found"


def question(project: Project) -> Question:
    """Ask with the names that the link types of this project were given."""
    names = _names(project)
    terms = {each: f"link:{slug(names.get(ends, each))}" for each, ends in ENDS.items()}
    return Question(TEXT, SPARQL.format(**terms), GRAPHQL, "measurement")


def _names(project: Project) -> Mapping[tuple[tuple[str, str], tuple[str, str]], str]:
    found = {}
    for counted in review.link_types(project):
        start, end = counted.link_type.start, counted.link_type.end
        if start.fields:
            found[((start.source, start.fields[0]), (end.source, end.table))] = counted.link_type.name
    return found
