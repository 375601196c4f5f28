"""Kinds of things: tables whose records were found to be the same things are one kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bifrost.model import End, LinkType, RuleKind


@dataclass(frozen=True, slots=True)
class Kinds:
    """Table id -> the id that stands for its kind."""

    by_table: Mapping[str, str]

    @classmethod
    def of(cls, link_types: Iterable[LinkType]) -> "Kinds":
        """Join the tables that the accepted types of sameness join."""
        known: dict[str, str] = {}
        for each in link_types:
            if each.rule.kind is RuleKind.SAME_THING:
                one, other = (_root(known, _id(end)) for end in (each.start, each.end))
                known[max(one, other)] = min(one, other)
        return cls({table: _root(known, table) for table in known})

    def of_end(self, end: End) -> str:
        """Name the kind of what stands at an end; documents of a source are one kind."""
        return self.by_table.get(_id(end), _id(end))


def _id(end: End) -> str:
    return f"{end.source}/{end.table}"


def _root(known: Mapping[str, str], table: str) -> str:
    while known.get(table, table) != table:
        table = known[table]
    return table
