"""The knowledge graph as arrays: what the learner is trained on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float32]

TRIPLE = ("subject", "predicate", "object")


@dataclass(frozen=True)
class KnowledgeGraph:
    """Entities, relations and links by number; link i is (heads[i], relations[i], tails[i])."""

    entities: pa.Array
    """IRIs in ascending order; an entity's number is its place."""
    labels: pa.Array
    relation_names: tuple[str, ...]
    type_names: tuple[str, ...]
    entity_types: Integers
    """Number of each entity's type, shape (entities,)."""
    features: Floats
    """Text features, shape (entities, width); the width may be 0."""
    heads: Integers
    relations: Integers
    tails: Integers

    @property
    def links(self) -> int:
        """Count the links."""
        return len(self.heads)

    @property
    def triples(self) -> Integers:
        """Give the links as rows of (head, relation, tail)."""
        return np.stack([self.heads, self.relations, self.tails], axis=1)

    def with_triples(self, triples: Integers) -> "KnowledgeGraph":
        """Give the same entities with other links, shape (links, 3)."""
        return KnowledgeGraph(
            entities=self.entities,
            labels=self.labels,
            relation_names=self.relation_names,
            type_names=self.type_names,
            entity_types=self.entity_types,
            features=self.features,
            heads=triples[:, 0].copy(),
            relations=triples[:, 1].copy(),
            tails=triples[:, 2].copy(),
        )

    def numbered(self, triples: pa.Table) -> Integers:
        """Translate a table (subject, predicate, object) to numbers; rows with an unknown name are left out."""
        names = (self.entities, pa.array(self.relation_names, pa.string()), self.entities)
        columns = [_numbers(triples[column], known) for column, known in zip(TRIPLE, names, strict=True)]
        rows = np.stack(columns, axis=1)
        return rows[(rows >= 0).all(axis=1)]

    def label(self, entity: int) -> str:
        """Give an entity's label, or its IRI's last segment where it has none."""
        text = self.labels[int(entity)].as_py()
        return str(text) if text else str(self.entities[int(entity)].as_py()).rstrip("/").rsplit("/", 1)[-1]


def build_graph(
    links: pa.Table, entities: pa.Table | None = None, *, relations: Iterable[str] = (), features: Any = None
) -> KnowledgeGraph:
    """Number the entities and links of Arrow tables; links that occur twice are kept once.

    `links` has the columns subject, predicate, object; `entities` has iri, type, label and may hold more entities
    than the links touch. `relations` names relations that may occur later. `features` turns the labels (an Arrow
    array of strings) into a float32 matrix; None leaves the text out.
    """
    known = _described(links, entities)
    type_names = _names(known["type"])
    labels = known["label"].combine_chunks()
    graph = KnowledgeGraph(
        entities=known["iri"].combine_chunks(),
        labels=labels,
        relation_names=tuple(sorted({*_names(links["predicate"]), *relations})),
        type_names=type_names,
        entity_types=_numbers(known["type"], pa.array(type_names, pa.string())),
        features=np.zeros((known.num_rows, 0), np.float32) if features is None else features(labels),
        heads=np.zeros(0, np.int64),
        relations=np.zeros(0, np.int64),
        tails=np.zeros(0, np.int64),
    )
    return graph.with_triples(unique_rows(graph.numbered(links)))


def unique_rows(triples: Integers) -> Integers:
    """Sort triples and keep each once."""
    return np.unique(triples.reshape(-1, 3), axis=0)


def row_keys(triples: Integers, graph: KnowledgeGraph) -> Integers:
    """Give one number per triple, so that sets of triples become sets of numbers."""
    entities, relations = len(graph.entities), max(len(graph.relation_names), 1)
    keys: Integers = (triples[:, 0] * relations + triples[:, 1]) * entities + triples[:, 2]
    return keys


def _described(links: pa.Table, entities: pa.Table | None) -> pa.Table:
    """Give iri, type and label of every entity, by IRI; the first description counts, undescribed ones are empty."""
    columns = ("iri", "type", "label")
    empty = pa.array([], pa.string())
    given = pa.table(dict.fromkeys(columns, empty)) if entities is None else entities.select(list(columns))
    given = pa.table({name: pc.fill_null(given[name].cast(pa.string()), "") for name in columns})
    touched = pc.unique(pa.chunked_array([*links["subject"].chunks, *links["object"].chunks], pa.string()).drop_null())
    missing = touched.filter(pc.invert(pc.is_in(touched, given["iri"].combine_chunks())))
    blank = pa.array([""] * len(missing), pa.string())
    every = pa.concat_tables([given, pa.table({"iri": missing, "type": blank, "label": blank})])
    every = every.sort_by([(name, "ascending") for name in columns])
    first = every.append_column("row", pa.array(np.arange(every.num_rows))).group_by("iri").aggregate([("row", "min")])
    return every.take(pa.array(np.sort(first["row_min"].to_numpy())))


def _names(column: pa.ChunkedArray) -> tuple[str, ...]:
    return tuple(sorted(pc.unique(column).drop_null().to_pylist()))


def _numbers(column: pa.ChunkedArray, known: pa.Array | Sequence[str]) -> Integers:
    places = pc.fill_null(pc.index_in(column.cast(pa.string()), known), -1)
    numbers: Integers = places.to_numpy().astype(np.int64)
    return numbers
