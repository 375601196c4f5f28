"""References are found without declarations, and serial integers do not fool the search."""

import csv
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path

import pytest

from bifrost.model import ItemKind, Proposal, ProposalKind, RuleKind, Table
from bifrost.project import Project
from bifrost.testing.staged_tables import stage_sqlite, stage_table
from linker.references import scoring

from .conftest import Discover

FILES = {"northwind": "northwind.db", "chinook": "Chinook_Sqlite.sqlite"}
Ends = tuple[str, str, str]


def ends(proposal: Proposal) -> tuple[Ends, Ends]:
    start, end = (
        (each.source, each.table.lower(), "+".join(each.fields).lower()) for each in (proposal.start, proposal.end)
    )
    return start, end


def likely(proposals: Iterable[Proposal], least: float = 0.5) -> set[tuple[Ends, Ends]]:
    return {ends(proposal) for proposal in proposals if proposal.probability >= least}


def declared(shared_data: Path, name: str) -> set[tuple[Ends, Ends]]:
    with (shared_data / f"db-{name}" / "foreign_keys.csv").open() as file:
        rows = [{key: value.lower() for key, value in row.items()} for row in csv.DictReader(file)]
    return {((name, row["table"], row["column"]), (name, row["ref_table"], row["ref_column"])) for row in rows}


def f1(found: set[tuple[Ends, Ends]], truth: set[tuple[Ends, Ends]]) -> float:
    return 2 * len(found & truth) / (len(found) + len(truth))


@pytest.mark.parametrize(("name", "least"), [("northwind", 0.95), ("chinook", 0.90)])
def test_undeclared_foreign_keys_are_found(
    project: Project, discovered: Discover, shared_data: Path, name: str, least: float
) -> None:
    tables = stage_sqlite(project, name, shared_data / f"db-{name}" / FILES[name])
    assert f1(likely(discovered(tables)), declared(shared_data, name)) >= least


def test_two_databases_side_by_side_are_not_mixed_up(project: Project, discovered: Discover, shared_data: Path) -> None:
    tables = [
        table for name in FILES for table in stage_sqlite(project, name, shared_data / f"db-{name}" / FILES[name])
    ]
    found = likely(discovered(tables))
    assert {(start[0], end[0]) for start, end in found} == {(name, name) for name in FILES}
    assert f1(found, declared(shared_data, "northwind") | declared(shared_data, "chinook")) >= 0.93


@pytest.fixture
def factory(project: Project) -> tuple[list[Table], set[tuple[Ends, Ends]]]:
    from examples.manufacturing.reports import plan_reports
    from examples.manufacturing.world import plan

    world = plan(scale=40, seed=7)
    tables = [stage_table(project, each.source, each.item, each.rows, key=each.key) for each in world.tables()]
    batches = {"Batch": [report.batch.written for report in plan_reports(world)]}
    tables.append(stage_table(project, "documents", "reports form", batches, origin=ItemKind.FILE))
    truth = {
        ((each.start.source, each.start.item, each.field), (each.end.source, each.end.item, each.end_field))
        for each in world.references()
        if each.name != "same_as"  # two writings of the same companies, which is for resolution
    }
    return tables, truth | {(("documents", "reports form", "batch"), ("supply", "batches", "batch_id"))}


def test_every_planted_reference_of_the_factory_is_found_and_no_other(
    discovered: Discover, factory: tuple[list[Table], set[tuple[Ends, Ends]]]
) -> None:
    tables, truth = factory
    proposals = discovered(tables)
    assert truth <= likely(proposals)
    assert likely(proposals, 0.7) <= truth


def test_every_writing_gets_its_transformation(
    discovered: Discover, factory: tuple[list[Table], set[tuple[Ends, Ends]]]
) -> None:
    found = {ends(each)[0][1:]: each for each in discovered(factory[0]) if each.probability >= 0.5}
    transforms = {start: each.rule.transform for start, each in found.items()}
    assert transforms["consumption", "batch"] == "number"
    assert transforms["returns", "order_ref"] == "compact"
    assert transforms["consumption", "order_no"] == "exact"


def test_a_proposal_carries_examples_counts_and_reasons_that_add_up(
    discovered: Discover, factory: tuple[list[Table], set[tuple[Ends, Ends]]]
) -> None:
    for proposal in discovered(factory[0]):
        assert (proposal.kind, proposal.rule.kind) == (ProposalKind.LINK_TYPE, RuleKind.REFERENCE)
        log_odds = sum(reason.weight for reason in proposal.because)
        assert scoring.probability(log_odds) == pytest.approx(proposal.probability, abs=1e-4)
    order = next(each for each in discovered(factory[0]) if each.start.fields == ("order_ref",))
    assert order.estimated_links == next(table.rows for table in factory[0] if table.name == "returns")
    assert 3 <= len(order.examples) <= 5
    left, right = order.examples[0]
    assert (left[:3], right[:3]) == ("PO ", "PO-")


