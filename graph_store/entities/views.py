"""What people see of the graph: values without any store behind them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A class or a property, with its readable name."""

    iri: str
    label: str


@dataclass(frozen=True, slots=True)
class Support:
    """A place where a fact was seen."""

    source: str
    item: str
    place: str
    method: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of an entity."""

    property: Term
    value: str
    datatype: str
    supports: tuple[Support, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """An entity in a list."""

    iri: str
    label: str
    types: tuple[Term, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link as seen from one of its ends."""

    predicate: Term
    direction: str
    """"out" from the entity, "in" towards it."""
    entity: Summary
    """The other end."""
    supports: tuple[Support, ...]


@dataclass(frozen=True, slots=True)
class EntityView:
    """A thing with all that is known about it."""

    iri: str
    label: str
    types: tuple[Term, ...]
    sources: tuple[str, ...]
    facts: tuple[Fact, ...]
    links: tuple[Link, ...]
    documents: tuple[Summary, ...]
    """Documents that it was found in, and those that mention it."""
    merged: tuple[str, ...]
    """IRIs of the records that became part of it."""
    redirected_from: str | None = None
    """The IRI that was asked for, when it became part of this entity."""
    truncated: bool = False
    """True when it has more links than are given."""


@dataclass(frozen=True, slots=True)
class Node:
    """An entity in a picture."""

    iri: str
    label: str
    types: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """A link in a picture."""

    start: str
    end: str
    predicate: Term
    confidence: float


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The entities around one, and the links among them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class TypeCount:
    """A class and how many entities it has."""

    type: Term
    source: str
    """Empty for Bifrost's own classes, such as Document."""
    count: int


@dataclass(frozen=True, slots=True)
class EntityPage:
    """A page of entities, by IRI."""

    entities: tuple[Summary, ...]
    next: str | None
    """What to pass as `after` for the next page; None on the last."""
    total: int
