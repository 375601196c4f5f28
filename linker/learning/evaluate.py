"""Evaluation of link prediction: filtered, full ranking, both directions, mean rank of ties."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from bifrost.truth_file import TruthUnusable
from linker.learning.features import hashed_ngrams
from linker.learning.graph import TRIPLE, Floats, KnowledgeGraph, build_graph
from linker.learning.ranking import KnownLinks, measures, rank
from linker.learning.settings import Training
from linker.learning.train import train


@dataclass(frozen=True)
class Split:
    """Triples for training, for choosing, and for the final measurement (tables subject, predicate, object)."""

    train: pa.Table
    valid: pa.Table
    test: pa.Table


def read_triples(folder: Path) -> Split:
    """Read train.txt, valid.txt and test.txt: one triple a line, separated by tabs, no quoting.

    Raises:
        TruthUnusable: a line is no triple.
    """
    return Split(*(_read(folder / f"{name}.txt") for name in ("train", "valid", "test")))


def evaluate(split: Split, training: Training, *, with_names: bool = False) -> dict[str, float]:
    """Train on `split.train`, stop early on `split.valid`, and measure on `split.test`.

    Gives mrr, hits_at_1, hits_at_3, hits_at_10, epochs and seconds. `with_names` lets the model read the entities'
    names. A test triple with an entity that no split describes cannot occur: all names are known, links are not.
    """
    started = time.perf_counter()
    graph = graph_of(split, hashed_ngrams if with_names else None)
    held_out, tested = graph.numbered(split.valid), graph.numbered(split.test)
    trained = train(graph, training, held_out=held_out)
    known = KnownLinks(graph, np.concatenate([graph.triples, held_out, tested]))
    ranks = rank(trained.scorer(graph.triples), tested, known)
    return {**measures(ranks), "epochs": trained.metrics["epochs"], "seconds": time.perf_counter() - started}


def graph_of(split: Split, features: Callable[[pa.Array], Floats] | None = None) -> KnowledgeGraph:
    """Number the entities of all splits and the links of `split.train`; `features` reads the entities' names."""
    every = pa.concat_tables([split.train, split.valid, split.test])
    names = pa.concat_arrays([*every["subject"].chunks, *every["object"].chunks]).unique()
    entities = pa.table({"iri": names, "type": pa.array([""] * len(names)), "label": names})
    relations = every["predicate"].unique().to_pylist()
    return build_graph(split.train, entities, relations=relations, features=features)


def _read(path: Path) -> pa.Table:
    try:
        return _parsed(path)
    except pa.ArrowInvalid as error:
        raise TruthUnusable(
            path, f"each line must hold head, relation and tail, separated by tabs ({error})"
        ) from error


def _parsed(path: Path) -> pa.Table:
    return csv.read_csv(
        path,
        read_options=csv.ReadOptions(column_names=list(TRIPLE)),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(TRIPLE, pa.string()), strings_can_be_null=False),
    )
