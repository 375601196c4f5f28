"""What the triple store does beyond the contract of every store."""

from collections.abc import Callable

from bifrost.project import Project
from bifrost.testing.graphs import NAMER, Fact, entity, facts_table, labelled, linked, typed, valued
from graph_store.triples.line_stream import LineStream, joined, split_few
from graph_store.triples.service import query

ORDER = entity("1")
Publish = Callable[..., object]


def _values(project: Project) -> set[object]:
    return {row["o"] for row in query(project, f"SELECT ?o {{ <{ORDER}> ?p ?o }}").rows or ()}


def test_a_number_stays_while_another_way_of_writing_it_does(project: Project, publish: Publish) -> None:
    short, long = valued(ORDER, "amount", "1.5", "decimal"), valued(ORDER, "amount", "1.50", "decimal", place="row 2")
    publish({"a": [short], "b": [long]})
    publish({"a": [short]})
    assert _values(project) == {1.5}
    publish({"a": [long]})
    assert _values(project) == {1.5}


def test_a_number_stays_in_the_union_while_another_source_says_it(project: Project, publish: Publish) -> None:
    amount = NAMER.term("amount")
    here = Fact(ORDER, amount, "1.50", "http://www.w3.org/2001/XMLSchema#decimal")
    there = Fact(ORDER, amount, "1.5", "http://www.w3.org/2001/XMLSchema#decimal", source="crm")
    publish({"here": [here], "there": [there]})
    publish({"there": [there]})
    assert _values(project) == {1.5}
    publish({"other": [typed(entity("2"))]})
    assert _values(project) == set()


def test_statements_go_with_their_supports(project: Project, publish: Publish) -> None:
    text = "SELECT ?place { GRAPH ?g { ?s a rdf:Statement ; bf:place ?place } } ORDER BY ?place"
    first = linked(ORDER, "names", entity("2"), place="page 1")
    second = linked(ORDER, "names", entity("2"), place="page 2")
    publish({"links": [first, second]})
    assert query(project, text).rows == [{"place": "page 1"}, {"place": "page 2"}]
    publish({"links": [second]})
    assert query(project, text).rows == [{"place": "page 2"}]


def test_plain_rows_need_no_statement_and_uncertain_ones_do(project: Project, publish: Publish) -> None:
    publish({"a": [typed(ORDER), labelled(ORDER, "Sure"), valued(ORDER, "note", "unsure", confidence=0.5)]})
    text = "SELECT ?o { GRAPH ?g { ?s a rdf:Statement ; rdf:object ?o } }"
    assert query(project, text).rows == [{"o": "unsure"}]


def test_a_decision_without_a_document_still_gets_its_statement(project: Project, publish: Publish) -> None:
    said = linked(ORDER, "same as", entity("2"), source="", item="", place="decision 4", method="decision")
    publish({"assertions": [said]})
    text = "SELECT ?place ?d { GRAPH ?g { ?s bf:place ?place OPTIONAL { ?s prov:wasDerivedFrom ?d } } }"
    assert query(project, text).rows == [{"place": "decision 4", "d": None}]


def test_lines_are_joined_as_they_are_whatever_is_read_at_a_time() -> None:
    batches = facts_table([typed(entity(str(number))) for number in range(50)]).select(["subject"]).to_batches(7)
    expected = "".join(entity(str(number)) for number in range(50)).encode()
    assert b"".join(joined(batch.column(0)) for batch in batches) == expected
    assert joined(batches[0].column(0).slice(2, 3)) == "".join(entity(str(number)) for number in (2, 3, 4)).encode()
    reader = LineStream(batches).share()
    assert b"".join(iter(lambda: reader.read(11), b"")) == expected


def test_few_and_many_rows_are_told_apart_without_losing_any() -> None:
    batches = facts_table([typed(entity(str(number))) for number in range(50)]).to_batches(7)
    for limit, few in ((49, False), (50, True), (0, False)):
        found, is_few = split_few(batches, limit)
        assert (sum(batch.num_rows for batch in found), is_few) == (50, few)
