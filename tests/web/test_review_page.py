"""Answer questions in a real browser; the decision log tells what arrived."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bifrost import review
from bifrost.project import Project

pytestmark = pytest.mark.web


@pytest.fixture
def site(own_project: Project, serve: Callable[[Path], str]) -> str:
    return serve(own_project.home)


def said(project: Project) -> list[tuple[str, str, str]]:
    """Give kind, verdict and given name of the decisions of this test."""
    return [
        (each.proposal.kind.value, each.verdict.value, each.name)
        for each in project.catalog.decisions()
        if each.by != "fixture"
    ]


def expect_progress(page: Page, answered: int, questions: int) -> None:
    """Wait until the page says how many questions are answered, and how many still open."""
    progress = page.get_by_role("status").filter(has_text="answered")
    expect(progress).to_contain_text(f"{answered} answered · {questions - answered} open")


@pytest.fixture
def questions(own_project: Project) -> int:
    """Give how many questions are open before anything is answered."""
    return len(review.open_proposals(own_project))


def test_a_link_type_is_asked_first_as_a_plain_sentence_with_examples_and_reasons(page: Page, site: str) -> None:
    page.goto(f"{site}/review")
    question = page.locator(".question")
    expect(question.get_by_role("heading", level=2)).to_have_text(
        "Records of plant/returns name plant/orders by order_no \u2192 order_no (about 60 links)."
    )
    expect(question.locator(".examples td").first).to_contain_text("PO-")
    expect(question.locator(".reason").first).to_be_visible()
    expect(question.locator(".probability")).to_contain_text("%")


def test_accept_rename_and_reject_are_in_the_decision_log(
    page: Page, site: str, own_project: Project, questions: int
) -> None:
    page.goto(f"{site}/review")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Accept under the name").fill("returned order")
    page.get_by_role("button", name="Accept").click()
    expect_progress(page, 1, questions)
    page.locator(".answers").get_by_role("button", name="Accept").click()
    expect_progress(page, 2, questions)
    page.get_by_role("button", name="Reject").click()
    expect_progress(page, 3, questions)
    assert said(own_project) == [
        ("link-type", "accept", "returned order"),
        ("link-type", "accept", ""),
        ("link-type", "reject", ""),
    ]
    expect(page.get_by_role("row").filter(has_text="returned order")).to_contain_text("accepted")


def test_keys_answer_move_and_undo(page: Page, site: str, own_project: Project, questions: int) -> None:
    page.goto(f"{site}/review")
    question = page.locator(".question")
    expect(question).to_be_visible()
    first = question.get_attribute("data-question")
    page.keyboard.press("ArrowRight")
    expect(question).not_to_have_attribute("data-question", str(first))
    page.keyboard.press("ArrowLeft")
    expect(question).to_have_attribute("data-question", str(first))
    page.keyboard.press("r")
    expect(question).not_to_have_attribute("data-question", str(first))
    page.keyboard.press("u")
    expect(question).to_have_attribute("data-question", str(first))
    expect_progress(page, 0, questions)
    page.keyboard.press("s")
    expect_progress(page, 1, questions)
    assert [verdict for _, verdict, _ in said(own_project)] == ["reject", "undo", "skip"]


def test_letters_typed_into_a_name_answer_nothing(page: Page, site: str, own_project: Project) -> None:
    page.goto(f"{site}/review")
    expect(page.locator(".question")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("raus")
    expect(page.get_by_label("Accept under the name")).to_have_value("raus")
    page.keyboard.press("Escape")
    assert said(own_project) == []


def test_questions_are_narrowed_by_kind(page: Page, site: str) -> None:
    page.goto(f"{site}/review")
    page.get_by_role("button", name="Link types").click()
    expect(page.locator(".upcoming li")).to_have_count(4)
    page.get_by_role("button", name="Single links").click()
    expect(page.get_by_text("No open questions of this kind.")).to_be_visible()


def test_applied_answers_change_the_graph_and_the_page_shows_by_how_much(
    page: Page, site: str, own_project: Project
) -> None:
    page.goto(f"{site}/review")
    expect(page.locator(".question-kind")).to_have_text("Link type")
    page.keyboard.press("a")
    expect(page.get_by_text("1 answer not applied yet")).to_be_visible()
    page.get_by_role("button", name="Apply answers").click()
    outcome = page.locator(".outcome div")
    expect(outcome.filter(has_text="link types")).to_contain_text("+1", timeout=60_000)
    in_force = page.get_by_role("region", name="Link types in force")
    expect(in_force.get_by_role("row").filter(has_text="plant/returns")).to_contain_text("60")
    assert len(review.link_types(own_project)) == 3


def test_what_the_server_refuses_is_shown_in_its_own_words(page: Page, site: str, own_project: Project) -> None:
    page.goto(f"{site}/review")
    with own_project.exclusive():
        page.get_by_role("button", name="Apply answers").click()
        expect(page.get_by_role("alert")).to_contain_text("another run")


def test_a_reversed_question_is_corrected_in_the_log_and_one_undo_opens_it_again(
    page: Page, site: str, own_project: Project, questions: int
) -> None:
    page.goto(f"{site}/review")
    question = page.locator(".question")
    first = question.get_attribute("data-question")
    page.locator(".answers").get_by_role("button", name="Reverse").click()
    expect_progress(page, 1, questions)
    expect(page.locator(".latest")).to_contain_text("Corrected")
    (entry,) = [each for each in own_project.catalog.decisions() if each.by != "fixture"]
    assert entry.corrected is not None
    assert (entry.verdict.value, entry.corrected.rule.turned) == ("correct", True)
    page.locator(".latest").get_by_role("button", name="Undo").click()
    expect(question).to_have_attribute("data-question", str(first))


def test_other_fields_take_the_place_of_the_suggested_ones(page: Page, site: str, own_project: Project) -> None:
    page.goto(f"{site}/review")
    page.locator(".answers").get_by_role("button", name="Correct", exact=True).click()
    form = page.get_by_role("form", name="Correction")
    form.get_by_label("From").fill("plant/returns.nothing")
    form.get_by_role("button", name="Put in its place").click()
    expect(page.get_by_role("alert")).to_contain_text("known: order_no, return_no")
    form.get_by_label("From").fill("plant/returns.return_no")
    form.get_by_label("Compared as").select_option("number")
    form.get_by_role("button", name="Put in its place").click()
    expect(page.locator(".latest")).to_contain_text("Corrected")
    (entry,) = [each for each in own_project.catalog.decisions() if each.by != "fixture"]
    assert entry.corrected is not None
    assert (entry.corrected.start.fields, entry.corrected.rule.transform) == (("return_no",), "number")


def test_link_types_in_force_are_renamed_deleted_and_restored(page: Page, site: str, own_project: Project) -> None:
    page.goto(f"{site}/review")
    in_force = page.get_by_role("region", name="Link types in force")
    row = in_force.get_by_role("row").filter(has_text="plant/suppliers")
    row.get_by_role("button", name="Change name").click()
    row.get_by_role("textbox").fill("delivered by")
    row.get_by_role("button", name="Rename").click()
    expect(row).to_contain_text("delivered by")
    row.get_by_role("button", name="Delete").click()
    expect(row).to_contain_text("goes when answers are applied")
    assert [each.verdict.value for each in own_project.catalog.decisions()][-2:] == ["rename", "delete"]
    row.get_by_role("button", name="Restore").click()
    expect(row.get_by_role("button", name="Delete")).to_be_visible()
    expect(page.get_by_text("3 answers not applied yet")).to_be_visible()
    assert {each.link_type.name for each in review.link_types(own_project)} >= {"delivered by"}


def test_a_link_type_is_taught_by_pairs_and_accepted(page: Page, site: str, own_project: Project) -> None:
    page.goto(f"{site}/review")
    page.get_by_text("Teach a missing link type by examples").click()
    form = page.get_by_role("form", name="Teach")
    form.get_by_label("Name").fill("made with material of")
    pairs = [f"plant/orders/PO-{n:06d} -> plant/suppliers/S-{n * 7 % 40 % 6:02d}" for n in (3, 8, 20)]
    form.get_by_label("Pairs").fill("\n".join(pairs))
    form.get_by_role("button", name="Find the rule").click()
    question = page.locator(".question")
    expect(question.locator(".question-name")).to_have_text("made with material of")
    expect(question.get_by_role("heading", level=2)).to_have_text(
        "Records of plant/orders lead by other links to plant/suppliers (about 80 links)."
    )
    expect(question.locator(".examples td").first).to_contain_text("PO-")
    page.locator(".answers").get_by_role("button", name="Accept").click()
    expect(page.locator(".latest")).to_contain_text("made with material of")
    assert said(own_project) == [("link-type", "accept", "")]
