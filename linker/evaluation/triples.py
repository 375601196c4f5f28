"""Public benchmarks of missing links: their splits, and the graph of one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from bifrost.truth_file import TruthUnusable
from linker.learning.graph import TRIPLE, Floats, KnowledgeGraph, build_graph


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
