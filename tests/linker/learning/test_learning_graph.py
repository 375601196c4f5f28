"""Graphs and text features as arrays."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from linker.learning.features import encoded, hashed_ngrams
from linker.learning.graph import build_graph, row_keys

ENDS = st.sampled_from(["a", "b", "c", "ü", "d"])
LINKS = st.lists(st.tuples(ENDS, st.sampled_from(["r", "s"]), ENDS), max_size=20)


def _table(rows: list[tuple[str, str, str]]) -> pa.Table:
    names = ("subject", "predicate", "object")
    return pa.table({name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)})


@given(LINKS)
def test_a_graph_holds_exactly_the_distinct_links_that_it_was_given(rows: list[tuple[str, str, str]]) -> None:
    graph = build_graph(_table(rows))
    back = {
        (graph.entities[int(head)].as_py(), graph.relation_names[kind], graph.entities[int(tail)].as_py())
        for head, kind, tail in graph.triples
    }
    assert back == set(rows)
    assert graph.links == len(back)
    assert len(set(row_keys(graph.triples, graph).tolist())) == graph.links


@given(LINKS)
def test_the_order_of_the_rows_does_not_matter(rows: list[tuple[str, str, str]]) -> None:
    one, other = build_graph(_table(rows)), build_graph(_table(rows[::-1]))
    assert np.array_equal(one.triples, other.triples)
    assert one.entities.equals(other.entities)


def test_entities_without_links_are_known_with_type_and_label() -> None:
    entities = pa.table({"iri": ["x/2", "x/1", "x/2"], "type": ["T", None, "U"], "label": ["two", None, "zwei"]})
    graph = build_graph(_table([("x/1", "r", "x/3")]), entities)
    assert graph.entities.to_pylist() == ["x/1", "x/2", "x/3"]
    assert [graph.type_names[number] for number in graph.entity_types] == ["", "T", ""]
    assert [graph.label(number) for number in range(3)] == ["1", "two", "3"]


def test_links_with_unknown_names_are_left_out_of_a_translation() -> None:
    graph = build_graph(_table([("a", "r", "b")]))
    assert graph.numbered(_table([("a", "r", "b"), ("a", "q", "b"), ("a", "r", "z")])).tolist() == [[0, 0, 1]]


@given(st.lists(st.text(max_size=12), min_size=1, max_size=8))
def test_hashed_rows_are_unit_vectors_and_empty_labels_are_zero(labels: list[str]) -> None:
    features = hashed_ngrams(pa.array(labels, pa.string()), width=64)
    norms = np.linalg.norm(features, axis=1)
    assert features.dtype == np.float32
    for label, norm in zip(labels, norms, strict=True):
        assert norm == 0 if label == "" else abs(norm - 1) < 1e-5 or norm == 0


def test_labels_that_share_words_are_nearer_than_those_that_do_not() -> None:
    features = hashed_ngrams(pa.array(["Norda Metals Ltd", "NORDA-0007", "Kelvin Foundry"]))
    assert features[0] @ features[1] > features[0] @ features[2] + 0.05


def test_a_label_is_hashed_the_same_whatever_stands_beside_it() -> None:
    alone = hashed_ngrams(pa.array(["Zürich 7"]))
    beside = hashed_ngrams(pa.array(["Zürich 7", None, "Zürich 7"]))
    assert np.array_equal(np.sign(beside[0]), np.sign(alone[0]))
    assert np.array_equal(beside[0], beside[2])


def test_a_text_encoder_sees_each_label_once() -> None:
    class Lengths:
        dimensions = 1

        def __init__(self) -> None:
            self.seen: list[str] = []

        def __call__(self, texts: list[str]) -> np.ndarray:
            self.seen += texts
            return np.array([[float(len(text))] for text in texts])

    encoder = Lengths()
    assert encoded(pa.array(["ab", "c", "ab", None]), encoder).tolist() == [[2.0], [1.0], [2.0], [0.0]]
    assert sorted(encoder.seen) == ["", "ab", "c"]
