from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.graphql.service import execute
from bifrost.model import Proposal, Verdict
from bifrost.project import Project


def ask(project: Project, query: str, **variables: Any) -> dict[str, Any]:
    answer = execute(project, query, variables)
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


def complaint(project: Project, query: str, **variables: Any) -> dict[str, Any]:
    (error,) = execute(project, query, variables)["errors"]
    assert isinstance(error, dict)
    return error


DECIDE = """mutation ($id: ID!, $verdict: String!, $name: String) {
  decide(id: $id, verdict: $verdict, name: $name, reason: "seen the delivery notes") {
    seq verdict name by reason proposal { id name kind }
  }
}"""


def test_open_proposals_show_their_evidence(reviewed: Project, asked: Proposal) -> None:
    query = """{ proposals(route: "ask") {
        id kind probability name route rule transform examples estimatedLinks model
        start { source table fields label iri } because { feature value weight } decision { seq } } }"""
    (shown,) = ask(reviewed, query)["proposals"]
    assert shown["id"] == asked.id
    assert shown["start"] == {
        "source": "stock",
        "table": "lots",
        "fields": ["supplier"],
        "label": "stock/lots.supplier",
        "iri": None,
    }
    assert shown["because"] == [{"feature": "inclusion", "value": "1.0", "weight": 2.5}]
    assert shown["examples"] == [["L-1", "Steelworks"]]
    assert shown["decision"] is None


def test_a_decision_is_appended_to_the_log_and_settles_the_question(reviewed: Project, asked: Proposal) -> None:
    decided = ask(reviewed, DECIDE, id=asked.id, verdict="accept", name="delivered by")["decide"]
    assert (decided["seq"], decided["verdict"], decided["name"]) == (1, "accept", "delivered by")
    (logged,) = reviewed.catalog.decisions()
    assert (logged.proposal.id, logged.verdict, logged.reason) == (asked.id, Verdict.ACCEPT, "seen the delivery notes")
    assert ask(reviewed, '{ proposals(route: "ask") { id } }')["proposals"] == []
    assert ask(reviewed, "query ($id: ID!) { proposal(id: $id) { decision { name } } }", id=asked.id) == {
        "proposal": {"decision": {"name": "delivered by"}}
    }


def test_undo_is_one_more_entry_and_opens_the_question_again(reviewed: Project, asked: Proposal) -> None:
    ask(reviewed, DECIDE, id=asked.id, verdict="reject")
    ask(reviewed, "mutation ($id: ID!) { undo(id: $id) { seq } }", id=asked.id)
    assert [decision.verdict for decision in reviewed.catalog.decisions()] == [Verdict.REJECT, Verdict.UNDO]
    assert len(ask(reviewed, '{ proposals(route: "ask") { id } }')["proposals"]) == 1
    (newest,) = ask(reviewed, "{ decisions(first: 1) { verdict at } }")["decisions"]
    assert newest["verdict"] == "undo"
    assert newest["at"].endswith("+00:00")


def test_an_unknown_proposal_gets_a_sentence(reviewed: Project) -> None:
    error = complaint(reviewed, DECIDE, id="ffffffffffff", verdict="accept")
    assert "no proposal 'ffffffffffff'" in error["message"]
    assert error["extensions"] == {"code": "UnknownName", "retryable": False}
    assert ask(reviewed, '{ proposal(id: "ffffffffffff") { id } }') == {"proposal": None}
    assert reviewed.catalog.decisions() == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ('mutation { decide(id: "x", verdict: "perhaps") { seq } }', "accept, reject, skip, undo"),
        ('{ proposals(route: "away") { id } }', "accepted, ask, dropped"),
        ('{ proposals(kind: "guess") { id } }', "link-type"),
        ("{ runs(first: 0) { id } }", "first must lie between 1 and 500"),
        ("{ runs(first: 501) { id } }", "first must lie between 1 and 500"),
        ("{ nonsense }", "Cannot query field 'nonsense'"),
        ("{", "Syntax Error"),
    ],
)
def test_wrong_questions_get_sentences_with_the_valid_choices(reviewed: Project, query: str, sentence: str) -> None:
    assert sentence in complaint(reviewed, query)["message"]


def test_link_types_in_force_are_listed(reviewed: Project, accepted: Proposal) -> None:
    (shown,) = ask(reviewed, "{ linkTypes { name proposal rule links decided confidence } }")["linkTypes"]
    assert shown == {
        "name": "made of",
        "proposal": accepted.id,
        "rule": "reference",
        "links": 0,
        "decided": False,
        "confidence": 0.99,
    }


def test_a_query_that_is_too_deep_is_refused(reviewed: Project) -> None:
    deep = "{ __typename " + "... on Query { " * 3 + "summary { links }" + " }" * 3 + "}"
    assert "summary" in ask(reviewed, deep)  # fragments add no depth
    nested = "{ entity(iri: $i) { facts { supports { " + "a { " * 8 + "b" + " }" * 8 + "} } } }"
    errors = execute(reviewed, nested)["errors"]
    assert any("levels deep; at most 8" in error["message"] for error in errors)


def test_a_query_that_asks_for_too_many_values_is_refused(reviewed: Project) -> None:
    many = "{ " + " ".join(f"p{n}: proposals(first: 500) {{ id name kind route }}" for n in range(11)) + " }"
    assert "at most 20000 are allowed" in complaint(reviewed, many)["message"]
    in_fragments = "fragment P on Query { " + many[1:-1] + "} { ...P }"
    assert "at most 20000 are allowed" in complaint(reviewed, in_fragments)["message"]
    sized = "query ($n: Int) { " + " ".join(f"p{n}: runs(first: $n) {{ id stage }}" for n in range(25)) + " }"
    assert "at most 20000 are allowed" in complaint(reviewed, sized, n=1)["message"]


def test_a_query_of_too_many_words_is_refused_before_it_is_read(reviewed: Project) -> None:
    assert "tokens" in complaint(reviewed, "{ " + "__typename " * 6_000 + "}")["message"]


def test_the_person_comes_from_the_proxys_header_only_when_it_is_configured(
    web: TestClient, reviewed: Project, asked: Proposal
) -> None:
    body = {"query": DECIDE, "variables": {"id": asked.id, "verdict": "skip"}}
    web.post("/graphql", json=body, headers={"X-Person": "mallory"})
    serving = reviewed.settings.serving.model_copy(update={"user_header": "X-Person"})
    reviewed.settings = reviewed.settings.model_copy(update={"serving": serving})
    web.post("/graphql", json=body, headers={"X-Person": "ada"})
    web.post("/graphql", json=body)
    by = [decision.by for decision in reviewed.catalog.decisions()]
    assert by[0] not in ("mallory", "ada")
    assert by[1:] == ["ada", "unknown"]