def test_the_same_tables_give_the_same_proposals_without_new_work(
    discovered: Discover, factory: tuple[list[Table], set[tuple[Ends, Ends]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = discovered(factory[0])
    monkeypatch.setattr("linker.references.discover.probe", lambda *_: pytest.fail("probed again"))
    assert discovered(factory[0][::-1]) == first


def proposals_of(
    project: Project, discovered: Discover, tables: Mapping[str, Mapping[str, list[object]]]
) -> dict[tuple[str, str], Proposal]:
    """Discover in tables named `source/table`, whose first field is the key, and give what is likely."""
    staged = []
    for name, rows in tables.items():
        source, table = name.split("/")
        staged.append(stage_table(project, source, table, rows, key=[next(iter(rows))]))
    found = {(str(each.start), str(each.end)): each for each in discovered(staged)}
    return {pair: each for pair, each in found.items() if each.probability >= 0.5}


def test_small_integers_in_serial_keys_are_no_references(project: Project, discovered: Discover) -> None:
    numbers: list[object] = list(range(1, 101))
    counts: list[object] = [1 + number % 50 for number in range(100)]
    found = proposals_of(
        project,
        discovered,
        {
            "a/machines": {"machine_id": numbers, "floors": counts, "age": counts},
            "a/parts": {"part_id": numbers, "quantity": counts, "position": counts},
            "b/tools": {"id": numbers, "level": counts},
        },
    )
    assert found == {}


def test_running_numbers_written_as_padded_texts_are_no_references_either(
    project: Project, discovered: Discover
) -> None:
    def padded(numbers: Iterable[int]) -> list[object]:
        return [f"{number:08d}" for number in numbers]

    found = proposals_of(
        project,
        discovered,
        {
            "a/machines": {
                "machine_id": padded(range(300)),
                "slogan": padded(range(300)),
                "tint": padded(range(50)) * 6,
            },
            "a/parts": {
                "part_id": padded(range(300)),
                "machine_id": padded(range(100)) * 3,
                "shade": padded(range(300)),
            },
        },
    )
    assert set(found) == {("a/parts.machine_id", "a/machines.machine_id")}


def test_serial_numbers_of_another_source_need_a_person(project: Project, discovered: Discover) -> None:
    numbers: list[object] = list(range(1, 101))
    visits: dict[str, list[object]] = {"visit": [f"V{number}" for number in range(100)], "patient_id": numbers}
    found = proposals_of(project, discovered, {"a/visits": visits, "b/patients": {"patient_id": numbers}})
    assert all(each.probability < 0.95 for each in found.values())


def test_the_reference_goes_to_the_thing_and_not_to_others_that_refer_to_it(
    project: Project, discovered: Discover
) -> None:
    codes: list[object] = [f"K-{number:03d}" for number in range(60)]
    found = proposals_of(
        project,
        discovered,
        {
            "a/contracts": {"contract_no": codes},
            "a/invoices": {"invoice_no": [f"I{n}" for n in range(60)], "contract_no": codes},
            "a/payments": {"payment_no": [f"P{n}" for n in range(60)], "contract_no": codes[:30] * 2},
        },
    )
    assert set(found) == {
        ("a/payments.contract_no", "a/contracts.contract_no"),
        ("a/invoices.contract_no", "a/contracts.contract_no"),
    }


def test_a_field_of_its_own_table_refers_only_in_a_role(project: Project, discovered: Discover) -> None:
    codes: list[object] = [f"N{number}" for number in range(40)]
    parents: list[object] = [None, *codes[:39]]
    found = proposals_of(
        project, discovered, {"a/nodes": {"node_id": codes, "parent_id": parents, "node_label": parents}}
    )
    assert {pair: each.name for pair, each in found.items()} == {("a/nodes.parent_id", "a/nodes.node_id"): "parent"}


def test_a_key_of_several_fields_is_referred_to_as_a_whole(project: Project, discovered: Discover) -> None:
    pairs = list(product(range(10), "abc"))
    items = stage_table(
        project,
        "a",
        "order_items",
        {"order_no": [f"O{left}" for left, _ in pairs], "item": [right for _, right in pairs]},
        key=["order_no", "item"],
    )
    chosen = pairs[::2]
    returns = stage_table(
        project,
        "a",
        "complaints",
        {
            "complaint": [f"C{number}" for number in range(len(chosen))],
            "order_no": [f"O{left}" for left, _ in chosen],
            "item": [right for _, right in chosen],
        },
        key=["complaint"],
    )
    best = discovered([items, returns])[0]
    assert (best.start.fields, best.end.fields) == (("order_no", "item"), ("order_no", "item"))
    assert (best.start.table, best.probability > 0.9, best.estimated_links) == ("complaints", True, len(chosen))


def test_names_are_readable_and_unique_within_a_table(project: Project, discovered: Discover) -> None:
    codes: list[object] = [f"E{number}" for number in range(30)]
    found = proposals_of(
        project,
        discovered,
        {
            "a/employees": {"EmployeeId": codes, "ReportsTo": [None, *codes[:29]]},
            "a/visits": {"visit": [f"V{n}" for n in range(30)], "EmployeeId": codes[::-1], "employee": codes},
        },
    )
    names = sorted((each.start.table, each.name) for each in found.values())
    assert names == [("employees", "reports_to"), ("visits", "employee"), ("visits", "employee_2")]


def test_tables_without_rows_are_judged_by_their_names_alone(project: Project, discovered: Discover) -> None:
    import pyarrow as pa

    empty = pa.table({"note_id": pa.array([], pa.string()), "customer_id": pa.array([], pa.string())})
    notes = stage_table(project, "a", "notes", empty, key=["note_id"])
    customers = stage_table(project, "a", "customers", {"customer_id": ["x", "y"]}, key=["customer_id"])
    (found,) = discovered([notes, customers])
    assert (ends(found)[0], found.estimated_links) == (("a", "notes", "customer_id"), 0)
    assert 0.5 <= found.probability < 0.95


def test_no_tables_give_no_proposals(discovered: Discover) -> None:
    assert discovered([]) == []


@pytest.mark.parametrize("coverage", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_more_values_found_never_weigh_less(coverage: float) -> None:
    lower = scoring.share_evidence(max(0.0, coverage - 0.1), 100).weight
    assert scoring.share_evidence(coverage, 100).weight >= lower
