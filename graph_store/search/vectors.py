"""Vectors of entities (usearch) for search by meaning: one file per published snapshot."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from bifrost.ports import TextEncoder
from bifrost.project import Project
from bifrost.text_encoder import load_encoder

_TEXT_CHARACTERS = 200
_LOOKED_AT = 128
"""Candidates that a search visits: below it recall falls."""


class Vectors:
    """The vectors of one project; the file is written under the digest that it shows, and never changed."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = project.store_folder("search") / "vectors"
        self._index: Any = None

    @property
    def encoder(self) -> TextEncoder | None:
        """Give the encoder; None where its model is not installed."""
        return _encoder(self.project.cache_folder("models"))

    def shows(self, digest: str) -> bool:
        """Tell whether there is a file for a snapshot; without an encoder there is nothing to show."""
        return self._path(digest).exists() or self.encoder is None

    def begin(self, origin: str) -> None:
        """Start from what was published as `origin`, or from nothing."""
        self._index = self._load(origin) or self._empty()

    def remove(self, iris: Sequence[str]) -> None:
        """Take entities out."""
        for iri in iris:
            if number_of(iri) in self._index:
                self._index.remove(number_of(iri))

    def add(self, batch: pa.RecordBatch) -> None:
        """Encode entities that are new or changed."""
        import numpy as np

        if self.encoder is None or not batch.num_rows:
            return
        iris = batch["iri"].to_pylist()
        texts = zip(batch["label"].to_pylist(), batch["text"].to_pylist(), strict=True)
        self.remove(iris)
        numbers = np.array([number_of(iri) for iri in iris], np.uint64)
        self._index.add(numbers, self.encoder([f"{label}: {text[:_TEXT_CHARACTERS]}" for label, text in texts]))

    def finish(self, target: str) -> None:
        """Write the file of a snapshot."""
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._path(target).with_suffix(".new")
        self._index.save(str(unfinished))
        unfinished.replace(self._path(target))

    def forget_others(self, target: str) -> None:
        """Remove the files of other snapshots."""
        for path in self.folder.iterdir():
            if path != self._path(target):
                path.unlink()

    def nearest(self, digest: str, text: str, limit: int) -> list[int]:
        """Give the numbers of the entities nearest in meaning, the best first; none without vectors."""
        if self.encoder is None or not self._path(digest).exists():
            return []
        index = _published(self._path(digest))
        return [int(number) for number in index.search(self.encoder([text])[0], limit).keys] if len(index) else []

    def _load(self, digest: str) -> Any:
        from usearch.index import Index

        return Index.restore(str(self._path(digest))) if digest and self._path(digest).exists() else None

    def _empty(self) -> Any:
        from usearch.index import Index

        dimensions = self.encoder.dimensions if self.encoder else 1
        return Index(ndim=dimensions, metric="cos", dtype="f16", expansion_search=_LOOKED_AT)

    def _path(self, digest: str) -> Path:
        return self.folder / f"{digest}.usearch"


@lru_cache(maxsize=4)
def _encoder(folder: Path) -> TextEncoder | None:
    return load_encoder(folder)


@lru_cache(maxsize=4)
def _published(path: Path) -> Any:
    """Map a file that is never changed."""
    from usearch.index import Index

    return Index.restore(str(path), view=True)


def number_of(iri: str) -> int:
    """Give the number of an entity, which stands for it where only numbers are kept."""
    return int.from_bytes(hashlib.blake2b(iri.encode(), digest_size=8).digest())
