"""The pages' GraphQL texts against the schema and the limits of the server; no browser is needed."""

from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, specified_rules, validate

from api.graphql.limits import WithinLimits
from api.graphql.service import schema

FOLDER = Path(__file__).parents[2] / "web" / "src" / "graphql"
OPERATIONS = sorted((FOLDER / "operations").glob("*.graphql"))
FRAGMENTS = [file.read_text() for file in sorted((FOLDER / "fragments").glob("*.graphql"))]


@pytest.fixture(scope="module")
def server() -> GraphQLSchema:
    return build_schema(schema().as_str())


def name_of(fragment: str) -> str:
    return fragment.split()[1]


def with_fragments(question: str) -> str:
    """Give a question with the fragments that it spreads, as `operations.ts` puts them together."""
    return question + "".join(each for each in FRAGMENTS if f"...{name_of(each)}" in question)


@pytest.mark.parametrize("file", OPERATIONS, ids=lambda file: file.stem)
def test_the_server_understands_every_question_of_the_pages(file: Path, server: GraphQLSchema) -> None:
    question = parse(with_fragments(file.read_text()))
    assert validate(server, question, [*specified_rules, WithinLimits]) == []


def test_the_pages_ask_something() -> None:
    assert len(OPERATIONS) > 10


def test_what_is_taught_is_shown_as_what_is_asked() -> None:
    assert {name_of(each) for each in FRAGMENTS} == {"DecisionShown", "ProposalShown"}
    shown = {file.stem for file in OPERATIONS if "...ProposalShown" in file.read_text()}
    assert shown == {"questions", "teach"}
