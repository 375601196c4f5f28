"""The projection into a text index (tantivy), with vectors beside it where search by meaning is on."""

import shutil
from collections.abc import Iterator
from typing import Any, ClassVar

import pyarrow as pa

from bifrost.project import Project
from bifrost.snapshots import ChangeSet
from graph_store.classes import VOCABULARY, local_name
from graph_store.search import tantivy_index as fields
from graph_store.search.vectors import Vectors, number_of

_HEAP_BYTES = 128 << 20


class SearchProjection:
    """Keeps one search document per entity in step with the snapshots; one writer at a time."""

    name: ClassVar[str] = "search"

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = project.store_folder(self.name)
        self.words = self.folder / "words"

    def cursor(self) -> str | None:
        """Give the digest of the snapshot that the index shows; None also when vectors are wanted and missing.

        An index that cannot be read, or was laid out by another version, counts as empty: it is then built anew.
        """
        if not (self.words / "meta.json").exists():
            return None
        try:
            cursor = fields.read_cursor(fields.open_index(self.words))
        except ValueError:
            return None
        if cursor and self.project.settings.stores.semantic_search and not Vectors(self.project).shows(cursor):
            return None
        return cursor

    def apply(self, changes: ChangeSet) -> None:
        """Bring the index to `changes.target` in one commit."""
        import tantivy

        vectors = Vectors(self.project) if self.project.settings.stores.semantic_search else None
        if vectors:
            vectors.begin(changes.origin.digest)
        index = fields.open_index(self.words)
        writer = index.writer(_HEAP_BYTES)
        for batch in changes.entities_gone():
            for iri in batch["iri"].to_pylist():
                writer.delete_documents_by_term(fields.KEY, iri)
            if vectors:
                vectors.remove(batch["iri"].to_pylist())
        for batch in changes.entities_changed():
            if changes.origin.units:
                for iri in batch["iri"].to_pylist():
                    writer.delete_documents_by_term(fields.KEY, iri)
            for document in _documents(batch):
                writer.add_document(document)
            if vectors:
                vectors.add(batch)
        if vectors:
            vectors.finish(changes.target.digest)
        writer.delete_documents_by_term(fields.KEY, fields.CURSOR_KEY)
        writer.add_document(tantivy.Document(**{fields.KEY: fields.CURSOR_KEY, fields.CURSOR: changes.target.digest}))
        writer.commit()
        writer.wait_merging_threads()
        if vectors:
            vectors.forget_others(changes.target.digest)

    def clear(self) -> None:
        """Delete the index."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def close(self) -> None:
        """Nothing is held between calls."""


def worth_finding(types: list[str]) -> bool:
    """Tell entities from redirects, which have no class, and from the graph's own vocabulary."""
    return any(not each.startswith(VOCABULARY) for each in types)


def _documents(batch: pa.RecordBatch) -> Iterator[Any]:
    from tantivy import Document

    columns = (batch[name].to_pylist() for name in ("iri", "label", "types", "text", "sources", "graphs"))
    for iri, label, types, text, sources, graphs in zip(*columns, strict=True):
        if not worth_finding(types):
            continue
        document = Document(
            key=iri,
            label=label,
            exact=label.lower(),
            words=label,
            text=text,
            type=types,
            kind=[local_name(each) for each in types],
            source=sources,
            graph=graphs,
        )
        document.add_unsigned(fields.NUMBER, number_of(iri))
        yield document
