"""What the web pages ask is valid in the schema that the server has."""

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from api.graphql.limits import WithinLimits
from api.graphql.service import schema

OPERATIONS = sorted((Path(__file__).parents[2] / "web" / "src" / "graphql").rglob("*.graphql"))


@pytest.mark.parametrize("file", OPERATIONS, ids=lambda file: file.stem)
def test_every_question_of_the_web_pages_is_valid(file: Path) -> None:
    server = build_schema(schema().as_str())
    question = parse(file.read_text())
    assert validate(server, question) == []
    assert validate(server, question, [WithinLimits]) == []
