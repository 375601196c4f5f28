"""Sources, what could not be read, and runs in a real browser."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.web


def test_sources_show_what_could_not_be_read_and_why(page: Page, site: str) -> None:
    page.goto(f"{site}/sources")
    expect(page.get_by_role("row").filter(has_text="plant").first).to_contain_text("folder")
    page.get_by_role("button", name="1 reject").click()
    expect(page.locator(".rejects")).to_contain_text("report.pdf")


def test_the_latest_runs_show_their_stages_and_counts(page: Page, site: str) -> None:
    page.goto(f"{site}/sources")
    runs = page.get_by_role("region", name="Latest runs")
    expect(runs.get_by_role("row").nth(1)).to_contain_text("publish")
    expect(runs.get_by_role("row").nth(1)).to_contain_text("done")
