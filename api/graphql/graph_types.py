"""GraphQL types of the graph itself: entities, facts, links and the places they were seen."""

import strawberry
from strawberry import Parent


@strawberry.type(description="A class or a property: its IRI and a readable name.")
class TypeRef:
    """A class or a property by name."""

    iri: strawberry.ID
    label: str


@strawberry.type(description="One place where a fact or link was seen, and how sure the reading is.")
class Support:
    """One place where a fact was seen."""

    source: str
    item: str
    place: str
    method: str
    confidence: float


@strawberry.type(description="A value of an entity with every place it was seen.")
class Fact:
    """A value of an entity."""

    property: TypeRef
    value: str
    datatype: str
    supports: list[Support]


@strawberry.type(description="An entity in a list.")
class EntitySummary:
    """An entity in a list."""

    iri: strawberry.ID
    label: str
    types: list[TypeRef]
    sources: list[str]


@strawberry.type(description="A link to or from an entity, with every place that supports it.")
class Link:
    """A link to or from an entity."""

    name: str
    predicate: str
    direction: str = strawberry.field(description='"out" from this entity, "in" towards it')
    entity: EntitySummary
    supports: list[Support]


def _links(root: Parent["Entity"], direction: str | None = None) -> list[Link]:
    return [link for link in root.all_links if direction in (None, link.direction)]


@strawberry.type(description="A thing of the graph with all that is known about it.")
class Entity:
    """A thing of the graph."""

    iri: strawberry.ID
    label: str
    types: list[TypeRef]
    sources: list[str]
    facts: list[Fact]
    redirected_from: str | None = strawberry.field(
        description="the IRI that was asked for, when it was merged into this entity"
    )
    all_links: strawberry.Private[list[Link]]

    links: list[Link] = strawberry.field(
        resolver=_links, description='Links of the entity; direction "out" or "in" narrows them.'
    )


@strawberry.type(description="A page of entities; pass nextCursor as `after` to get the next one.")
class EntityPage:
    """A page of entities."""

    nodes: list[EntitySummary]
    next_cursor: str | None
    total: int


@strawberry.type(description="A search result, the best first.")
class SearchHit:
    """A search result."""

    iri: strawberry.ID
    label: str
    types: list[TypeRef]
    score: float
    snippet: str


@strawberry.type(description="A class of entities and how many there are.")
class TypeCount:
    """A class and its size."""

    iri: strawberry.ID
    label: str
    source: str
    count: int


@strawberry.type(description="An entity in a picture of a neighbourhood.")
class NeighbourhoodNode:
    """An entity in a neighbourhood."""

    iri: strawberry.ID
    label: str
    type: str = strawberry.field(description="readable name of its first class")


@strawberry.type(description="A link in a picture of a neighbourhood.")
class NeighbourhoodEdge:
    """A link in a neighbourhood."""

    start: strawberry.ID
    end: strawberry.ID
    name: str
    predicate: str
    confidence: float


@strawberry.type(description="The entities around one, and the links among them.")
class Neighbourhood:
    """The entities around one."""

    nodes: list[NeighbourhoodNode]
    edges: list[NeighbourhoodEdge]
    truncated: bool = strawberry.field(description="true when the limit cut entities off")
