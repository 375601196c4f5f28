"""The graph as people look at it."""

from collections.abc import Callable

import pytest

from bifrost.errors import EntityMissing, GraphEmpty, UnknownName
from bifrost.iris import SAME_AS
from bifrost.project import Project
from bifrost.testing.graphs import NAMER, Fact, entity, labelled, linked, typed, valued
from graph_store.entities import entities, neighbourhood, types
from graph_store.entities import entity as entity_view
from graph_store.entities.views import Support

ORDER, SECOND, OLD = entity("1"), entity("2"), entity("c9", "crm", "clients")
CLIENT = entity("c1", "crm", "clients")
FILE = NAMER.document("files", "a b.pdf")
ONTOLOGY = NAMER.special_graph("ontology")
DATATYPE_PROPERTY = "http://www.w3.org/2002/07/owl#DatatypeProperty"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
UNITS = {
    "orders": [
        typed(ORDER),
        labelled(ORDER, "Order 1"),
        valued(ORDER, "amount", "12.50", "decimal"),
        valued(ORDER, "amount", "12.50", "decimal", place="row 8"),
        typed(SECOND),
        labelled(SECOND, "Order 2"),
        Fact(ORDER, NAMER.term("document"), FILE, ""),
    ],
    "clients": [typed(CLIENT, "crm", "clients"), labelled(CLIENT, "Nordwerk", "crm")],
    "redirects": [Fact(OLD, SAME_AS, CLIENT, "", "crm")],
    "links": [
        linked(ORDER, "placed by", CLIENT, ("shop", "crm"), confidence=0.9, item="o 1.csv", place="row 1, client"),
        linked(SECOND, "placed by", CLIENT, ("shop", "crm"), confidence=0.8),
        linked(SECOND, "placed by", CLIENT, ("shop", "crm"), confidence=0.7, place="page 4"),
    ],
    "files": [
        Fact(FILE, RDF_TYPE, NAMER.term("Document"), "", "files", place="document"),
        labelled(FILE, "A", "files"),
    ],
    "ontology": [
        Fact(NAMER.property("shop", "amount"), RDF_TYPE, DATATYPE_PROPERTY, "", "", place="schema", graph=ONTOLOGY),
        labelled(NAMER.property("shop", "amount"), "Amount (EUR)", "", place="schema", graph=ONTOLOGY),
    ],
}


@pytest.fixture
def published(project: Project, publish: Callable[..., object]) -> Project:
    publish(UNITS)
    return project


def test_nothing_published_is_said_so(project: Project) -> None:
    with pytest.raises(GraphEmpty):
        entity_view(project, ORDER)


def test_an_entity_shows_values_as_written_with_every_place(published: Project) -> None:
    view = entity_view(published, ORDER)
    assert view is not None
    assert (view.label, [each.label for each in view.types], view.sources) == ("Order 1", ["Orders"], ("shop",))
    (fact,) = view.facts
    assert (fact.property.label, fact.value) == ("Amount (EUR)", "12.50")
    places = [Support("shop", "orders.csv", place, "extracted", 1.0) for place in ("row 1", "row 8")]
    assert list(fact.supports) == places


def test_links_show_both_directions_with_their_supports(published: Project) -> None:
    order, client = entity_view(published, ORDER), entity_view(published, CLIENT)
    assert order is not None
    assert client is not None
    outward = next(link for link in order.links if link.entity.iri == CLIENT)
    assert (outward.direction, outward.entity.label) == ("out", "Nordwerk")
    assert outward.supports == (Support("shop", "o 1.csv", "row 1, client", "extracted", 0.9),)
    inward = {link.entity.label: link for link in client.links}
    assert {link.direction for link in inward.values()} == {"in"}
    assert inward["Order 1"].supports == outward.supports
    assert [support.confidence for support in inward["Order 2"].supports] == [0.7, 0.8]


def test_documents_are_named_on_their_own(published: Project) -> None:
    view = entity_view(published, ORDER)
    assert view is not None
    assert [document.label for document in view.documents] == ["A"]


def test_a_merged_record_leads_to_what_it_became_part_of(published: Project) -> None:
    view = entity_view(published, OLD)
    assert view is not None
    assert (view.iri, view.redirected_from, view.merged) == (CLIENT, OLD, (OLD,))
    assert OLD not in {link.entity.iri for link in view.links}


@pytest.mark.parametrize("iri", ["https://graph.example.org/entity/none", "no iri", ""])
def test_an_unknown_entity_is_none(published: Project, iri: str) -> None:
    assert entity_view(published, iri) is None


def test_a_circle_of_redirects_ends(project: Project, publish: Callable[..., object]) -> None:
    publish({"a": [Fact(ORDER, SAME_AS, SECOND, ""), Fact(SECOND, SAME_AS, ORDER, "")]})
    assert entity_view(project, ORDER) is not None


def test_a_neighbourhood_holds_what_is_near_and_the_links_among_it(published: Project) -> None:
    near = neighbourhood(published, ORDER, depth=1)
    assert {node.label for node in near.nodes} == {"Order 1", "Nordwerk", "A"}
    confidences = {(edge.start, edge.end): edge.confidence for edge in near.edges}
    assert confidences == {(ORDER, CLIENT): 0.9, (ORDER, FILE): 1.0}
    far = neighbourhood(published, ORDER, depth=2)
    assert "Order 2" in {node.label for node in far.nodes}
    assert {edge.confidence for edge in far.edges if edge.start == SECOND} == {0.8}


def test_a_neighbourhood_says_when_it_is_cut_off(published: Project) -> None:
    cut = neighbourhood(published, CLIENT, depth=2, limit=2)
    assert (len(cut.nodes), cut.truncated) == (2, True)
    assert neighbourhood(published, CLIENT, depth=2).truncated is False


def test_a_neighbourhood_of_nothing_is_an_error(published: Project) -> None:
    with pytest.raises(EntityMissing):
        neighbourhood(published, "https://graph.example.org/entity/none")


def test_classes_are_counted_without_the_vocabulary(published: Project) -> None:
    counted = {(each.type.label, each.source): each.count for each in types(published)}
    assert counted == {("Orders", "shop"): 2, ("Clients", "crm"): 1, ("Document", ""): 1}


def test_entities_come_in_pages(published: Project) -> None:
    first = entities(published, first=3)
    rest = entities(published, first=3, after=first.next)
    assert first.total == rest.total == 4
    assert len(first.entities) == 3
    assert rest.next is None
    assert [each.iri for each in (*first.entities, *rest.entities)] == sorted([ORDER, SECOND, CLIENT, FILE])


@pytest.mark.parametrize("kind", ["orders", "Orders", NAMER.type("shop", "orders")])
def test_entities_of_a_class_and_of_a_source(published: Project, kind: str) -> None:
    assert [each.label for each in entities(published, kind).entities] == ["Order 1", "Order 2"]
    assert entities(published, kind, source="crm").total == 0
    assert entities(published, source="crm").total == 1


def test_an_unknown_class_is_an_error_that_names_the_known_ones(published: Project) -> None:
    with pytest.raises(UnknownName, match="Orders"):
        entities(published, "nosuch")
