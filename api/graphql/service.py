"""Run a GraphQL query on a project, with or without a server."""

from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import AddValidationRules, MaxTokensLimiter
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import ExecutionContext
from strawberry.types.graphql import OperationType

from api.failures import described, recorded
from api.graphql.asking import Asked
from api.graphql.limits import MOST_TOKENS, WithinLimits
from api.graphql.mutation import Mutation
from api.graphql.query import Query
from api.identity import person
from bifrost.errors import BifrostError
from bifrost.project import Project

READING = frozenset({OperationType.QUERY})
ALL = frozenset({OperationType.QUERY, OperationType.MUTATION})


class Schema(strawberry.Schema):
    """Leaves logging to `execute`, which masks secrets."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing here."""


@cache
def schema() -> Schema:
    """Build the schema once."""
    return Schema(
        query=Query,
        mutation=Mutation,
        extensions=[lambda: MaxTokensLimiter(MOST_TOKENS), lambda: AddValidationRules([WithinLimits])],
        config=StrawberryConfig(auto_camel_case=True),
    )


def execute(
    project: Project,
    query: str,
    variables: dict[str, Any] | None = None,
    *,
    operation: str | None = None,
    by: str | None = None,
    allowed: frozenset[OperationType] = ALL,
) -> dict[str, Any]:
    """Answer a query as GraphQL says: `data`, and `errors` when something failed.

    Every error carries a sentence; only Bifrost's own errors speak of their cause.
    """
    try:
        result = schema().execute_sync(
            query,
            variable_values=variables,
            context_value=Asked(project, by or person(project)),
            operation_name=operation,
            allowed_operation_types=allowed,
        )
    except InvalidOperationTypeError as error:
        return {"data": None, "errors": [_refused(error)]}
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_shown(project, error) for error in result.errors]
    return answer


def _shown(project: Project, error: GraphQLError) -> dict[str, Any]:
    cause = error.original_error
    shown = error.formatted
    if cause is None:
        return {"extensions": {"code": "QueryInvalid", "retryable": False}, **shown}
    facts = described(project, cause) if isinstance(cause, BifrostError) else recorded(cause)
    return {**shown, "message": facts.pop("message"), "extensions": facts}


def _refused(error: InvalidOperationTypeError) -> dict[str, Any]:
    message = f"a {error.operation_type.value} is not accepted here: send it with POST"
    return {"message": message, "extensions": {"code": "QueryInvalid", "retryable": False}}
