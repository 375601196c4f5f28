"""A connector without a contract test is one nobody can rely on."""

from importlib.metadata import entry_points
from pathlib import Path

from bifrost import plugins
from tests.contract_classes import under_contract

WITHOUT_A_SERVER = {
    "mssql": "SQL Server runs from no package that tests can have; see test_databases_without_a_server.py",
    "oracle": "Oracle runs from no package that tests can have; see test_databases_without_a_server.py",
}
"""Kinds of which no server can be had: kind -> reason."""


def test_every_crawler_of_this_distribution_has_a_contract_test() -> None:
    ours = {entry.name for entry in entry_points(group=plugins.CRAWLERS) if entry.module.startswith("crawlers.")}
    without = ours - set(under_contract(Path(__file__).parent, "CrawlerContract", "kind")) - WITHOUT_A_SERVER.keys()
    assert ours
    assert WITHOUT_A_SERVER.keys() <= ours
    assert without == set(), f"write a subclass of CrawlerContract for {sorted(without)} in tests/crawlers"
