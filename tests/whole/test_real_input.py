"""The main job on public data that was not made for it."""

import csv

import pytest

from benchmarks.real_input import run, sources
from bifrost.plugins import SERVICES, load
from bifrost.project import open_project

pytestmark = pytest.mark.slow


def _declared(path):
    with path.open() as file:
        return {
            tuple(row[name].lower() for name in ("table", "column", "ref_table", "ref_column"))
            for row in csv.DictReader(file)
        }


def _proposed(project, source):
    from bifrost import review

    return {
        (
            each.proposal.start.table.lower(),
            "+".join(each.proposal.start.fields).lower(),
            each.proposal.end.table.lower(),
            "+".join(each.proposal.end.fields).lower(),
        )
        for each in review.current_proposals(project)
        if each.proposal.rule.kind == "reference"
        and each.proposal.probability >= 0.5
        and each.proposal.start.source == each.proposal.end.source == source
    }


@pytest.fixture(scope="module")
def outcome(tmp_path_factory, shared_data):
    home = tmp_path_factory.mktemp("real") / "home"
    # A tenth of the receipts and of the long documents: `make bench` runs them all.
    entries = sources(shared_data, receipts="*0.jpg")
    entries["documents"]["include"] = ["docx/**", "pptx/**", "xlsx/**"]
    return home, run(home, entries)


@pytest.mark.timeout(600)
def test_every_stage_ends_without_a_failure(outcome):
    assert [report["failures"] for report in outcome[1]["reports"]] == [[], [], [], []]


def test_every_reject_has_a_reason(outcome):
    assert all(reject["reason"] for reject in outcome[1]["status"]["rejects"])


@pytest.mark.parametrize(
    ("source", "folder", "least"), [("northwind", "db-northwind", 0.95), ("chinook", "db-chinook", 0.9)]
)
def test_hidden_references_are_found(outcome, shared_data, source, folder, least):
    declared = _declared(shared_data / folder / "foreign_keys.csv")
    proposed = _proposed(open_project(outcome[0]), source)
    right = len(declared & proposed)
    assert 2 * right / (len(declared) + len(proposed)) >= least, (proposed - declared, declared - proposed)


def test_the_graph_answers_across_tables(outcome):
    query = (
        "SELECT DISTINCT ?p WHERE { ?order ?p ?customer . ?customer rdfs:label ?name FILTER(?p != rdf:type) } LIMIT 5"
    )
    assert load(SERVICES, "sparql")(open_project(outcome[0]), query).rows
