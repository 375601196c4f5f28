"""Pictures that look the same become a question, and one entity when people say so."""

from dataclasses import replace

import pyarrow as pa
import pytest

from bifrost.extraction import Documents, Extraction
from bifrost.model import Decision, ItemKind, ProposalKind, Table, Verdict
from bifrost.schemas import BLOCKS, ITEM, PERCEPTUAL_HASH, PLACE, ROW
from linker.resolution.identity import identify
from linker.resolution.near_duplicates import near_duplicates

_FIRST = "00112233445566778899aabbccddeeff"
_OTHER = "f0e1d2c3b4a5968778695a4b3c2d1e0f"


def _changed(hashed, *bits):
    value = int(hashed, 16)
    for bit in bits:
        value ^= 1 << bit
    return f"{value:032x}"


@pytest.fixture
def pictures(project):
    """Give a function that stages a table of pictures: item -> hash."""

    def stage(source, hashes):
        rows = pa.table(
            {
                ROW: [f"{item}|picture" for item in hashes],
                ITEM: list(hashes),
                PLACE: ["picture"] * len(hashes),
                PERCEPTUAL_HASH: pa.array(list(hashes.values()), pa.string()),
            }
        )
        digest = project.staging.put_table(rows).digest
        return Table(source, "picture", (PERCEPTUAL_HASH,), (), len(hashes), (digest,), ItemKind.FILE)

    return stage


def test_pictures_that_differ_in_few_bits_are_proposed_with_examples(project, pictures):
    table = pictures("a", {"1.png": _FIRST, "2.png": _changed(_FIRST, 0, 77), "3.png": _OTHER, "4.png": None})
    (proposal,) = near_duplicates(project, [table], {}).types
    assert (proposal.kind, proposal.name, proposal.estimated_links) == (ProposalKind.LINK_TYPE, "same_as", 1)
    assert proposal.examples == (("1.png", "2.png"),)
    assert "2 bits: 1" in proposal.because[0].value
    assert proposal.probability < project.settings.linking.precision


def test_a_pair_that_differs_more_is_a_question_of_its_own(project, pictures):
    found = near_duplicates(
        project, [pictures("a", {"1.png": _FIRST, "2.png": _changed(_FIRST, 0, 20, 40, 60, 80)})], {}
    )
    assert found.types == []
    (question,) = found.questions
    assert question.kind is ProposalKind.SAME_ENTITY
    assert question.examples == (("1.png", "2.png"),)
    assert question.because[0].value == "5 of 128"


@pytest.mark.parametrize(("count", "found"), [(7, True), (8, False)])
def test_all_pairs_up_to_seven_bits_are_found_wherever_they_lie(project, pictures, count, found):
    for start in (0, 5, 11):
        bits = [start + 16 * block for block in range(count)] if count < 8 else range(start, start + 8)
        table = pictures("a", {"1.png": _FIRST, "2.png": _changed(_FIRST, *bits)})
        assert bool(near_duplicates(project, [table], {}).questions) is found


def test_pictures_of_different_sources_are_compared(project, pictures):
    tables = [pictures("b", {"x.png": _FIRST}), pictures("a", {"y.png": _FIRST})]
    (proposal,) = near_duplicates(project, tables, {}).types
    assert (proposal.start.source, proposal.end.source) == ("a", "b")
    assert proposal.examples == (("y.png", "x.png"),)


def test_many_equal_pictures_are_each_paired_once(project, pictures):
    table = pictures("a", {f"{number:04}.png": _FIRST for number in range(500)})
    (proposal,) = near_duplicates(project, [table], {}).types
    assert proposal.estimated_links == 499


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("Brandt Chemie batch B-0026", "Brandt Chemie batch B-0026", True),
        ("Brandt Chemie batch B-0026", "Brandt Chemle batch B-0026", True),
        ("Brandt Chemie batch B-0026", "Brandt Chemie batch B-0027", False),
        ("Alice Holm", "Peter Weber", False),
        ("Alice Holm", None, False),
        (None, None, True),
    ],
)
def test_pictures_of_the_same_form_are_told_apart_by_what_is_written(project, pictures, one, two, same):
    table = pictures("a", {"1.png": _FIRST, "2.png": _changed(_FIRST, 3), "3.png": _OTHER})
    written = {item: text for item, text in {"1.png": one, "2.png": two}.items() if text}
    rows = [
        dict(zip(BLOCKS.names, (item, 1, 1, "text", text, 0, 0, 1, 1, 0.9, "ocr"), strict=True))
        for item, text in written.items()
    ]
    documents = {"a": Documents((), (project.staging.put_table(pa.Table.from_pylist(rows, BLOCKS)).digest,), ())}
    assert bool(near_duplicates(project, [table], documents).types) is same


def test_tables_without_hashes_are_passed_over(project, pictures):
    table = replace(pictures("a", {"1.png": _FIRST}), fields=("other",))
    assert near_duplicates(project, [table], {}).types == []


def test_what_people_accept_becomes_one_entity(project, pictures):
    table = pictures("a", {"1.png": _FIRST, "2.png": _changed(_FIRST, 3), "3.png": _OTHER})
    found = near_duplicates(project, [table], {})
    (proposal,) = found.types
    accepted = [(table, table, found.pairs[proposal.id])]
    decided = [Decision(proposal, Verdict.ACCEPT, "reviewer", seq=1)]
    project.catalog.move_head("extraction", _extraction(project, table))
    identity = identify(project, accepted, project.settings.linking.precision, decided, None)
    assert identity["row"].to_pylist() == ["2.png|picture"]
    assert identity["iri"].to_pylist() == [project.namer.record("a", "picture", "1.png|picture")]


def _extraction(project, table):
    return Extraction((table,), {}, None, None).store(project.staging)
