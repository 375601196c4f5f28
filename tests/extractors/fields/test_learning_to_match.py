"""The ranking model: it explains itself, learns from decisions, and its training runs from made-up tables."""

import json
import os
from random import Random

import numpy as np
import pytest

from bifrost.model import Decision, End, Proposal, ProposalKind, Rule, RuleKind, Table, Verdict
from bifrost.progress import Silent
from bifrost.project import Project
from bifrost.review import append
from bifrost.schemas import LEAST_MATCH
from bifrost.testing.staged_tables import stage_table
from extractors.fields.candidates import FEATURES
from extractors.fields.compared import prepare
from extractors.fields.context import INPUTS, PairGraph
from extractors.fields.matching import match_fields
from extractors.fields.profile import profile_tables
from extractors.fields.ranker import shipped_ranker
from extractors.fields.scoring import Answers, Scored, score_candidates
from extractors.fields.training.concepts import read_concepts
from extractors.fields.training.examples import example
from extractors.fields.training.worlds import make_pair

CITIES = ["Hamburg", "Köln", "Leipzig", "Odense", "Milan", "Lyon", "Gent", "Basel"]


@pytest.fixture
def tables(project: Project) -> list[Table]:
    return [
        stage_table(project, "a", "orders", {"cust_no": [f"C{n}" for n in range(8)], "town": CITIES}),
        stage_table(project, "b", "sales", {"client": [f"K{n + 50}" for n in range(8)], "city": CITIES}),
        stage_table(project, "c", "returns", {"cust_no": [f"C{n + 9}" for n in range(8)], "reason": list("abcdefgh")}),
        stage_table(project, "d", "leads", {"client": [f"K{n + 70}" for n in range(8)], "score": list(range(8))}),
    ]


def scored(project: Project, tables: list[Table], answers: Answers | None = None) -> Scored:
    profiles = project.staging.table([profile_tables(project, tables, Silent())])
    return score_candidates(prepare(profiles, None), answers)


def score_of(given: Scored, one: tuple[str, str], two: tuple[str, str]) -> float:
    rows = given.fields.rows
    for place, (left, right) in enumerate(given.candidates.pairs):
        ends = {(rows[end]["source"], rows[end]["field"]) for end in (left, right)}
        if ends == {one, two}:
            return float(given.scores[place])
    raise AssertionError(f"{one} and {two} are no candidates")


def test_an_answer_about_one_pair_moves_pairs_like_it(project: Project, tables: list[Table]) -> None:
    asked = (("a", "orders", "cust_no"), ("b", "sales", "client"))
    scores = {
        verdict: scored(project, tables, {asked: verdict} if verdict is not None else None)
        for verdict in (None, True, False)
    }
    for pair in ((("a", "cust_no"), ("b", "client")), (("c", "cust_no"), ("d", "client"))):
        rejected, before, accepted = (score_of(scores[verdict], *pair) for verdict in (False, None, True))
        assert rejected < before < accepted


def test_an_answer_moves_the_weights_a_little(project: Project, tables: list[Table]) -> None:
    asked = (("a", "orders", "cust_no"), ("b", "sales", "client"))
    shipped = shipped_ranker(meaning=False)
    moved = scored(project, tables, {asked: True}).ranker
    difference = np.abs(moved.weights - shipped.weights)
    assert 0 < difference.max() < 1


def test_decisions_in_the_log_change_the_matches(project: Project, tables: list[Table]) -> None:
    profiles = profile_tables(project, tables, Silent())
    before = match_fields(project, tables, profiles, Silent())
    asked = Proposal(
        kind=ProposalKind.SAME_FIELD,
        start=End("a", "orders", ("cust_no",)),
        end=End("b", "sales", ("client",)),
        probability=0.4,
        name="cust_no",
        rule=Rule(RuleKind.SAME_THING),
        because=(),
        model="matching/1",
    )
    append(project, Decision(asked, Verdict.ACCEPT, by="somebody"))
    after = match_fields(project, tables, profiles, Silent())
    assert after != before
    found = {(row["left_field"], row["right_field"]) for row in project.staging.table([after]).to_pylist()}
    assert ("cust_no", "client") in found


def test_the_reasons_of_a_match_add_up_to_its_probability(project: Project, tables: list[Table]) -> None:
    profiles = profile_tables(project, tables, Silent())
    for match in project.staging.table([match_fields(project, tables, profiles, Silent())]).to_pylist():
        log_odds = sum(reason["weight"] for reason in json.loads(match["because"]))
        assert match["probability"] == pytest.approx(1 / (1 + np.exp(-log_odds)), abs=0.002)
        assert max(match["probability"], match["probability_if_same_things"]) >= LEAST_MATCH


def test_the_shipped_model_knows_every_feature() -> None:
    for meaning in (True, False):
        shipped = shipped_ranker(meaning=meaning)
        assert shipped.features == FEATURES
        assert len(shipped.weights) == len(shipped.usual) == len(FEATURES)


def test_made_up_tables_have_true_pairs_among_the_candidates() -> None:
    chance = Random(3)
    found = [example(make_pair(read_concepts(), chance), None) for _ in range(4)]
    assert sum(int(one.right.sum()) for one in found) >= 0.9 * sum(one.true_pairs for one in found)


def test_the_network_runs_as_it_was_trained() -> None:
    pytest.importorskip("torch")
    os.environ.setdefault("DGLBACKEND", "pytorch")
    pytest.importorskip("dgl")
    import torch

    from extractors.fields.training import graph as training

    torch.manual_seed(1)
    model = training._model()
    torch.nn.init.normal_(model.last.weight)
    chance = np.random.default_rng(1)
    groups = chance.integers(0, 5, 20), chance.integers(0, 4, 20)
    groups = tuple(np.unique(group, return_inverse=True)[1] for group in groups)
    graph = PairGraph(np.arange(20), np.arange(20), (groups[0], groups[1]))
    inputs = chance.normal(size=(20, INPUTS)).astype(np.float32)
    trained = model(training._heterograph(graph), torch.as_tensor(inputs)).detach().numpy()
    assert np.allclose(training._as_arrays(model)(inputs, graph.groups), trained, atol=1e-4)
