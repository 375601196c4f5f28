"""What a resolver knows about the question, and how a resolver becomes a field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from bifrost.project import Project


@dataclass(frozen=True, slots=True)
class Asked:
    """The context of one GraphQL request."""

    project: Project
    by: str


AskedInfo = Info[Asked, Any]
Kind = Annotated[str, strawberry.argument(name="type")]
OptionalKind = Annotated[str | None, strawberry.argument(name="type")]
ProposalId = Annotated[strawberry.ID, strawberry.argument(name="id")]


def field(resolver: Callable[..., Any]) -> Any:
    """Make a field of a resolver; its docstring becomes the field's description."""
    return strawberry.field(resolver=resolver, description=resolver.__doc__)


def mutation(resolver: Callable[..., Any]) -> Any:
    """Make a mutation of a resolver; its docstring becomes the description."""
    return strawberry.mutation(resolver=resolver, description=resolver.__doc__)
