"""Records that texts name, by identifier or by name."""

from collections.abc import Callable

import pytest

from bifrost.model import End, ItemKind, RuleKind, Table
from bifrost.project import Project
from bifrost.testing.staged_tables import stage_table
from linker.mentions import MentionLinks

Linked = Callable[..., MentionLinks]
SURE = 0.95

VESSELS = ("Nordstjernen", "Gale", "Silver Heron", "Standard", "Baltic Queen", "Kestrel of Hull", "Marguerite")


@pytest.fixture
def crates(project: Project) -> Table:
    return stage_table(
        project, "port", "crates", {"crate_id": [f"K-{number:04d}" for number in range(1, 31)]}, key=["crate_id"]
    )


@pytest.fixture
def vessels(project: Project) -> Table:
    return stage_table(project, "port", "vessels", {"imo": list(range(1, 8)), "name": list(VESSELS)}, key=["imo"])


@pytest.fixture
def bookings(project: Project) -> Table:
    numbers = range(1, 41)
    return stage_table(
        project,
        "office",
        "freight_bookings",
        {"booking_no": [f"FB-{n:06d}" for n in numbers], "crate_id": [f"K-{n % 30 + 1:04d}" for n in numbers]},
        key=["booking_no"],
    )


def rows(found: MentionLinks, item: str = "a.txt", at_least: float = SURE) -> set[tuple[str, str]]:
    return {
        (link["to_table"], link["to_row"])
        for link in found.links.to_pylist()
        if link["item"] == item and link["probability"] >= at_least
    }


@pytest.mark.parametrize(
    "text",
    [
        "Crate K-0012 is wet.",
        "crate 12 is wet",
        "Crates 12 and more",
        "Crate no. 12 leaks",
        "crate #12",
        "see K 12 please",
        "see k12, please",
        "CRATE:K-0012;NET:40KG",
        "K/0012",
    ],
)
def test_a_record_is_found_however_its_identifier_is_written(linked: Linked, crates: Table, text: str) -> None:
    assert rows(linked([crates], {"a.txt": text})) == {("crates", "K-0012")}


@pytest.mark.parametrize(
    "text",
    ["12 people came", "on 2025-03-12", "page 12", "crate 12.5 kg", "K-0099", "XK-0012B", "crate 2025-03-12", "OK 12"],
)
def test_numbers_that_name_nothing_are_left_alone(linked: Linked, crates: Table, text: str) -> None:
    assert rows(linked([crates], {"a.txt": text}), at_least=0.5) == set()


@pytest.mark.parametrize("text", ["booking FB-000017", "FB 17 is late", "Booking 17 is late", "bookings: 17", "fb17"])
def test_long_prefixes_and_words_name_the_table(linked: Linked, bookings: Table, text: str) -> None:
    assert rows(linked([bookings], {"a.txt": text})) == {("freight_bookings", "FB-000017")}


def test_a_field_named_after_another_table_names_no_record_of_its_own(
    linked: Linked, project: Project, crates: Table
) -> None:
    seals = stage_table(
        project,
        "office",
        "seals",
        {"seal": [f"S{n}x" for n in range(30)], "crate_id": [f"K-{n:04d}" for n in range(1, 31)]},
        key=["seal"],
    )
    assert rows(linked([crates, seals], {"a.txt": "K-0007"})) == {("crates", "K-0007")}


def test_an_identifier_of_two_tables_is_certain_for_neither(linked: Linked, project: Project) -> None:
    tables = [
        stage_table(project, "s", name, {"code": [f"XY-{n:04d}" for n in range(5)]}, key=["code"])
        for name in ("racks", "shelves")
    ]
    found = linked(tables, {"a.txt": "XY-0003 is empty", "b.txt": "rack XY-0003 is empty"})
    assert rows(found) == set()
    assert rows(found, at_least=0.3) == {("racks", "XY-0003"), ("shelves", "XY-0003")}
    assert rows(found, "b.txt") == {("racks", "XY-0003")}


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("We saw the Silver Heron leave.", "3"),
        ("SILVER HERON, late again", "3"),
        ("Kestrel of Hull", "6"),
        ("the Nordstjernen sailed", "1"),
    ],
)
def test_a_name_is_found_in_running_text(linked: Linked, vessels: Table, text: str, row: str) -> None:
    assert rows(linked([vessels], {"a.txt": text})) == {("vessels", row)}


