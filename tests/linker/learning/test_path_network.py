"""The path network: right by the links alone, repeatable, resumable, and useful for entities never seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from linker.evaluation.triples import read_triples
from linker.learning import checkpointing
from linker.learning.features import hashed_ngrams
from linker.learning.graph import Floats, Integers, KnowledgeGraph, build_graph
from linker.learning.path_network.adjacency import Ranges
from linker.learning.path_network.aggregation import Fused, Gathered
from linker.learning.path_network.asking import Candidates, Reading, Surroundings, ask
from linker.learning.path_network.cones import Layer, Question, Reach
from linker.learning.path_network.drawing import Lessons
from linker.learning.path_network.scoring import PathNetwork
from linker.learning.path_network.settings import PathTraining
from linker.learning.path_network.training import new_path_model, train_path_network
from linker.learning.ranking import KnownLinks, rank

BRIEF = PathTraining(steps=120, check_every=40, layers=3, share_asked=0.0, learning_rate=0.02)
TINY = replace(BRIEF, steps=12, check_every=4, questions_per_step=4)


def _graph(world: Any, features: Any = None) -> KnowledgeGraph:
    return build_graph(world.links_table(), world.entities_table(), features=features)


def _accuracy(network: PathNetwork, triples: Integers, links: Integers) -> float:
    """Give the share of heads whose right tail is the best of its type, reading `links`."""
    types = network.graph.entity_types
    tails = np.flatnonzero(types == types[triples[0, 2]])
    scores = network.scorer(links).for_candidates(triples[:, 0], triples[:, 1], [tails] * len(triples))
    return float((tails[np.stack(scores).argmax(axis=1)] == triples[:, 2]).mean())


def _surroundings(graph: KnowledgeGraph, triples: Integers | None = None) -> Surroundings:
    triples = graph.triples if triples is None else triples
    return Surroundings.of(triples, entities=len(graph.entities), relations=len(graph.relation_names))


def _scores(graph: KnowledgeGraph, training: PathTraining, links: Integers, question: Question) -> Floats:
    """Score all entities with an untrained network."""
    surroundings, model = _surroundings(graph, links), new_path_model(graph, training)
    everyone = Candidates(np.arange(len(graph.entities)), question.hidden)
    reach = Reach(surroundings.adjacency, question, training.layers - 1)
    asked = ask(surroundings, [reach], [everyone], Reading(training.layers))
    with torch.no_grad():
        scores: Floats = model(asked, torch.from_numpy(graph.features)).numpy()
    return scores


def test_paths_beat_the_most_frequent_tail(world: Any) -> None:
    graph = _graph(world)
    missing = world.missing_in(graph)
    frequent = np.bincount(graph.tails[graph.relations == missing[0, 1]]).argmax()
    baseline = float((missing[:, 2] == frequent).mean())
    network = train_path_network(graph, BRIEF)
    assert _accuracy(network, missing, network.graph.triples) > baseline + 0.5


def test_an_entity_never_seen_in_training_is_scored_by_a_few_links(world: Any) -> None:
    graph = _graph(world)
    missing = world.missing_in(graph)
    theirs = np.isin(graph.heads, missing[:, 0])
    network = train_path_network(graph.with_triples(graph.triples[~theirs]), BRIEF)
    assert not np.isin(missing[:, 0], network.graph.triples[:, [0, 2]]).any()
    # Ten suppliers, which material and warehouse tell apart: chance is 0.1.
    assert _accuracy(network, missing, network.graph.triples) < 0.3
    assert _accuracy(network, missing, graph.triples) > 0.9


def test_a_network_scores_the_entities_of_another_graph(make_world: Callable[..., Any]) -> None:
    network = train_path_network(_graph(make_world(seed=5)), BRIEF)
    other = make_world(seed=6, batches=300)
    graph = _graph(other)
    missing = other.missing_in(graph)
    tails = np.flatnonzero(graph.entity_types == graph.entity_types[missing[0, 2]])
    scorer = network.scorer(graph.triples, graph.features)
    scores = np.stack(scorer.for_candidates(missing[:, 0], missing[:, 1], [tails] * len(missing)))
    assert (tails[scores.argmax(axis=1)] == missing[:, 2]).mean() > 0.9


def test_an_entity_without_links_is_scored_by_its_text(make_world: Callable[..., Any]) -> None:
    world = make_world(speaking=True)
    unseen = {head for head, _ in world.missing}
    world.links = [link for link in world.links if link[0] not in unseen]
    graph = _graph(world, hashed_ngrams)
    missing = world.missing_in(graph)
    network = train_path_network(graph, replace(BRIEF, steps=150, check_every=75, layers=2))
    assert _accuracy(network, missing, network.graph.triples) > 0.6


@pytest.mark.parametrize("name", ["umls", "kinships", "nations"])
def test_a_tiny_budget_beats_frequencies(shared_data: Path, name: str) -> None:
    split = read_triples(shared_data / "lp-small" / name)
    graph = build_graph(split.train)
    valid = graph.numbered(split.valid)
    known = KnownLinks(graph, np.concatenate([graph.triples, valid, graph.numbered(split.test)]))
    ranges = Ranges.of(graph.triples, entities=len(graph.entities), relations=len(graph.relation_names))

    class Frequencies:
        """Scores an answer by how often the relation leads to it."""

        def against_all(self, subjects: Integers, relations: Integers) -> Floats:
            return np.stack([ranges.counts_of(int(relation)) for relation in relations])

    training = PathTraining(steps=100, check_every=100, layers=3, checked_at_most=50, learning_rate=0.01)
    scorer = train_path_network(graph, training, held_out=valid).scorer(graph.triples)
    measured, baseline = (float((1 / rank(one, valid[:100], known)).mean()) for one in (scorer, Frequencies()))
    assert measured > baseline + 0.15


def test_the_same_input_trains_the_same_network(world: Any) -> None:
    graph = _graph(world)
    assert train_path_network(graph, TINY).as_bytes() == train_path_network(graph, TINY).as_bytes()
    assert train_path_network(graph, TINY).as_bytes() != train_path_network(graph, replace(TINY, seed=2)).as_bytes()


def test_a_killed_training_of_paths_goes_on_and_ends_with_the_same_network(
    world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, save, path = _graph(world), checkpointing.save, tmp_path / "paths.checkpoint"
    undisturbed = train_path_network(graph, TINY)

    def killed(*arguments: Any) -> None:
        save(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpointing, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            train_path_network(graph, TINY, checkpoint=path)
    steps: list[int] = []
    resumed = train_path_network(graph, TINY, checkpoint=path, report=lambda step, *_: steps.append(step))
    assert steps == [8, 12]
    assert resumed.as_bytes() == undisturbed.as_bytes()


def test_training_paths_leaves_no_trace_in_the_process(world: Any) -> None:
    torch.manual_seed(7)
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), torch.random.get_rng_state()
    train_path_network(_graph(world), replace(TINY, steps=2, check_every=2))
    assert torch.get_num_threads() == before[0]
    assert torch.are_deterministic_algorithms_enabled() == before[1]
    assert torch.equal(torch.random.get_rng_state(), before[2])


@pytest.mark.parametrize("all_direct", [True, False])
def test_hidden_links_are_read_as_if_they_were_not_there(world: Any, all_direct: bool) -> None:
    graph, training = _graph(world), replace(TINY, layers=3)
    asked = graph.triples[7]
    # A second relation between the same ends is hidden only if all direct links are.
    twin = np.array([[asked[2], (asked[1] + 1) % len(graph.relation_names), asked[0]]])
    links = np.concatenate([graph.triples, twin])
    question = Question(int(asked[0]), int(asked[1]), asked[2:], all_direct)
    rest = np.delete(links, [7, len(links) - 1] if all_direct else [7], axis=0)
    others = np.arange(len(graph.entities)) != asked[2]
    hidden = _scores(graph, training, links, question)[others]
    plain = _scores(graph, training, rest, Question(question.subject, question.relation))[others]
    open_eyed = _scores(graph, training, links, Question(question.subject, question.relation))[others]
    # The subject's own count of links is a prior of the subject as a candidate.
    different = np.abs(hidden - plain) > 1e-5
    assert different.sum() <= 1
    assert (np.abs(open_eyed - plain) > 1e-4).sum() > 1


def test_asking_few_candidates_gives_the_scores_of_asking_all(world: Any) -> None:
    network = train_path_network(_graph(world), replace(TINY, layers=4))
    scorer, chance = network.scorer(network.graph.triples), np.random.default_rng(3)
    heads, kinds, _ = network.graph.triples[::40].T
    everyone = scorer.against_all(heads, kinds)
    few = [chance.choice(len(network.graph.entities), 5, replace=False) for _ in heads]
    for row, chosen, scores in zip(everyone, few, scorer.for_candidates(heads, kinds, few), strict=True):
        assert np.allclose(row[chosen], scores, atol=1e-5)


def test_rivals_are_no_known_answers_and_stand_for_all_other_entities(world: Any) -> None:
    graph = _graph(world)
    training = replace(TINY, rivals_in_range=3, rivals_near=5, rivals_elsewhere=4, share_asked=0.5)
    lesson = Lessons(_surroundings(graph), graph.triples, training).draw(3)
    known = KnownLinks(graph, graph.triples)
    rows, answers = known.cells(lesson.asked.subjects, lesson.asked.relations)
    for question in range(len(lesson.asked.subjects)):
        mine = lesson.asked.questions == question
        rivals = lesson.asked.candidates[mine & ~lesson.right]
        assert not np.isin(rivals, answers[rows == question]).any()
        assert np.isin(lesson.asked.candidates[mine & lesson.right], answers[rows == question]).all()
        others = len(graph.entities) - (rows == question).sum()
        assert np.exp(lesson.log_shares[mine & ~lesson.right]).sum() == pytest.approx(others, rel=1e-3)


def _random_layer(chance: np.random.Generator) -> Layer:
    counts = chance.integers(0, 6, 40)
    counts[:3] = (0, 1, 30)
    links = int(counts.sum())
    return Layer(
        starts=np.concatenate([[0], np.cumsum(counts)]),
        senders=chance.integers(0, 25, links).astype(np.int32),
        kinds=chance.integers(0, 7, links).astype(np.int32),
        own=np.full(40, -1),
    )


def _aggregates_of_one(states: torch.Tensor, vectors: torch.Tensor, layer: Layer) -> torch.Tensor:
    """Aggregate receiver by receiver, with gradients by torch itself."""
    rows = []
    for first, last in zip(layer.starts, layer.starts[1:], strict=False):
        if first == last:
            rows.append(torch.zeros(4, states.shape[1]))
            continue
        messages = states[layer.senders[first:last]] * vectors[layer.kinds[first:last]]
        variance = (messages.square().mean(0) - messages.mean(0).square()).clamp(min=1e-6)
        rows.append(torch.stack([messages.mean(0), variance.sqrt(), messages.max(0)[0], messages.min(0)[0]]))
    return torch.stack(rows)


@pytest.mark.parametrize("way", [Fused, Gathered])
@pytest.mark.parametrize("width", [8, 24])
def test_messages_and_their_gradients_are_those_of_plain_arithmetic(way: Any, width: int) -> None:
    layer = _random_layer(np.random.default_rng(width))
    torch.manual_seed(width)
    inputs, weight = (torch.randn(25, width), torch.randn(7, width)), torch.randn(40, 4, width)
    outcomes = []
    for aggregates in (way.apply, _aggregates_of_one):
        states, vectors = (given.clone().requires_grad_() for given in inputs)
        result = aggregates(states, vectors, layer)
        (result * weight).sum().backward()
        outcomes.append((result.detach(), states.grad, vectors.grad))
    for mine, plain in zip(*outcomes, strict=True):
        assert torch.allclose(mine, plain, atol=1e-3, rtol=1e-3)


def test_links_found_from_either_end_are_the_same(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, training = _graph(world), replace(TINY, layers=3)
    question = Question(int(graph.heads[9]), int(graph.relations[9]), graph.tails[9:10], False)
    scores = {}
    for side, links in {"receivers": [0, 1] * 3, "senders": [1, 0] * 3}.items():
        counts = iter(links)
        monkeypatch.setattr(Reach, "_links_of", lambda *_, counts=counts: 10_000 * next(counts) + 5_000)
        scores[side] = _scores(graph, training, graph.triples, question)
    assert np.allclose(scores["receivers"], scores["senders"], atol=1e-5)
    assert np.ptp(scores["senders"]) > 0.01
