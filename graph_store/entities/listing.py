"""Classes with their sizes, and pages of entities; counted set-wise in staging."""

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bifrost import engine
from bifrost.errors import UnknownName
from bifrost.iris import RDF_TYPE, sql_text
from bifrost.project import Project
from bifrost.snapshots import Snapshot
from bifrost.staging import Staging
from graph_store.classes import VOCABULARY, local_name
from graph_store.entities.graph import Graph, open_graph
from graph_store.entities.views import EntityPage, Term, TypeCount


def types(project: Project) -> tuple[TypeCount, ...]:
    """Give the classes of the published graph, the largest first.

    Raises:
        GraphEmpty: nothing is published yet.
    """
    graph = open_graph(project)
    counted = _counted(graph.staging.folder, graph.snapshot.digest)
    return tuple(TypeCount(graph.term(iri), _source(graph, iri), count) for iri, count in counted)


def entities(
    project: Project, kind: str | None = None, *, source: str | None = None, first: int = 20, after: str | None = None
) -> EntityPage:
    """Give a page of entities of a class (IRI, or the last part of it) and of a source, by IRI.

    Raises:
        UnknownName: there is no such class.
        GraphEmpty: nothing is published yet.
    """
    graph = open_graph(project)
    condition = _condition(_classes(project, kind), source)
    total, iris = _page(graph, condition, max(0, first), after or "")
    page = iris[:first]
    following = page[-1] if len(iris) > first and page else None
    return EntityPage(tuple(graph.summary(iri) for iri in page), following, total)


def _classes(project: Project, kind: str | None) -> list[str]:
    if kind is None:
        return []
    known = [each.type for each in types(project)]
    found = [each.iri for each in known if _is_named(each, kind)]
    if not found:
        raise UnknownName("class", kind, [each.iri for each in known])
    return found


def _is_named(term: Term, kind: str) -> bool:
    return kind == term.iri or kind.lower() in (local_name(term.iri), term.label.lower())


def _condition(classes: list[str], source: str | None) -> str:
    parts = [f"predicate = {sql_text(RDF_TYPE)}", f"NOT starts_with(object, {sql_text(VOCABULARY)})"]
    if classes:
        parts.append(f"object IN ({', '.join(map(sql_text, classes))})")
    if source is not None:
        parts.append(f"source = {sql_text(source)}")
    return " AND ".join(parts)


def _page(graph: Graph, condition: str, first: int, after: str) -> tuple[int, list[str]]:
    files = _files(graph.staging, graph.snapshot)
    if not files:
        return 0, []
    with engine.connect(graph.staging.folder / "spill") as connection:
        subjects = f"SELECT DISTINCT subject FROM {engine.scan(files)} WHERE {condition}"
        ((total,),) = connection.sql(f"SELECT count(*) FROM ({subjects})").fetchall()
        following = f"{subjects} AND subject > {sql_text(after)} ORDER BY subject LIMIT {first + 1}"
        return total, [iri for (iri,) in connection.sql(following).fetchall()]


@lru_cache(maxsize=8)
def _counted(staging: Path, digest: str) -> tuple[tuple[str, int], ...]:
    """Count the entities of each class; a snapshot never changes."""
    files = _files(Staging(staging), Snapshot.load(Staging(staging), digest))
    if not files:
        return ()
    query = f"""
        SELECT object, count(DISTINCT subject) AS entities FROM {engine.scan(files)} WHERE {_condition([], None)}
        GROUP BY object ORDER BY entities DESC, object
    """
    with engine.connect(staging / "spill") as connection:
        rows: list[Any] = connection.sql(query).fetchall()
    return tuple((iri, count) for iri, count in rows)


def _files(staging: Staging, snapshot: Snapshot) -> list[str]:
    return staging.paths(dict.fromkeys(unit.facts for unit in snapshot.units.values()))


def _source(graph: Graph, iri: str) -> str:
    rest = iri.removeprefix(graph.namer.term(""))
    return unquote(rest.partition("/")[0]) if "/" in rest and rest != iri else ""
