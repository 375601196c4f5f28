"""The projection into Oxigraph: quads in the graphs of their sources, their union in the default graph."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa

from bifrost.errors import StoreUnreadable
from bifrost.iris import XSD_STRING
from bifrost.project import Project
from bifrost.snapshots import ChangeSet, Snapshot
from graph_store.triples import published, terms
from graph_store.triples.line_stream import LineStream, joined, split_few
from graph_store.triples.provenance import statements

if TYPE_CHECKING:
    from pyoxigraph import Store

_LOADERS = 2


class OxigraphProjection:
    """Keeps an embedded Oxigraph store in step with the snapshots; one writer at a time."""

    name: ClassVar[str] = "triples"

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = project.store_folder(self.name)
        self._store: Store | None = None

    def cursor(self) -> str | None:
        """Give the digest of the snapshot that readers see."""
        return published.read_state(self.folder).cursor

    def apply(self, changes: ChangeSet) -> None:
        """Bring the store to `changes.target`, finishing first what a killed writer had begun.

        Raises:
            StagingDamaged: staged facts are missing; clear the store and apply from nothing.
            StoreUnreadable: another process writes, or the store is damaged.
        """
        state = published.read_state(self.folder)
        if state.pending and state.pending != changes.target.digest:
            interrupted = Snapshot.load(changes.staging, state.pending)
            self._write(ChangeSet(changes.staging, changes.origin, interrupted))
            changes = ChangeSet(changes.staging, interrupted, changes.target)
        published.begin(self.folder, changes.target.digest)
        self._write(changes)
        self._show(changes.target.digest, state.view + 1)

    def clear(self) -> None:
        """Delete what the store holds."""
        self.close()
        published.forget(self.folder)

    def close(self) -> None:
        """Release the store's lock."""
        self._store = None

    def _write(self, changes: ChangeSet) -> None:
        namer = self.project.namer
        if changes.origin.units:
            self._remove(changes.read(_REMOVED))
            self._remove(changes.read(statements(namer, "removed", terms.as_pattern)))
        self._load(changes.read(_ADDED if not changes.origin.units else f"{_ADDED} UNION ALL {_RESTORED}"))
        self._load(changes.read(statements(namer, "added", terms.as_quad)))

    def _remove(self, lines: pa.RecordBatchReader) -> None:
        store = self._opened()
        for batch in lines:
            store.update("DELETE DATA {\n" + joined(batch["line"]).decode() + "}")
            if "triple" in batch.schema.names:
                store.update(_NO_LONGER_ANYWHERE.replace("TRIPLES", joined(batch["triple"]).decode()))

    def _load(self, lines: pa.RecordBatchReader) -> None:
        from pyoxigraph import RdfFormat

        store = self._opened()
        batches, few = split_few(lines)
        stream = LineStream(batches)
        if few:  # one transaction is quicker than new files in the store
            store.load(stream.share(), RdfFormat.N_QUADS, lenient=True)
            return
        with ThreadPoolExecutor(_LOADERS) as loaders:
            parts = [
                loaders.submit(store.bulk_load, stream.share(), RdfFormat.N_QUADS, lenient=True)
                for _ in range(_LOADERS)
            ]
        for part in parts:
            part.result()

    def _show(self, target: str, view: int) -> None:
        store = self._opened()
        store.flush()
        place = published.view_folder(self.folder, view)
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(exist_ok=True)
        store.backup(str(place))
        published.finish(self.folder, target, view)

    def _opened(self) -> "Store":
        from pyoxigraph import Store

        if self._store is None:
            try:
                self._store = Store(str(self.folder / "writer"))
            except OSError as error:
                raise StoreUnreadable(self.name, str(error)) from error
        return self._store


# One triple may stand in several graphs. The union that people query must hold it once, or sums count it twice. So it
# is kept as the default graph: the union that Oxigraph makes while it answers repeats such triples.
def _lines(quads: str) -> str:
    union = f"{terms.triple()} || ' .' || chr(10)"
    return f"SELECT {terms.as_quad(terms.triple(), terms.iri('graph'))} || {union} AS line FROM {quads}"


_TYPED = f"datatype NOT IN ('', '{XSD_STRING}')"
_ADDED = f"{_lines('quads_added')} WHERE {terms.valid()}"
# Oxigraph keeps numbers and dates by value: with "1.0" it also removes "1.00", which may still be a fact.
_RESTORED = f"""
    {_lines("after")} SEMI JOIN (SELECT * FROM quads_removed WHERE {_TYPED}) USING (graph, subject, predicate)
    WHERE {_TYPED} AND {terms.valid()}
"""
_REMOVED = f"""
    SELECT {terms.as_pattern(terms.triple(), terms.iri("graph"))} AS line,
           '(' || {terms.triple()} || ')' || chr(10) AS triple
    FROM quads_removed WHERE {terms.valid()}
"""
_NO_LONGER_ANYWHERE = """
    DELETE { ?subject ?predicate ?object }
    WHERE { VALUES (?subject ?predicate ?object) { TRIPLES }
            FILTER NOT EXISTS { GRAPH ?graph { ?subject ?predicate ?object } } }
"""
