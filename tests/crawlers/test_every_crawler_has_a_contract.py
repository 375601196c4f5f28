"""A connector without a contract test is one nobody can rely on."""

import ast
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

from bifrost import plugins

WITHOUT_A_SERVER = {
    "mssql": "SQL Server runs from no package that tests can have; see test_databases_without_a_server.py",
    "oracle": "Oracle runs from no package that tests can have; see test_databases_without_a_server.py",
}
"""Kinds of which no server can be had: kind -> reason."""


def _contracted_kinds(folder: Path) -> Iterator[str]:
    """Find the `kind` of every contract class in test files, also of those that another one derives from."""
    for path in folder.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any("CrawlerContract" in ast.unparse(base) for base in node.bases):
                yield from (
                    ast.literal_eval(statement.value)
                    for statement in node.body
                    if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "kind"
                )


def test_every_crawler_of_this_distribution_has_a_contract_test() -> None:
    ours = {entry.name for entry in entry_points(group=plugins.CRAWLERS) if entry.module.startswith("crawlers.")}
    without = ours - set(_contracted_kinds(Path(__file__).parent)) - WITHOUT_A_SERVER.keys()
    assert ours
    assert WITHOUT_A_SERVER.keys() <= ours
    assert without == set(), f"write a subclass of CrawlerContract for {sorted(without)} in tests/crawlers"
