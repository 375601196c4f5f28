"""Limits on what one GraphQL query may ask for: how deep, and how many values at most."""

from functools import cached_property
from typing import Any

from graphql import GraphQLError
from graphql.language import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.validation import ASTValidationContext, ASTValidationRule

from bifrost.errors import QueryInvalid

DEEPEST = 8
COSTLIEST = 20_000
LARGEST_PAGE = 500
MOST_TOKENS = 5_000
_SIZES = ("first", "limit")


def page_size(asked: int, name: str = "first") -> int:
    """Give the page size that was asked for.

    Raises:
        QueryInvalid: it is none, or too large.
    """
    if not 1 <= asked <= LARGEST_PAGE:
        raise QueryInvalid("GraphQL", f"{name} must lie between 1 and {LARGEST_PAGE}, not {asked}")
    return asked


class WithinLimits(ASTValidationRule):
    """Refuses queries that are too deep or ask for too much.

    A field costs one, times the page sizes (`first`, `limit`) around it; a size in a variable counts as the largest.
    """

    def __init__(self, context: ASTValidationContext) -> None:
        super().__init__(context)
        self._measured: dict[str, tuple[int, int]] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure an operation before it runs."""
        depth, cost = self._measure(node.selection_set)
        if depth > DEEPEST:
            self.report_error(GraphQLError(f"the query is {depth} levels deep; at most {DEEPEST} are allowed", node))
        if cost > COSTLIEST:
            message = f"the query may give {cost} values; at most {COSTLIEST} are allowed: ask for smaller pages"
            self.report_error(GraphQLError(message, node))

    @cached_property
    def _fragments(self) -> dict[str, FragmentDefinitionNode]:
        return {
            node.name.value: node
            for node in self.context.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def _measure(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        """Give depth and cost of a selection."""
        measured = [self._measure_one(node) for node in selections.selections] if selections else []
        return max((depth for depth, _ in measured), default=0), sum(cost for _, cost in measured)

    def _measure_one(self, node: Any) -> tuple[int, int]:
        if isinstance(node, FragmentSpreadNode):
            return self._measure_fragment(node.name.value)
        if isinstance(node, InlineFragmentNode):
            return self._measure(node.selection_set)
        if node.name.value.startswith("__"):  # the schema about itself: bounded, whatever is asked
            return 1, 1
        depth, cost = self._measure(node.selection_set)
        return depth + 1, 1 + _page(node) * cost

    def _measure_fragment(self, name: str) -> tuple[int, int]:
        if name not in self._measured:
            self._measured[name] = (0, 0)  # a cycle ends here; the standard rules refuse it
            fragment = self._fragments.get(name)
            self._measured[name] = self._measure(fragment.selection_set) if fragment else (0, 0)
        return self._measured[name]


def _page(field: FieldNode) -> int:
    sizes = [each.value for each in field.arguments or () if each.name.value in _SIZES]
    if not sizes:
        return 1
    return int(sizes[0].value) if isinstance(sizes[0], IntValueNode) else LARGEST_PAGE
