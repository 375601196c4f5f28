"""Single links beside their rivals, trees as arrays, and computing that several threads do at once."""

import threading
from typing import Any

import numpy as np
import pytest
import torch

from linker.learning.fusion.trees import trees_of
from linker.learning.graph import KnowledgeGraph, build_graph
from linker.learning.proposing.answers import OF_ITSELF, beliefs, best_answers
from linker.learning.proposing.questions import Question, answer_range
from linker.learning.repeatable import repeatable, repeatable_draws

SUPPLIED = 2


class Drawn:
    """A scorer whose scores are drawn once."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.scores = np.random.default_rng(3).normal(0, 3, (len(graph.entities), len(graph.entities)))

    def against(self, heads: Any, _relation: int, tails: Any) -> Any:
        return self.scores[np.ix_(heads, tails)].astype(np.float32)


@pytest.fixture(scope="module")
def graph(world: Any) -> KnowledgeGraph:
    made = build_graph(world.links_table(), world.entities_table())
    assert made.relation_names[SUPPLIED].endswith("supplied_by")
    return made


def test_a_single_link_is_believed_as_it_is_among_the_best_answers(graph: KnowledgeGraph) -> None:
    scorer, head = Drawn(graph), np.array([graph.heads[0]])
    question = Question(SUPPLIED, False, head, answer_range(graph, SUPPLIED))
    best = best_answers(scorer, question, graph.triples, 5)
    links = np.stack([best.heads, np.full(len(best.heads), SUPPLIED), best.tails], axis=1)
    assert beliefs(scorer, graph, links, graph.triples) == pytest.approx(best.logits)


def test_belief_does_not_depend_on_what_is_asked_besides(graph: KnowledgeGraph) -> None:
    scorer = Drawn(graph)
    chance = np.random.default_rng(1)
    any_links = np.stack([chance.integers(len(graph.entities), size=60), np.full(60, SUPPLIED), np.full(60, 7)], axis=1)
    known = graph.triples[graph.relations == SUPPLIED][:40]
    rivals = known.copy()
    rivals[:, 2] = answer_range(graph, SUPPLIED)[0]
    asked = np.concatenate([known, rivals, any_links])
    alone = [beliefs(scorer, graph, asked[[place]], graph.triples)[0] for place in range(len(asked))]
    assert beliefs(scorer, graph, asked, graph.triples) == pytest.approx(alone)


def test_nothing_is_believed_to_be_linked_to_itself(graph: KnowledgeGraph) -> None:
    assert beliefs(Drawn(graph), graph, np.array([[5, SUPPLIED, 5]]), graph.triples).tolist() == [OF_ITSELF]


def test_of_very_many_types_of_tails_some_stay_possible() -> None:
    rows = {"subject": [f"h{n}" for n in range(300)], "predicate": ["p"] * 300, "object": [f"t{n}" for n in range(300)]}
    import pyarrow as pa

    names = [*rows["subject"], *rows["object"]]
    entities = {"iri": names, "type": [f"type of {name}" for name in names], "label": names}
    graph = build_graph(pa.table(rows), pa.table(entities))
    assert len(answer_range(graph, 0)) == 300


@pytest.mark.parametrize("classes", [0.5, 0.05])
def test_trees_as_arrays_decide_as_the_forest_they_were_taken_from(classes: float) -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    chance = np.random.default_rng(2)
    given = np.round(chance.normal(0, 3, size=(3_000, 6))).astype(np.float32)
    right = (given[:, 0] * given[:, 1] + chance.normal(size=3_000)) > np.quantile(given[:, 0], 1 - classes)
    forest = HistGradientBoostingClassifier(max_iter=60, random_state=1).fit(given, right)
    # Halves lie on the thresholds, which are the middles between whole numbers.
    fresh = np.concatenate([given[:200], np.round(chance.normal(0, 6, size=(500, 6))).astype(np.float32) / 2])
    assert trees_of(forest).log_odds(fresh) == pytest.approx(forest.decision_function(fresh), abs=1e-9)


def test_threads_that_compute_at_once_leave_the_process_as_it_was() -> None:
    before = (torch.get_deterministic_debug_mode(), torch.utils.deterministic.fill_uninitialized_memory)
    first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with repeatable():
            first_in.set()
            second_in.wait(20)
        first_out.set()

    thread = threading.Thread(target=first)
    thread.start()
    first_in.wait(20)
    with repeatable():
        second_in.set()
        first_out.wait(20)
        assert torch.get_deterministic_debug_mode() == 2
    thread.join(20)
    assert (torch.get_deterministic_debug_mode(), torch.utils.deterministic.fill_uninitialized_memory) == before


def test_scoring_beside_a_training_does_not_set_its_random_numbers_back() -> None:
    with repeatable_draws():
        torch.manual_seed(4)
        expected = torch.rand(3)
    with repeatable_draws():
        torch.manual_seed(4)
        drawn = [torch.rand(1)]
        with repeatable():
            drawn.append(torch.rand(1))
        drawn.append(torch.rand(1))
    assert torch.equal(torch.cat(drawn), expected)
