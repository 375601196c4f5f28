"""The pages' GraphQL texts against the schema and the limits of the server; no browser is needed."""

from pathlib import Path

import pytest
from graphql import parse, specified_rules, validate

from api.graphql.limits import WithinLimits
from api.graphql.service import schema

OPERATIONS = sorted((Path(__file__).parents[2] / "web" / "src" / "graphql" / "operations").glob("*.graphql"))


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_the_server_understands_every_question_of_the_pages(path: Path) -> None:
    rules = [*specified_rules, WithinLimits]
    assert validate(schema()._schema, parse(path.read_text()), rules) == []


def test_the_pages_ask_something() -> None:
    assert len(OPERATIONS) > 10