def test_words_of_the_language_are_not_names(linked: Linked, vessels: Table) -> None:
    texts = {
        "a.txt": "Standard procedure in a gale: the standard lamp stays on. Gale warnings come by radio.",
        "b.txt": "It is standard.",
    }
    assert rows(linked([vessels], texts)) == set()


def test_a_longer_name_hides_the_shorter_one_in_it(linked: Linked, project: Project) -> None:
    firms = stage_table(
        project,
        "s",
        "firms",
        {"id": ["f1", "f2"], "name": ["Anker Tauwerk GmbH", "Anker Tauwerk Nord GmbH"]},
        key=["id"],
    )
    found = linked([firms], {"a.txt": "Anker Tauwerk Nord wrote.", "b.txt": "Anker Tauwerk GmbH wrote."})
    assert rows(found) == {("firms", "f2")}
    assert rows(found, "b.txt") == {("firms", "f1")}


def test_the_same_company_in_two_tables_is_linked_in_both(linked: Linked, project: Project) -> None:
    tables = [
        stage_table(project, source, name, {"id": [f"{name}1", f"{name}2"], "name": [form, "Other Works"]}, key=["id"])
        for source, name, form in (("s", "makers", "Müller Seile GmbH"), ("t", "payees", "MUELLER SEILE"))
    ]
    found = linked(tables, {"a.txt": "Müller Seile sent it."})
    assert rows(found) == {("makers", "makers1"), ("payees", "payees1")}


def test_a_name_that_two_records_bear_is_certain_for_neither(linked: Linked, project: Project) -> None:
    people = stage_table(
        project,
        "s",
        "people",
        {"id": list("abcdefgh"), "name": ["Ove Dahl", "Ove Dahl", *(f"Per {n}x" for n in range(6))]},
        key=["id"],
    )
    found = linked([people], {"a.txt": "Ove Dahl called."})
    assert rows(found) == set()
    assert rows(found, at_least=0.4) == {("people", "a"), ("people", "b")}


def test_first_and_last_names_count_together(linked: Linked, project: Project) -> None:
    staff = stage_table(
        project,
        "s",
        "staff",
        {"id": ["a", "b", "c"], "first_name": ["Ove", "Ove", "Siri"], "last_name": ["Dahl", "Lund", "Dahl"]},
        key=["id"],
    )
    assert rows(linked([staff], {"a.txt": "Ove met Siri Dahl."})) == {("staff", "c")}


def test_a_misspelt_organisation_is_found_when_nothing_else_is_near(linked: Linked, vessels: Table) -> None:
    found = linked([vessels], {"a.txt": "The Nordstjernan left."}, names=[("a.txt", "ORG", "Nordstjernan")])
    assert rows(found, at_least=0.8) == {("vessels", "1")}


def test_a_recognised_line_may_hold_a_wrong_letter(linked: Linked, vessels: Table) -> None:
    assert rows(linked([vessels], {"a.txt": "Balt1c Queen"}, method="ocr"), at_least=0.8) == {("vessels", "5")}


def test_a_table_inside_a_document_is_no_target_but_a_file_of_rows_is(linked: Linked, project: Project) -> None:
    codes = {"crate_id": [f"K-{number:04d}" for number in range(1, 31)]}
    crates = stage_table(project, "papers", "crates.csv", codes, key=["crate_id"], origin=ItemKind.FILE)
    assert rows(linked([crates], {"a.txt": "K-0001"})) == {("crates.csv", "K-0001")}
    assert rows(linked([crates], {"crates.csv": "a list", "a.txt": "K-0001"})) == set()


