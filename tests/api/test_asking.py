"""What to ask next, what asking has cost, and which types drift: the same over REST and GraphQL, after every answer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from bifrost import review
from bifrost.model import Decision, End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict
from bifrost.project import Project, create_project
from bifrost.testing.graphs import entity, linked, snapshot_of

NEXT, EFFORT, DECISIONS = "/api/v1/next-question", "/api/v1/effort", "/api/v1/decisions"
BEFORE = {"decisions": 0, "links": 2, "links_unasked": 2, "manual_decisions": 2, "ratio_to_manual": 2.0, "curve": []}


@pytest.fixture
def smaller(asked: Proposal) -> Proposal:
    """A second question, about fewer links than the first."""
    return replace(asked, start=End("stock", "lots", ("maker",)), name="made by", estimated_links=1)


@pytest.fixture
def questioned(project: Project, asked: Proposal, smaller: Proposal, accepted: Proposal) -> Project:
    """A project with two open questions, and two links of a type that went in unasked."""
    links = [linked(entity(key, "stock", "parts"), accepted.name, entity("L-1", "stock", "lots")) for key in "ab"]
    routed = [(smaller, Route.ASK), (asked, Route.ASK), (accepted, Route.ACCEPTED)]
    snapshot = snapshot_of(project, {review.links_unit(accepted): links}, routed)
    project.catalog.move_head("snapshot", snapshot.digest)
    return project


@pytest.fixture
def asking(questioned: Project) -> Iterator[TestClient]:
    with TestClient(create_app(questioned), base_url="http://localhost") as client:
        yield client


def told(web: TestClient, query: str) -> Any:
    """Give the answer to a GraphQL query of one field."""
    answer = web.post("/graphql", json={"query": query}).json()
    assert "errors" not in answer, answer["errors"]
    (value,) = answer["data"].values()
    return value


def next_over_both(web: TestClient) -> str | None:
    """Give the id of the next question, which REST and GraphQL must agree on."""
    over_rest, over_graphql = web.get(NEXT).json(), told(web, "{ nextQuestion { id } }")
    assert [each["id"] for each in over_rest] == ([over_graphql["id"]] if over_graphql else [])
    return over_graphql and str(over_graphql["id"])


def answer(web: TestClient, proposal: Proposal, verdict: str) -> None:
    assert web.post(DECISIONS, json={"id": proposal.id, "verdict": verdict}).status_code == 201


def test_the_next_question_comes_with_its_evidence(asking: TestClient, asked: Proposal) -> None:
    (over_rest,) = asking.get(NEXT).json()
    assert (over_rest["id"], over_rest["route"], over_rest["decision"]) == (asked.id, "ask", None)
    query = "{ nextQuestion { id examples estimatedLinks route decision { seq } because { feature } } }"
    assert told(asking, query) == {
        "id": asked.id,
        "examples": [["L-1", "Steelworks"]],
        "estimatedLinks": 3,
        "route": "ask",
        "decision": None,
        "because": [{"feature": "inclusion"}],
    }


def test_an_answer_changes_the_next_question_until_there_is_none(
    asking: TestClient, asked: Proposal, smaller: Proposal
) -> None:
    assert next_over_both(asking) == asked.id
    answer(asking, asked, "accept")
    assert next_over_both(asking) == smaller.id
    answer(asking, asked, "undo")
    assert next_over_both(asking) == asked.id
    answer(asking, asked, "skip")
    answer(asking, smaller, "reject")
    assert next_over_both(asking) is None


def test_rest_gives_many_questions_at_once(asking: TestClient, asked: Proposal, smaller: Proposal) -> None:
    assert [each["id"] for each in asking.get(NEXT, params={"first": 5}).json()] == [asked.id, smaller.id]


@pytest.mark.parametrize(
    ("first", "sentence"), [("0", "equal to 1"), ("101", "equal to 100"), ("some", "valid integer")]
)
def test_a_number_of_questions_that_cannot_be_is_refused_with_a_sentence(
    asking: TestClient, first: str, sentence: str
) -> None:
    refused = asking.get(NEXT, params={"first": first})
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].startswith("query.first: ")
    assert sentence in refused.json()["error"]["message"]


def test_effort_counts_every_answer_over_rest_and_graphql(
    asking: TestClient, asked: Proposal, smaller: Proposal
) -> None:
    assert asking.get(EFFORT).json() == BEFORE
    answer(asking, asked, "accept")
    answer(asking, smaller, "reject")
    found = asking.get(EFFORT).json()
    steps = [{**step, "at": bool(step["at"])} for step in found["curve"]]
    assert {**found, "curve": steps} == {
        **BEFORE,
        "decisions": 2,
        "manual_decisions": 3,
        "ratio_to_manual": 1.5,
        "curve": [
            {"decisions": 1, "links": 3, "manual_decisions": 3, "at": True},
            {"decisions": 2, "links": 3, "manual_decisions": 4, "at": True},
        ],
    }
    query = "{ effort { decisions links linksUnasked manualDecisions ratioToManual curve { decisions links at } } }"
    same = told(asking, query)
    assert [same[name] for name in ("decisions", "links", "linksUnasked", "manualDecisions")] == [2, 2, 2, 3]
    assert same["ratioToManual"] == 1.5
    assert [(step["decisions"], step["links"]) for step in same["curve"]] == [(1, 3), (2, 3)]
    assert all(step["at"].endswith("+00:00") for step in same["curve"])


def test_a_link_type_drifts_once_its_sure_links_are_corrected_again_and_again(
    asking: TestClient, questioned: Project, accepted: Proposal
) -> None:
    def drifting() -> tuple[bool, bool, int]:
        (over_rest,) = asking.get("/api/v1/link-types").json()
        (over_graphql,) = told(asking, "{ linkTypes { name drifting } }")
        summary = told(asking, "{ summary { driftingLinkTypes } }")
        return over_rest["drifting"], over_graphql["drifting"], summary["driftingLinkTypes"]

    def correct(*numbers: int) -> None:
        for number in numbers:
            ends = (End(iri=entity(str(number), "stock", table)) for table in ("parts", "lots"))
            wrong = Proposal(ProposalKind.CLAIM, *ends, 0.99, accepted.name, Rule(RuleKind.CLAIM))
            review.append(questioned, Decision(wrong, Verdict.REJECT, by="ann"))

    correct(1, 2)
    assert drifting() == (False, False, 0)
    correct(3, 4, 5)
    assert drifting() == (True, True, 1)


def test_before_anything_was_linked_there_is_nothing_to_ask_and_nothing_to_count(tmp_path: Path) -> None:
    empty = create_project(tmp_path, "{}")
    with TestClient(create_app(empty), base_url="http://localhost") as web:
        assert next_over_both(web) is None
        assert told(web, "{ linkTypes { drifting } }") == []
        nothing = {"links": 0, "links_unasked": 0, "manual_decisions": 0, "ratio_to_manual": 0.0}
        assert web.get(EFFORT).json() == {**BEFORE, **nothing}
