"""Search, browse, and read an entity in a real browser."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

EntityPage = Callable[[str, str], str]
pytestmark = pytest.mark.web


def test_the_first_page_counts_what_the_graph_holds(page: Page, site: str) -> None:
    page.goto(site)
    expect(page.locator(".total", has_text="entities")).to_contain_text("248")
    expect(page.locator(".total", has_text="link types")).to_contain_text("2")
    expect(page.get_by_role("link", name="batches")).to_contain_text("40")


def test_a_search_finds_while_typing_and_its_address_can_be_shared(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_label("Search").press_sequentially("Brandt")
    hit = page.locator(".row").first
    expect(hit).to_contain_text("Brandt Chemie")
    expect(hit).to_contain_text("suppliers")
    expect(page.get_by_role("status")).to_contain_text("result")
    expect(page).to_have_url(f"{site}/?q=Brandt")
    page.reload()
    expect(page.locator(".row").first).to_contain_text("Brandt Chemie")


def test_a_result_is_reached_by_keyboard_alone(page: Page, site: str) -> None:
    page.goto(f"{site}/?q=Brandt")
    expect(page.locator(".row").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Brandt Chemie")


def test_a_search_without_results_says_so(page: Page, site: str) -> None:
    page.goto(f"{site}/?q=zzyzx")
    expect(page.get_by_text("Nothing in the graph matches")).to_be_visible()


def test_a_type_is_browsed_page_by_page(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("link", name="orders").click()
    expect(page.locator(".row")).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".row")).to_have_count(80)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_an_entity_shows_each_fact_with_the_place_it_was_seen(page: Page, entity_page: EntityPage) -> None:
    page.goto(entity_page("suppliers", "S-01"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Brandt Chemie")
    fact = page.locator(".fact", has_text="supplier_id")
    expect(fact.locator(".fact-value")).to_have_text("S-01")
    for step in ("plant", "suppliers.csv", "row 2, supplier_id", "extracted", "100"):
        expect(fact.locator(".place")).to_contain_text(step)


def test_an_entitys_links_lead_to_the_other_end(page: Page, entity_page: EntityPage) -> None:
    page.goto(entity_page("batches", "B-0007"))
    page.locator(".links").get_by_role("link", name="Brandt Chemie").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Brandt Chemie")
    expect(page.locator(".link-group").get_by_role("link", name="B-0007")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("B-0007")


def test_the_neighbourhood_is_drawn_and_grows(page: Page, entity_page: EntityPage) -> None:
    page.goto(entity_page("batches", "B-0007"))
    canvas = page.locator(".canvas")
    expect(canvas).to_have_attribute("data-drawn", "4")
    assert _colours(canvas.screenshot()) > 20
    expect(page.locator(".legend")).to_contain_text("suppliers")
    page.get_by_text("entities in the drawing").click()
    page.get_by_role("button", name="Expand Brandt Chemie").click()
    expect(canvas).to_have_attribute("data-drawn", "10")


def test_a_click_on_a_drawn_entity_goes_there(page: Page, entity_page: EntityPage) -> None:
    page.goto(entity_page("batches", "B-0007"))
    canvas = page.locator(".canvas")
    expect(canvas).to_have_attribute("data-drawn", "4")
    x, y = _node_beside_the_middle(canvas.screenshot())
    canvas.click(position={"x": x, "y": y})
    expect(page.get_by_role("heading", level=1)).not_to_have_text("B-0007")


def test_an_unknown_entity_is_named_in_a_sentence(page: Page, entity_page: EntityPage) -> None:
    page.goto(entity_page("batches", "B-9999"))
    expect(page.get_by_text("There is no such entity in the graph.")).to_be_visible()


def test_a_label_that_tries_to_be_markup_is_shown_as_text(page: Page, site: str, hostile: str) -> None:
    page.goto(f"{site}/?q=img onerror")
    expect(page.locator(".row").first).to_contain_text(hostile)
    page.locator(".row").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(hostile)
    expect(page.locator(".canvas")).not_to_have_attribute("data-drawn", "0")
    assert page.locator("main img").count() == 0


def test_an_address_without_a_page_says_so(page: Page, site: str) -> None:
    page.goto(f"{site}/nowhere")
    expect(page.get_by_text("There is no such page.")).to_be_visible()


def _pixels(screenshot: bytes) -> np.ndarray:
    """Give height x width x 3, red, green, blue."""
    return np.asarray(Image.open(BytesIO(screenshot)).convert("RGB"))


def _colours(screenshot: bytes) -> int:
    return len(np.unique(_pixels(screenshot).reshape(-1, 3), axis=0))


def _node_beside_the_middle(screenshot: bytes) -> tuple[float, float]:
    """Give the middle of a coloured disc that is not the entity in focus, whose disc is the largest."""
    pixels = _pixels(screenshot)
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    vivid = (np.ptp(colours, axis=1) > 60) & (counts > 100)
    smallest = colours[vivid][np.argmin(counts[vivid])]
    rows, columns = np.nonzero((pixels == smallest).all(axis=2))
    disc = (abs(columns - columns[0]) < 20) & (abs(rows - rows[0]) < 25)
    return float(columns[disc].mean()), float(rows[disc].mean())