def test_a_record_is_linked_once_per_document_with_its_place(linked: Linked, crates: Table) -> None:
    found = linked([crates], {"a.txt": ["nothing", "crate 3 and K-0003", "K-0003"], "b.txt": "K-0003"})
    links = [(link["item"], link["to_row"], link["place"], link["text"]) for link in found.links.to_pylist()]
    assert links == [
        ("a.txt", "K-0003", "page 1, block 2", "K-0003"),
        ("b.txt", "K-0003", "page 1, block 1", "K-0003"),
    ]


def test_the_type_is_proposed_with_its_ends_and_examples(linked: Linked, bookings: Table) -> None:
    found = linked([bookings], {f"{n}.txt": f"FB-{n:06d}" for n in range(1, 6)})
    (proposal,) = found.types
    assert (proposal.name, proposal.rule.kind) == ("mentions_booking", RuleKind.MENTION)
    assert (proposal.start, proposal.end) == (End("papers"), End("office", "freight_bookings"))
    assert proposal.estimated_links == 5
    assert proposal.probability >= SURE
    assert proposal.examples[0] == ("FB-000001", "FB-000001")


def test_one_weak_hit_does_not_make_a_type_certain(linked: Linked, vessels: Table) -> None:
    found = linked([vessels], {"a.txt": "silver heron"})
    assert [proposal.probability < SURE for proposal in found.types] == [True]


def test_unchanged_documents_are_not_read_again(linked: Linked, crates: Table, project: Project) -> None:
    first = linked([crates], {"a.txt": "K-0001"})
    project.staging.path(crates.batches[0]).unlink()
    assert linked([crates], {"a.txt": "K-0001"}).links.equals(first.links)


def test_which_of_two_records_of_a_name_is_meant_is_asked(linked: Linked, project: Project) -> None:
    crews = stage_table(
        project,
        "port",
        "crews",
        {
            "crew_id": ["K1", "K2", "K3", "K4", "K5", "K6"],
            "crew_name": [*["Halvorsen Brandt"] * 2, "Odile Maartens", "Per Lindqvist", "Anneke Visser", "Jo Pruyn"],
        },
        key=["crew_id"],
    )
    found = linked([crews], {"log.txt": "Halvorsen Brandt signed the log beside Odile Maartens."})
    asked = [(each.start.iri, each.end.iri, each.probability) for each in found.questions]
    document, record = project.namer.document("papers", "log.txt"), project.namer.record
    assert asked == [(document, record("port", "crews", row), 0.49) for row in ("K1", "K2")]
    assert {each.name for each in found.questions} == {found.types[0].name}


def test_a_name_that_no_record_bears_is_kept_once_per_document(linked: Linked, vessels: Table) -> None:
    text = "The Nordwind Reederei GmbH waits. NORDWIND REEDEREI waits."
    names = [("a.txt", "ORG", "Nordwind Reederei GmbH"), ("a.txt", "ORG", "NORDWIND REEDEREI")]
    unknown = linked([vessels], {"a.txt": text}, names=names).unknown["papers"].to_pylist()
    assert [(row["item"], row["label"], row["name"]) for row in unknown] == [("a.txt", "ORG", "nordwind reederei")]


def test_a_name_that_a_record_bears_is_not_unknown(linked: Linked, project: Project) -> None:
    firms = stage_table(
        project, "port", "firms", {"id": ["F1", "F2"], "name": ["Nordwind Reederei", "Kiel Canal Pilots"]}, key=["id"]
    )
    names = [("a.txt", "ORG", "Nordwind Reederei GmbH")]
    found = linked([firms], {"a.txt": "The Nordwind Reederei GmbH waits."}, names=names)
    assert found.unknown["papers"].num_rows == 0
