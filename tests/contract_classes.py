"""Which plug-ins have a contract test: read from the test files, without importing them."""

import ast
from collections.abc import Iterator
from pathlib import Path


def under_contract(folder: Path, contract: str, named_by: str) -> Iterator[str]:
    """Give the value of `named_by` in every class on a contract, also in those that another one derives from."""
    for path in folder.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any(contract in ast.unparse(base) for base in node.bases):
                yield from (
                    ast.literal_eval(statement.value)
                    for statement in node.body
                    if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == named_by
                )
