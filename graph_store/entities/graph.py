"""The published graph as other modules read it: labels, classes, links of single entities."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bifrost.errors import GraphEmpty, StagingDamaged, StoreUnreadable
from bifrost.iris import RDF_TYPE, RDFS_LABEL, SAME_AS, Namer
from bifrost.project import Project
from bifrost.snapshots import Snapshot
from bifrost.staging import Staging
from graph_store.entities.views import Summary, Term
from graph_store.triples import published
from graph_store.triples.prefixes import sources_of

if TYPE_CHECKING:
    from pyoxigraph import NamedNode, Store

_NOT_LINKS = frozenset([RDF_TYPE, SAME_AS])
_MOST_REDIRECTS = 8


class Statement(NamedTuple):
    """A link between two entities."""

    start: str
    predicate: str
    end: str


class Graph:
    """One published snapshot, which does not change under its readers."""

    def __init__(self, store: "Store", snapshot: Snapshot, staging: Staging, namer: Namer) -> None:
        self.store, self.snapshot, self.staging, self.namer = store, snapshot, staging, namer

    def resolve(self, iri: str) -> str | None:
        """Give the entity that an IRI stands for now; None when there is none."""
        for _ in range(_MOST_REDIRECTS):
            target = next(self.objects(iri, SAME_AS), None)
            if target is None:
                break
            iri = target
        return iri if next(self._quads(iri), None) else None

    def objects(self, subject: str, predicate: str) -> Iterator[str]:
        """Give all values of a property."""
        return (quad.object.value for quad in self._quads(subject, predicate))

    def label(self, iri: str) -> str:
        """Give the label of an entity or term; without one, the last part of its IRI."""
        return min(self.objects(iri, RDFS_LABEL), default=iri.rstrip("/").rpartition("/")[2].rpartition("#")[2])

    def term(self, iri: str) -> Term:
        """Give a class or property with its readable name."""
        return Term(iri, self.label(iri))

    def types(self, iri: str) -> tuple[Term, ...]:
        """Give the classes of an entity."""
        return tuple(self.term(each) for each in sorted(self.objects(iri, RDF_TYPE)))

    def sources(self, iri: str) -> tuple[str, ...]:
        """Give the sources that know an entity."""
        from pyoxigraph import NamedNode

        node = named(iri)
        if node is None:
            return ()
        quads = self.store.quads_for_pattern(node, NamedNode(RDF_TYPE), None, None)
        return tuple(sources_of(self.namer, _values(quad.graph_name for quad in quads)))

    def summary(self, iri: str) -> Summary:
        """Give an entity as it stands in a list."""
        return Summary(iri, self.label(iri), self.types(iri), self.sources(iri))

    def links_from(self, iri: str) -> Iterator[Statement]:
        """Give the links that leave an entity."""
        for quad in self._quads(iri):
            if _is_iri(quad.object) and quad.predicate.value not in _NOT_LINKS:
                yield Statement(iri, quad.predicate.value, quad.object.value)

    def links_to(self, iri: str) -> Iterator[Statement]:
        """Give the links that reach an entity."""
        from pyoxigraph import DefaultGraph

        if node := named(iri):
            for quad in self.store.quads_for_pattern(None, None, node, DefaultGraph()):
                if quad.predicate.value not in _NOT_LINKS:
                    yield Statement(quad.subject.value, quad.predicate.value, iri)  # type: ignore[union-attr]  # no blank nodes

    def merged_into(self, iri: str) -> tuple[str, ...]:
        """Give the IRIs that redirect to an entity."""
        from pyoxigraph import DefaultGraph, NamedNode

        node = named(iri)
        quads = self.store.quads_for_pattern(None, NamedNode(SAME_AS), node, DefaultGraph()) if node else ()
        return tuple(sorted(_values(quad.subject for quad in quads)))

    def _quads(self, subject: str, predicate: str | None = None) -> Iterator[Any]:
        from pyoxigraph import DefaultGraph, NamedNode

        node = named(subject)
        if node is None:
            return iter(())
        return self.store.quads_for_pattern(node, NamedNode(predicate) if predicate else None, None, DefaultGraph())


def open_graph(project: Project) -> Graph:
    """Open what is published now.

    Raises:
        GraphEmpty: nothing is.
        StoreUnreadable: the store is damaged.
    """
    folder = project.store_folder("triples")
    for _ in range(2):  # a publish may remove the view between reading its name and opening it
        state = published.read_state(folder)
        if state.cursor is None:
            raise GraphEmpty(project.home)
        try:
            view = published.view_folder(folder, state.view)
            return _opened(view, state.cursor, project.staging.folder, project.namer)
        except OSError as error:
            reason = str(error)
    raise StoreUnreadable("triples", reason)


@lru_cache(maxsize=4)
def _opened(view: Path, cursor: str, staging: Path, namer: Namer) -> Graph:
    from pyoxigraph import Store

    store = Store.read_only(str(view))
    try:
        snapshot = Snapshot.load(Staging(staging), cursor)
    except StagingDamaged:  # the store can be read without it; supports cannot
        snapshot = Snapshot(cursor)
    return Graph(store, snapshot, Staging(staging), namer)


def named(iri: str) -> "NamedNode | None":
    """Give the node of an IRI; None when the text is none, so that nothing is known about it."""
    from pyoxigraph import NamedNode

    try:
        return NamedNode(iri)
    except ValueError:
        return None


def _values(terms: Iterable[Any]) -> set[str]:
    return {term.value for term in terms if _is_iri(term)}


def _is_iri(term: Any) -> bool:
    from pyoxigraph import NamedNode

    return isinstance(term, NamedNode)
