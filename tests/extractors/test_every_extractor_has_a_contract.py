"""An extractor without a contract test is one nobody can rely on."""

import ast
from importlib.metadata import entry_points
from pathlib import Path

from bifrost import plugins


def _contracted_names(folder):
    """Find the `name` of every contract class in test files."""
    for path in folder.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any("ExtractorContract" in ast.unparse(base) for base in node.bases):
                yield from (
                    ast.literal_eval(statement.value)
                    for statement in node.body
                    if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "name"
                )


def test_every_extractor_of_this_distribution_has_a_contract_test():
    ours = {entry.name for entry in entry_points(group=plugins.EXTRACTORS) if entry.module.startswith("extractors.")}
    without = ours - set(_contracted_names(Path(__file__).parent))
    assert ours
    assert without == set(), f"write a subclass of ExtractorContract for {sorted(without)} in tests/extractors"
