"""What there is to learn from at one link: the graph, people's answers, and how models are trained."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bifrost.digests import digest_of
from bifrost.iris import slug
from bifrost.model import Decision, Verdict
from bifrost.ports import TextEncoder
from bifrost.project import Project
from bifrost.text_encoder import NAME as ENCODER
from bifrost.text_encoder import load_encoder
from linker.learning.encoder.settings import Training
from linker.learning.features import text_features
from linker.learning.graph import TRIPLE, Integers, KnowledgeGraph, build_graph, unique_rows
from linker.learning.models.held_back import Answered, Keys, link_keys
from linker.learning.naming import link_name
from linker.learning.proposing.verdicts import Verdicts

FEATURES = 1
"""Part of a model's identity: raised whenever features for the same texts may differ."""
DESCRIBED = ("iri", "type", "label", "text")


@dataclass(frozen=True)
class Task:
    """Tables and answers, with the graph that they make."""

    links: pa.Table
    entities: pa.Table
    verdicts: Verdicts
    training: Training
    base: str
    skipped_types: frozenset[str]
    encoder: TextEncoder | None

    @classmethod
    def of(
        cls, project: Project, links: pa.Table, entities: pa.Table, decisions: Sequence[Decision], training: Training
    ) -> "Task":
        """Take what a project's settings say."""
        if "text" not in entities.column_names:
            entities = entities.append_column("text", pa.array([""] * entities.num_rows, pa.string()))
        return cls(
            links=links,
            entities=entities.select(list(DESCRIBED)),
            verdicts=Verdicts.of(decisions),
            training=training,
            base=project.settings.base,
            skipped_types=frozenset({project.namer.term("Document")}),
            encoder=load_encoder(project.cache_folder("models")) if project.settings.linking.text_vectors else None,
        )

    @cached_property
    def graph(self) -> KnowledgeGraph:
        """Give the graph with accepted links in it, and without features."""
        graph = build_graph(self.links, self.entities)
        accepted = answered_links(graph, self.verdicts, Verdict.ACCEPT)
        return graph.with_triples(unique_rows(np.concatenate([graph.triples, accepted])))

    @cached_property
    def keys(self) -> Keys:
        """Give the keys of all links, ascending and each once."""
        return np.unique(link_keys(self.graph, self.graph.triples))

    @cached_property
    def described(self) -> KnowledgeGraph:
        """Give the same graph with features of what is written about its entities."""
        places = pc.index_in(self.graph.entities, self.entities["iri"].combine_chunks())
        values = self.entities["text"].combine_chunks().take(places)
        return replace(self.graph, features=text_features(self.graph.labels, values, self.encoder))

    def answered(self, verdicts: Verdicts) -> Answered:
        """Give answers by number."""
        return Answered(
            answered_links(self.graph, verdicts, Verdict.ACCEPT), answered_links(self.graph, verdicts, Verdict.REJECT)
        )

    @cached_property
    def digest(self) -> str:
        """Name everything that proposals depend on besides the model."""
        tables = [_content(self.links, TRIPLE), _content(self.entities, DESCRIBED)]
        return digest_of([self.identity, self.base, self.verdicts.identity(), *tables])

    @property
    def identity(self) -> str:
        """Name how models are made."""
        return digest_of([FEATURES, ENCODER if self.encoder else "", self.training.as_json()])


def answered_links(graph: KnowledgeGraph, verdicts: Verdicts, *wanted: Verdict) -> Integers:
    """Give the links with these verdicts by number, shape (links, 3); those that the graph cannot have are left out."""
    predicates = {slug(link_name(predicate)): predicate for predicate in graph.relation_names}
    found = [link for verdict in wanted for link in verdicts.links(verdict)]
    rows = [(head, predicates.get(slug(name), name), tail) for head, name, tail in found]
    columns = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(TRIPLE)}
    return graph.numbered(pa.table(columns))


def _content(table: pa.Table, columns: Sequence[str]) -> str:
    """Digest rows in a fixed order, however the table was cut into batches."""
    rows = table.select(list(columns)).cast(pa.schema([pa.field(name, pa.string()) for name in columns]))
    rows = rows.sort_by([(name, "ascending") for name in columns]).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return hashlib.blake2b(sink.getvalue(), digest_size=16).hexdigest()
