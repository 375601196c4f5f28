"""A review of predicted links: any predictor is made probabilities, and only answers move them."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from bifrost.asking.calibration import sigmoid
from linker.evaluation.effort.measures import calibration_error, measures
from linker.evaluation.effort.moved_by_answers import moved_by_answers
from linker.evaluation.effort.predicted_links import candidates_of, is_predicted_links
from linker.evaluation.effort.reviewing import Reviewer
from linker.evaluation.triples import graph_of, read_triples

PLACES = 30


@dataclass(frozen=True)
class Near:
    """Links join places that lie near each other on a ring; how near is all that this predictor knows."""

    at: NDArray[np.int64]
    noise: float

    def all_scores(self) -> NDArray[np.float64]:
        at = self.at
        apart = np.abs(at[:, None] - at[None, :])
        apart = np.minimum(apart, PLACES - apart)
        chance = np.random.default_rng(5)
        return 5.0 * (apart[None] <= 3) + chance.normal(0, self.noise, (1, PLACES, PLACES))


@pytest.fixture
def ring(tmp_path):
    """Links from every place to those at most three away, some of them left for validation and test."""
    pairs = [(one, (one + step) % PLACES) for one in range(PLACES) for step in (-3, -2, -1, 1, 2, 3)]
    order = np.random.default_rng(3).permutation(len(pairs))
    for name, places in zip(("train", "valid", "test"), np.split(order, [100, 140]), strict=True):
        lines = (f"p{pairs[place][0]}\tnear\tp{pairs[place][1]}\n" for place in places)
        (tmp_path / f"{name}.txt").write_text("".join(lines))
    return tmp_path


def _found(ring, noise=1.0):
    split = read_triples(ring)
    graph = graph_of(split)
    at = np.array([int(name.rsplit("p", 1)[1]) for name in graph.entities.to_pylist()])
    return candidates_of(split, graph, Near(at, noise))


def test_likely_links_are_the_candidates_and_known_ones_are_none(ring):
    found = _found(ring)
    assert is_predicted_links(ring)
    assert found.true_links == 40
    assert found.truth.sum() >= 38
    assert len(found.types) < PLACES * PLACES / 3
    assert found.unanswered[found.truth].mean() > 3 * found.unanswered[~found.truth].mean()


def test_a_review_of_predicted_links_reaches_its_goal_with_fewer_answers_than_by_hand(ring):
    measured, _ = measures(_found(ring), Reviewer(), 2)
    assert measured["reached"] == 2
    assert measured["decisions"] <= measured["random_decisions"] < measured["manual_decisions"]


def test_a_worse_predictor_costs_more_answers(ring):
    good, bad = (measures(_found(ring, noise), Reviewer(), 2)[0]["decisions"] for noise in (1.0, 3.0))
    assert good < bad


def test_asking_the_best_first_does_not_make_the_others_look_better_than_they_are():
    chance = np.random.default_rng(1)
    features = chance.normal(0, 1, (4_000, 2))
    true_log_odds = 1.5 * features[:, 0] - 1.0
    truth = chance.random(4_000) < sigmoid(true_log_odds)
    stated = sigmoid(0.5 * features[:, 0] + 0.5)
    asked = np.union1d(np.argsort(-features[:, 0])[:480], chance.permutation(4_000)[:120])
    silent = np.setdiff1d(np.arange(4_000), asked)
    moved = moved_by_answers(stated, features, asked, truth[asked])
    assert calibration_error(stated[silent], truth[silent]) > 0.2
    assert calibration_error(moved[silent], truth[silent]) < 0.04
