"""`bifrost next` and `bifrost effort`: an answer changes the next question, and every answer is counted."""

import json

import pytest
from typer.testing import CliRunner

from bifrost import review
from bifrost.cli.app import app
from bifrost.cli.session import Session
from bifrost.errors import ProjectMissing
from bifrost.model import End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict
from bifrost.project import create_project, open_project
from bifrost.review import links_unit
from bifrost.testing.graphs import entity, linked, snapshot_of


def _type(name, links, probability=0.7):
    ends = End("shop", name, ("customer",)), End("crm", "clients", ("id",))
    examples = ((f"{name} 1", "Ada"),)
    return Proposal(
        ProposalKind.LINK_TYPE, *ends, probability, name, Rule(RuleKind.REFERENCE), examples, estimated_links=links
    )


MANY, FEW, SURE = _type("orders", 1_200), _type("returns", 7), _type("claims", 2, 0.99)
LINKS = [linked(entity(key, table="claims"), "claims", entity("1", "crm", "clients")) for key in ("a", "b")]

ACCEPTED_AND_UNDONE = [Verdict.ACCEPT, Verdict.UNDO]


def _said(home, *arguments):
    done = CliRunner().invoke(app, ["--dir", str(home), *arguments], obj=Session(home))
    assert done.exit_code == 0, done.output
    return done.stdout


def _next(home, *arguments):
    return [each["id"] for each in json.loads(_said(home, "next", *arguments, "--json"))]


def _effort(home):
    return json.loads(_said(home, "effort", "--json"))


@pytest.fixture
def home(tmp_path):
    """A project with two open questions about types of link, and one type that went in unasked."""
    project = create_project(tmp_path, "base: https://graph.example.org/\n")
    routed = [(MANY, Route.ASK), (FEW, Route.ASK), (SURE, Route.ACCEPTED)]
    project.catalog.move_head("snapshot", snapshot_of(project, {links_unit(SURE): LINKS}, routed).digest)
    return tmp_path


def test_the_next_question_shows_what_it_is_about_and_how_to_answer(home):
    shown = _said(home, "next")
    assert shown.startswith(f"{MANY.id}  0.70  link-type  orders\n")
    for part in ("shop/orders.customer -> crm/clients.id", "about 1,200 links", "e.g. orders 1  ->  Ada"):
        assert part in shown
    assert shown.endswith("answer with: bifrost decide ID accept|reject|skip [--name NAME]\n")
    assert FEW.id not in shown


def test_an_answer_changes_the_next_question_and_an_undo_brings_it_back(home):
    assert _next(home) == [MANY.id]
    _said(home, "decide", MANY.id, "accept", "--name", "ordered by")
    assert _next(home) == [FEW.id]
    _said(home, "decide", MANY.id, "undo")
    assert _next(home) == [MANY.id]


def test_many_questions_come_at_once_until_all_are_answered(home):
    assert _next(home, "--count", "5") == [MANY.id, FEW.id]
    for each in (MANY, FEW):
        _said(home, "decide", each.id, "skip")
    assert _next(home, "--count", "5") == []
    assert _said(home, "next") == "there is nothing to ask\n"


@pytest.mark.parametrize(
    ("count", "sentence"),
    [("0", "greater than or equal to 1"), ("101", "less than or equal to 100"), ("some", "valid integer")],
)
def test_a_count_that_cannot_be_asked_for_is_refused_with_the_reason(home, count, sentence):
    done = CliRunner().invoke(app, ["--dir", str(home), "next", "--count", count], obj=Session(home))
    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in " ".join(done.stderr.replace("│", " ").split())


def test_effort_counts_every_answer_beside_deciding_by_hand(home):
    before = {"decisions": 0, "links": 2, "links_unasked": 2, "manual_decisions": 2, "ratio_to_manual": 2.0}
    assert _effort(home) == {**before, "curve": []}
    _said(home, "decide", MANY.id, "accept")
    _said(home, "decide", FEW.id, "reject")
    found = _effort(home)
    assert (found["decisions"], found["links"], found["links_unasked"]) == (2, 2, 2)
    assert (found["manual_decisions"], found["ratio_to_manual"]) == (2 + 7, 4.5)
    assert [(step["decisions"], step["links"], step["manual_decisions"]) for step in found["curve"]] == [
        (1, 1_200, 1_200),
        (2, 1_200, 1_207),
    ]
    assert all(step["at"] for step in found["curve"])


def test_effort_is_shown_as_a_sentence_and_a_curve(home):
    _said(home, "decide", MANY.id, "accept")
    assert _said(home, "effort").splitlines() == [
        "decisions: 1; links: 2, of which 2 unasked; by hand: 2 decisions, 2.0 times as many",
        "decisions\tlinks\tby hand",
        "1\t1200\t1200",
    ]


def test_a_long_curve_is_shown_in_a_few_steps_of_which_the_last_is_now(home):
    review.decide_many(
        open_project(home), [(MANY.id, verdict, "", "") for verdict in ACCEPTED_AND_UNDONE * 25], by="ann"
    )
    _, _, *steps = _said(home, "effort").splitlines()
    assert len(steps) <= 25
    assert steps[-1].split("\t")[0] == "50"


def test_before_anything_was_linked_both_say_what_to_do(tmp_path):
    create_project(tmp_path, "base: https://graph.example.org/\n")
    for command in ("next", "effort"):
        assert _said(tmp_path, command) == "nothing has been linked yet; link with: bifrost run\n"
    assert _next(tmp_path) == []
    assert (_effort(tmp_path)["decisions"], _effort(tmp_path)["curve"]) == (0, [])


def test_without_a_project_both_say_how_to_make_one(tmp_path):
    for command in ("next", "effort"):
        done = CliRunner().invoke(app, ["--dir", str(tmp_path), command], obj=Session(tmp_path))
        assert isinstance(done.exception, ProjectMissing)
        assert "init" in str(done.exception)
