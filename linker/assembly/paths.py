"""Facts of paths: what other links lead to, with the places of all links of the way."""

from collections.abc import Mapping, Sequence
from typing import Any

from bifrost import engine
from bifrost.iris import sql_text
from bifrost.model import Decision, LinkType, RuleKind
from linker.assembly.writing import Assembly
from linker.paths.steps import Path, following, from_text, walks_sql


def assemble_paths(assembly: Assembly, link_types: Sequence[LinkType], decisions: Mapping[str, Decision]) -> None:
    """Add a unit per accepted path over the links of other units; where one of them is gone, so are its links."""
    ways = {each.proposal: each for each in link_types if each.rule.kind is not RuleKind.PATH}
    for link_type in link_types:
        if link_type.rule.kind is RuleKind.PATH:
            path = following(from_text(link_type.rule.transform), decisions)
            if all(step.link in ways and f"links:{step.link}" in assembly.units for step in path):
                _assemble_path(assembly, link_type, path, [ways[step.link] for step in path])


def _assemble_path(assembly: Assembly, link_type: LinkType, path: Path, ways: Sequence[LinkType]) -> None:
    graph = assembly.namer.graph({end.source for way in ways for end in (way.start, way.end) if end.source})
    facts = [assembly.units[f"links:{way.proposal}"].facts for way in ways]
    stated = assembly.units.get("assertions")
    predicates = [assembly.namer.link(way.name) for way in ways]
    given = [link_type.name, link_type.rule.transform, facts, predicates, stated and stated.facts]

    def compute(connection: Any) -> str:
        for place, (batch, predicate) in enumerate(zip(facts, predicates, strict=True)):
            batches = assembly.project.staging.paths([batch, *([stated.facts] if stated else [])])
            connection.execute(f"CREATE VIEW step{place} AS {links_of(batches, predicate)}")
        walks = walks_sql([(f"step{place}", step.backward) for place, step in enumerate(path)])
        return _facts_sql(assembly, link_type, graph, walks)

    assembly.write_links(link_type, graph, given, compute)


def links_of(batches: Sequence[str], predicate: str) -> str:
    """Give the SQL for the links of one type in files of facts: subject, object, confidence, source, item, seen."""
    seen = "concat_ws(' ', nullif(concat_ws('/', nullif(source, ''), nullif(item, '')), ''), place)"
    return (
        f"SELECT subject, object, max(confidence) AS confidence, min(source) AS source, min(item) AS item, "
        f"min({seen}) AS seen FROM {engine.scan(batches)} "
        f"WHERE predicate = {sql_text(predicate)} AND datatype = '' GROUP BY subject, object"
    )


def _facts_sql(assembly: Assembly, link_type: LinkType, graph: str, walks: str) -> str:
    """One support per pair: the surest walk, and how many there are."""
    end = f"n{len(from_text(link_type.rule.transform))}"
    return f"""
        SELECT {sql_text(graph)} AS graph, n0 AS subject, {sql_text(assembly.namer.link(link_type.name))} AS predicate,
               {end} AS object, '' AS datatype, {sql_text(link_type.start.source)} AS source, '' AS item,
               CASE WHEN count(*) > 1 THEN count(*) || ' walks, such as ' ELSE '' END
                   || arg_max(seen, (confidence, seen)) AS place,
               'path' AS method, CAST(max(confidence) AS FLOAT) AS confidence
        FROM ({walks}) GROUP BY n0, {end}
    """
