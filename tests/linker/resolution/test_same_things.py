"""Which tables hold the same things, and which of their records are the same."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from bifrost.extraction import Documents, Extraction
from bifrost.model import Decision, End, ItemKind, Proposal, ProposalKind, Rule, RuleKind, Table, Verdict
from bifrost.project import Project
from bifrost.schemas import DOCUMENTS
from bifrost.testing.staged_tables import stage_table
from linker.resolution import Resolution

Resolved = Callable[..., Resolution]

CLIENTS = (
    ("Adler Werkzeuge GmbH", "München", "ADLER WERKZ.", "Munich"),
    ("Adlerhof Werkzeuge GmbH", "Essen", "Adlerhof Werkzeuge", "Essen"),
    ("Bellini Tessuti S.p.A.", "Milano", "Bellini Tessuti SpA", "Milan"),
    ("Carlsen Skibsbyg A/S", "Aarhus", "Carlsen Skibsbyg AS", "Århus"),
    ("Dürr Getriebe KG", "Nürnberg", "DUERR GETRIEBE KG", "Nuremberg"),
    ("Falkner Optik AG", "Wien", "Falkner Optk AG", "Vienna"),
    ("Grabowski Meble Sp. z o.o.", "Kraków", "Grabowski Meble", "Krakow"),
    ("Hjelm Isolering ApS", "Odense", "Hjelm Isol. ApS", "Odense"),
    ("Jansson Kartong AB", "Malmö", "Jansson Kartong", "Malmo"),
    ("Keller Pumpen GmbH", "Köln", "Keller Pumpen GmbH & Co. KG", "Cologne"),
)
ONLY_LEFT = (("Lorenz Dichtungen GmbH", "Bremen"), ("Moreau Verres SARL", "Lyon"))
ONLY_RIGHT = (("Nordkap Reederei", "Kiel"), ("Quist Papir A/S", "Aalborg"))
PARTS = ("Hex bolt", "Washer", "Flange seal", "Bearing ring", "Drive belt", "Oil filter", "Gear wheel", "Spring clip")


def stage_clients(project: Project) -> tuple[Table, Table]:
    left = [(name, city) for name, city, _, _ in CLIENTS] + list(ONLY_LEFT)
    right = [(name, city) for _, _, name, city in CLIENTS] + list(ONLY_RIGHT)
    clients = stage_table(
        project,
        "crm",
        "clients",
        {"no": list(range(1, 13)), "name": [row[0] for row in left], "city": [row[1] for row in left]},
        key=["no"],
    )
    debtors = stage_table(
        project,
        "books",
        "debtors",
        {
            "code": [f"D{number:02d}" for number in range(1, 13)],
            "debtor_name": [row[0] for row in right],
            "town": [row[1] for row in right],
        },
        key=["code"],
    )
    return clients, debtors


def matched(clients: Table, debtors: Table) -> list[tuple[Table, str, Table, str]]:
    return [(clients, "name", debtors, "debtor_name"), (clients, "city", debtors, "town")]


def probabilities(found: Resolution) -> dict[tuple[str, str], float]:
    """Give (debtor, client) -> probability; ends stand in the order of their sources."""
    pairs = found.pairs[found.types[0].id].to_pylist()
    return {(pair["left_row"], pair["right_row"]): pair["probability"] for pair in pairs}


TRUE_PAIRS = {(f"D{number:02d}", str(number)) for number in range(1, 11)}


def test_companies_spelled_differently_are_found_and_lonely_ones_stay_alone(
    project: Project, resolved: Resolved
) -> None:
    tables = stage_clients(project)
    found = resolved(project, tables, matched(*tables))
    sure = {pair for pair, probability in probabilities(found).items() if probability >= 0.9}
    assert sure == TRUE_PAIRS


def test_the_type_is_proposed_with_examples_and_reasons(project: Project, resolved: Resolved) -> None:
    tables = stage_clients(project)
    proposal = resolved(project, tables, matched(*tables)).types[0]
    assert (proposal.rule.kind, proposal.name, proposal.estimated_links) == (RuleKind.SAME_THING, "same_as", 10)
    assert (proposal.start, proposal.end) == (End("books", "debtors"), End("crm", "clients"))
    assert proposal.probability >= 0.95
    assert len(proposal.examples) == 5
    assert {reason.feature for reason in proposal.because} >= {"records with a partner", "fields that mean the same"}


def test_tables_that_share_no_things_are_not_proposed(project: Project, resolved: Resolved) -> None:
    clients, _ = stage_clients(project)
    parts = stage_table(
        project, "stock", "parts", {"part": [f"X-{n}" for n in range(8)], "name": list(PARTS)}, key=["part"]
    )
    found = resolved(project, [clients, parts], [(clients, "name", parts, "name")])
    assert not found.types
    assert not found.questions


@pytest.mark.parametrize(("document", "types"), [("debtors", 0), ("other", 1)])
def test_tables_inside_documents_are_left_alone_and_tables_from_files_are_not(
    project: Project, resolved: Resolved, document: str, types: int
) -> None:
    clients, debtors = stage_clients(project)
    filed = replace(debtors, origin=ItemKind.FILE)
    row = {"item": document, "title": "", "media_type": "application/pdf", "pages": 1, "text": ""}
    digest = project.staging.put_table(pa.Table.from_pylist([row], DOCUMENTS)).digest
    extraction = Extraction((clients, filed), {"books": Documents((digest,), (), ())})
    project.catalog.move_head("extraction", extraction.store(project.staging))
    assert len(resolved(project, [clients, filed], matched(clients, filed)).types) == types


def test_a_city_in_common_makes_no_two_tables_the_same_things(project: Project, resolved: Resolved) -> None:
    clients, debtors = stage_clients(project)
    assert not resolved(project, [clients, debtors], [(clients, "city", debtors, "town")]).types


def test_a_field_called_after_the_other_table_is_a_reference_not_sameness(project: Project, resolved: Resolved) -> None:
    clients, _ = stage_clients(project)
    visits = stage_table(
        project,
        "diary",
        "visits",
        {"day": list(range(10)), "client": [row[0] for row in CLIENTS], "city": [row[1] for row in CLIENTS]},
        key=["day"],
    )
    fields = [(clients, "name", visits, "client"), (clients, "city", visits, "city")]
    assert not resolved(project, [clients, visits], fields).types


def test_what_people_said_about_a_pair_is_final(project: Project, resolved: Resolved) -> None:
    tables = stage_clients(project)
    said = [answer(project, tables, "D01", "1", Verdict.REJECT), answer(project, tables, "D11", "11", Verdict.ACCEPT)]
    found = probabilities(resolved(project, tables, matched(*tables), said))
    assert ("D01", "1") not in found or found[("D01", "1")] == 0
    assert found[("D11", "11")] == 1


def test_a_rejected_type_is_not_computed_again(project: Project, resolved: Resolved) -> None:
    tables = stage_clients(project)
    proposal = resolved(project, tables, matched(*tables)).types[0]
    rejected = Decision(proposal, Verdict.REJECT, by="ann")
    assert not resolved(project, tables, matched(*tables), [rejected]).types


def test_two_projects_stage_the_same_bytes(
    tmp_path: Path, new_project: Callable[[Path], Project], resolved: Resolved
) -> None:
    digests = []
    for name in ("one", "two"):
        project = new_project(tmp_path / name)
        tables = stage_clients(project)
        resolved(project, tables, matched(*tables))
        digests.append(project.catalog.checkpoints("resolution"))
    assert digests[0] == digests[1]


def test_an_unchanged_pair_of_tables_is_remembered(project: Project, resolved: Resolved) -> None:
    tables = stage_clients(project)
    first = resolved(project, tables, matched(*tables))
    for table in tables:  # What is not read again need not be there.
        project.staging.path(table.batches[0]).unlink()
    second = resolved(project, tables, matched(*tables))
    assert second.types == first.types
    assert probabilities(second) == probabilities(first)


def test_pairs_say_why_with_the_values_side_by_side(project: Project, resolved: Resolved) -> None:
    tables = stage_clients(project)
    found = resolved(project, tables, matched(*tables))
    pairs = found.pairs[found.types[0].id].to_pylist()
    pair = next(each for each in pairs if each["left_row"] == "D01")
    because = {reason["feature"]: reason for reason in json.loads(pair["because"])}
    assert because["debtor_name = name"]["value"] == "ADLER WERKZ. | Adler Werkzeuge GmbH"
    assert because["town = city"]["value"] == "Munich | München"


@pytest.mark.parametrize("names", [[None, None, None], ["", " ", "."], ["same", "same", "same"]])
def test_tables_without_usable_names_do_no_harm(project: Project, resolved: Resolved, names: list[str | None]) -> None:
    clients, _ = stage_clients(project)
    empty = stage_table(
        project,
        "odd",
        "leads",
        pa.table({"id": ["a", "b", "c"], "name": pa.array(names, pa.string()), "city": ["x", "y", "z"]}),
        key=["id"],
    )
    fields = [(clients, "name", empty, "name"), (clients, "city", empty, "city")]
    assert not resolved(project, [clients, empty], fields).types


FIRST = ("Ada", "Bo", "Cleo", "Dag", "Eva", "Finn", "Gro", "Hal", "Ida", "Jon", "Kai", "Liv")
LAST = ("Moe", "Nygård", "Olsen", "Pihl", "Quist", "Rask", "Storm", "Thorn", "Ulv", "Vang", "Wiik", "Yde")


def test_duplicates_within_a_table_of_people_are_asked_about_not_merged(project: Project, resolved: Resolved) -> None:
    people = [(f"{one} {two}", f"{one}@{two}.example", f"+45 {n}77") for n, (one, two) in enumerate(named(FIRST, LAST))]
    people += [
        (f"{one} {two}", f"{two}@mail.example", f"+46 {n}99") for n, (one, two) in enumerate(named(FIRST, LAST[::-1]))
    ]
    again = [people[0], people[1], ("BO NYGARD", people[1][1], people[1][2]), ("Cleo  Olsn", *people[2][1:])]
    rows = people + again
    table = stage_table(
        project,
        "crm",
        "people",
        {"id": list(range(len(rows)))}
        | {name: [row[place] for row in rows] for place, name in enumerate(("name", "email", "phone"))},
        key=["id"],
    )
    found = resolved(project, [table])
    assert [proposal.probability < 0.95 for proposal in found.types] == [True]
    asked = {question.examples[0] for question in found.questions}
    assert {("Cleo Olsen", "Cleo  Olsn"), ("Ada Moe", "Ada Moe")} <= asked
    assert not any({one.split()[0].lower(), two.split()[0].lower()} != {one.split()[0].lower()} for one, two in asked)


def named(first: tuple[str, ...], last: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(first, last, strict=True))


def answer(project: Project, tables: tuple[Table, Table], debtor: str, client: str, verdict: Verdict) -> Decision:
    """Answer as the log gives it back: ends by IRI alone."""
    name = project.namer.record
    asked = Proposal(
        ProposalKind.SAME_ENTITY,
        End(iri=name("books", "debtors", debtor)),
        End(iri=name("crm", "clients", client)),
        0.5,
        "same_as",
        Rule(RuleKind.SAME_THING),
    )
    return Decision(asked, verdict, by="ann")
