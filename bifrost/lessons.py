"""What people teach: a new type of link by examples, and corrections of what was suggested."""

from dataclasses import dataclass

from bifrost.model import Rule


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pairs of things that a new type of link should join, and pairs that it must not.

    A thing is named by its IRI, or by `source/table/key`.
    """

    name: str
    pairs: tuple[tuple[str, str], ...]
    denied: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person changes about a suggestion; what is empty stays as it was suggested.

    Ends are written as `source/table.field` (several fields joined with `+`), or as the IRI of an entity.
    """

    start: str = ""
    end: str = ""
    transform: str = ""
    reverse: bool = False
    rule: Rule | None = None
    """Another rule altogether, such as one that was found by example."""
