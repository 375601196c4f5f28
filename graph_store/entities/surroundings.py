"""The entities around one, for a picture."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from bifrost.errors import EntityMissing
from bifrost.project import Project
from graph_store.entities.graph import Graph, Statement, open_graph
from graph_store.entities.supports import best_confidence, statements_about
from graph_store.entities.views import Edge, Neighbourhood, Node
from graph_store.triples import provenance

_LINKS_SEEN = 2_000
"""Links of one entity that are looked at; a hub has more."""


def neighbourhood(project: Project, iri: str, depth: int = 1, limit: int = 60) -> Neighbourhood:
    """Give the entities within `depth` links of one, at most `limit`, nearest first, and the links among them.

    Raises:
        EntityMissing: there is no such entity.
        GraphEmpty: nothing is published yet.
    """
    graph = open_graph(project)
    start = graph.resolve(iri)
    if start is None:
        raise EntityMissing(iri)
    found, truncated = _near(graph, start, depth, limit)
    nodes = tuple(Node(each, graph.label(each), graph.types(each)) for each in found)
    return Neighbourhood(nodes, tuple(_edges(graph, found)), truncated)


def _near(graph: Graph, start: str, depth: int, limit: int) -> tuple[list[str], bool]:
    """Walk breadth first."""
    distances = {start: 0}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if distances[here] == depth:
            continue
        for each in _neighbours(graph, here):
            if each in distances:
                continue
            if len(distances) >= limit:
                return list(distances), True
            distances[each] = distances[here] + 1
            waiting.append(each)
    return list(distances), False


def _neighbours(graph: Graph, iri: str) -> Iterator[str]:
    links = chain(graph.links_from(iri), graph.links_to(iri))
    return (link.end if link.start == iri else link.start for link in islice(links, _LINKS_SEEN))


def _edges(graph: Graph, iris: Iterable[str]) -> Iterator[Edge]:
    inside = set(iris)
    for start in iris:
        links = sorted(set(islice((link for link in graph.links_from(start) if link.end in inside), _LINKS_SEEN)))
        supports = statements_about(graph, start, role=provenance.SUBJECT) if links else {}
        for link in links:
            yield _edge(graph, link, best_confidence(supports.get(link, ())))


def _edge(graph: Graph, link: Statement, confidence: float) -> Edge:
    return Edge(link.start, link.end, graph.term(link.predicate), confidence)
