"""Training: better than guessing, repeatable, resumable, and useful for entities never seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from linker.evaluation.triples import Split, graph_of, read_triples
from linker.learning import checkpointing
from linker.learning.encoder.losses import Batch
from linker.learning.encoder.message_graph import MessageGraph
from linker.learning.encoder.settings import Training, planned_epochs
from linker.learning.encoder.steps import Reader
from linker.learning.encoder.trained import Trained, filled_model, new_model, weights_as_bytes, weights_of
from linker.learning.encoder.training import Lessons, train
from linker.learning.features import hashed_ngrams
from linker.learning.graph import Integers, KnowledgeGraph, build_graph
from linker.learning.ranking import KnownLinks, measures, rank


def _graph(world: Any) -> KnowledgeGraph:
    return build_graph(world.links_table(), world.entities_table(), features=hashed_ngrams)


def _accuracy(trained: Trained, graph: KnowledgeGraph, triples: Integers) -> float:
    """Give the share of heads whose right tail is the best of its type."""
    tails = np.flatnonzero(graph.entity_types == graph.entity_types[triples[0, 2]])
    scores = trained.scorer(graph.triples).against(triples[:, 0], int(triples[0, 1]), tails)
    return float((tails[scores.argmax(axis=1)] == triples[:, 2]).mean())


def test_learning_beats_the_most_frequent_tail_of_the_right_type(world: Any, quick: Training) -> None:
    graph = _graph(world)
    missing = world.missing_in(graph)
    relation = missing[0, 1]
    frequent = np.bincount(graph.tails[graph.relations == relation]).argmax()
    baseline = float((missing[:, 2] == frequent).mean())
    assert _accuracy(train(graph, quick), graph, missing) > baseline + 0.3


def test_the_same_input_trains_the_same_model(world: Any, quick: Training) -> None:
    brief = replace(quick, most_epochs=4)
    assert _weights(train(_graph(world), brief)) == _weights(train(_graph(world), brief))
    assert _weights(train(_graph(world), brief)) != _weights(train(_graph(world), replace(brief, seed=2)))


@pytest.mark.parametrize("sampled_above", [0, 200_000])
def test_a_killed_training_goes_on_and_ends_with_the_same_model(
    world: Any, quick: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sampled_above: int
) -> None:
    training, graph = replace(quick, most_epochs=6, sampled_above=sampled_above), _graph(world)
    undisturbed = train(graph, training)
    save, path = checkpointing.save, tmp_path / "training.checkpoint"

    def killed(*arguments: Any) -> None:
        save(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpointing, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            train(graph, training, checkpoint=path)
    assert path.exists()
    assert _weights(train(graph, training, checkpoint=path)) == _weights(undisturbed)


def test_a_damaged_checkpoint_means_starting_again(world: Any, quick: Training, tmp_path: Path) -> None:
    brief, path = replace(quick, most_epochs=2), tmp_path / "training.checkpoint"
    path.write_bytes(b"torn")
    assert _weights(train(_graph(world), brief, checkpoint=path)) == _weights(train(_graph(world), brief))


def test_an_entity_never_seen_in_training_finds_its_tail_by_its_label(
    make_world: Callable[..., Any], quick: Training
) -> None:
    world = make_world(speaking=True)
    unseen = {head for head, _ in world.missing}
    world.links = [link for link in world.links if link[0] not in unseen]
    graph = _graph(world)
    missing = world.missing_in(graph)
    assert not np.isin(missing[:, 0], graph.triples[:, [0, 2]]).any()
    # Ten suppliers: chance is 0.1.
    assert _accuracy(train(graph, quick), graph, missing) > 0.6


def test_sampled_neighbourhoods_learn_too(world: Any, quick: Training) -> None:
    graph = _graph(world)
    missing = world.missing_in(graph)
    training = replace(quick, sampled_above=0, all_against_below=0, negatives=64, composition="correlate")
    assert _accuracy(train(graph, training), graph, missing) > 0.3


def test_rejected_links_lose_belief_and_confirmed_ones_gain_it(world: Any, quick: Training) -> None:
    graph = _graph(world)
    missing = world.missing_in(graph)[:6]
    wrong = missing.copy()
    wrong[:, 2] = np.where(missing[:, 2] == missing[0, 2], missing[-1, 2], missing[0, 2])
    held_out = graph.triples[::10]

    def share(links: Integers, *, rejected: bool = False, weight: float | None = None) -> float:
        nothing = np.zeros((0, 3), np.int64)
        lessons = Lessons(nothing if weight is None else links, links if rejected else nothing, weight or 0.0)
        taught = graph.with_triples(np.concatenate([graph.triples, lessons.accepted]))
        scores = train(taught, quick, lessons=lessons, held_out=held_out).scorer(graph.triples)
        weights = np.exp(scores.against_all(links[:, 0], links[:, 1]).astype(float))
        return float((weights[np.arange(len(links)), links[:, 2]] / weights.sum(axis=1)).mean())

    assert share(missing, rejected=True) < 0.5 * share(missing)
    assert share(wrong, weight=3.0) > 2 * share(wrong)
    assert share(wrong, weight=3.0) > 1.2 * share(wrong, weight=1.0) > 1.2 * share(wrong, weight=0.0)


@pytest.mark.parametrize("sampled_above", [0, 200_000])
def test_the_links_that_a_step_asks_about_carry_no_messages(world: Any, quick: Training, sampled_above: int) -> None:
    training = replace(quick, sampled_above=sampled_above, fanout=500, dropout=0.0, identity_dropout=0.0)
    graph, asked = _graph(world), torch.arange(0, 60)
    torch.manual_seed(1)
    model, none = new_model(graph, training, graph.triples), torch.zeros(0, 3, dtype=torch.long)
    batch = Batch.of(graph, asked, torch.ones(60))
    places = batch.subjects

    def states(seen: KnowledgeGraph, silenced: torch.Tensor) -> torch.Tensor:
        messages = MessageGraph(seen.triples, entities=len(graph.entities), relations=len(graph.relation_names))
        return Reader(seen, messages, training).read(model, silenced, batch, none).of(places)

    rest = states(graph.with_triples(graph.triples[60:]), torch.arange(0))
    assert torch.allclose(states(graph, asked), rest, atol=1e-5)
    assert not torch.allclose(states(graph, torch.arange(0)), rest, atol=1e-2)


def test_leaving_no_trace_in_the_process(world: Any, quick: Training) -> None:
    torch.manual_seed(7)
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), torch.random.get_rng_state()
    train(_graph(world), replace(quick, most_epochs=2))
    assert torch.get_num_threads() == before[0]
    assert torch.are_deterministic_algorithms_enabled() == before[1]
    assert torch.equal(torch.random.get_rng_state(), before[2])


def test_weights_come_back_from_their_bytes(world: Any, quick: Training) -> None:
    graph = _graph(world)
    trained = train(graph, replace(quick, most_epochs=2))
    again = filled_model(trained.model.shape, weights_of(_weights(trained)))
    expected = trained.scorer(graph.triples).states
    assert torch.equal(Trained(again, graph, trained.held_out, {}).scorer(graph.triples).states, expected)


def test_a_budget_is_counted_in_work_not_by_the_clock() -> None:
    sizes = {"entities": 5_000, "links": 50_000, "questions": 60_000, "text_width": 256}
    small, large = (planned_epochs(Training(budget_seconds=seconds), **sizes) for seconds in (15.0, 60.0))
    assert small < large <= Training().most_epochs
    assert planned_epochs(Training(budget_seconds=0.0), **sizes) == Training().check_every


def test_ranks_leave_known_answers_out_and_share_ties(world: Any) -> None:
    class Fixed:
        """Scores every tail by a fixed list."""

        def against_all(self, heads: Integers, relations: Integers) -> Any:
            return np.tile(np.array([5.0, 4.0, 3.0, 3.0], np.float32), (len(heads), 1))

    graph = build_graph(_triples([("a", "r", "b"), ("a", "r", "c"), ("d", "r", "d")]))
    tested = graph.numbered(_triples([("a", "r", "c")]))
    # Tail c: a is better, b is a known answer, d ties. Head a: nobody is better.
    assert rank(Fixed(), tested, KnownLinks(graph, graph.triples)).tolist() == [2.5, 1.0]  # type: ignore[arg-type]


def test_umls_is_learned_in_seconds(shared_data: Path) -> None:
    split = read_triples(shared_data / "lp-small" / "umls")
    graph = graph_of(split)
    held_out, tested = graph.numbered(split.valid), graph.numbered(split.test)
    trained = train(graph, Training(most_epochs=12, dimensions=48), held_out=held_out)
    known = KnownLinks(graph, np.concatenate([graph.triples, held_out, tested]))
    measured = measures(rank(trained.scorer(graph.triples), tested, known))
    assert measured["mrr"] > 0.7
    assert measured["hits_at_10"] > 0.9


def test_quotes_and_empty_names_in_triples_are_text(tmp_path: Path) -> None:
    for name in ("train", "valid", "test"):
        (tmp_path / f"{name}.txt").write_text('a"b\tr\tNA\n')
    split = read_triples(tmp_path)
    assert isinstance(split, Split)
    assert split.train.to_pylist() == [{"subject": 'a"b', "predicate": "r", "object": "NA"}]


def _triples(rows: list[tuple[str, str, str]]) -> Any:
    import pyarrow as pa

    names = ("subject", "predicate", "object")
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)})


def _weights(trained: Trained) -> bytes:
    return weights_as_bytes(trained.model)
