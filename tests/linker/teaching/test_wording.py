"""A type of link by wording: texts that share rare words are linked, and the links go and come with the decision."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from bifrost import link_types, review
from bifrost.lessons import Lesson
from bifrost.model import RuleKind, Verdict
from bifrost.project import open_project
from linker.teaching.teach import teach
from tests.linker.teaching.conftest import SUPPLIERS, WORDS, Planted, write

COMPLAINTS = 24
FAULTS = ["wet", "torn", "late", "dusty"]
NAME = "complains about"


def supplier_of(complaint):
    return 1 + complaint * 3 % SUPPLIERS


def write_complaints(project):
    """Add free texts that name a supplier among other words, and one that names nobody."""
    texts = [
        (f"C-{n:02}", f"{WORDS[supplier_of(n)].title()} barrels arrived {FAULTS[n % 4]}") for n in range(COMPLAINTS)
    ]
    rows = [*texts, ("C-99", "Nobody ever called back")]
    write(project.home.parent / "data" / "sales.db", "complaints", "complaint_no TEXT PRIMARY KEY, told TEXT", rows)


def expected(complaints):
    return {(f"complaints/C-{n:02}", f"suppliers/{supplier_of(n)}") for n in complaints}


@pytest.fixture(scope="module")
def accepted(factory, tmp_path_factory):
    """A folder with the factory, where people accepted a rule by wording, and that rule's proposal."""
    folder = tmp_path_factory.mktemp("worded")
    shutil.copytree(factory, folder, dirs_exist_ok=True)
    project = open_project(folder / "home")
    write_complaints(project)
    Planted().link(project)
    pairs = [(f"sales/complaints/C-{n:02}", f"supply/suppliers/{supplier_of(n)}") for n in (0, 5, 13)]
    best, *_ = teach(project, Lesson(NAME, tuple(pairs)))
    review.decide(project, best.id, Verdict.ACCEPT, by="ann")
    Planted().link(project)
    return folder, best


@pytest.fixture
def worded(accepted, tmp_path):
    """A copy that a test may change, and the accepted proposal."""
    folder, proposal = accepted
    shutil.copytree(folder, tmp_path / "worded")
    return open_project(tmp_path / "worded" / "home"), proposal


def test_the_rule_is_found_by_three_examples_and_links_the_other_texts(worded, planted):
    project, proposal = worded
    assert proposal.rule.kind is RuleKind.SIMILAR
    assert (proposal.start.fields, proposal.end.fields) == (("told",), ("name",))
    assert proposal.estimated_links == COMPLAINTS
    assert planted.links(project, NAME) == expected(range(COMPLAINTS))


def test_the_links_say_where_they_come_from_and_lie_in_the_graph_of_both_sources(worded, planted):
    project, proposal = worded
    (counted,) = [each for each in review.link_types(project) if each.link_type.name == NAME]
    assert (counted.links, counted.link_type.decided) == (COMPLAINTS, True)
    unit = project.snapshot().units[review.links_unit(proposal)]
    assert unit.graph == project.namer.graph(["sales", "supply"])
    (row,) = [each for each in project.staging.table([unit.facts]).to_pylist() if "C-05" in each["subject"]]
    assert (row["source"], row["place"]) == ("sales", "row C-05, told")
    assert (row["method"], row["confidence"]) == (f"similar:{proposal.rule.transform}", 1.0)


def test_the_links_go_with_a_deleted_type_and_come_back_when_it_is_restored(worded, planted):
    project, _ = worded
    others = planted.links(project, "supplier")
    link_types.delete(project, NAME, by="ann")
    planted.link(project)
    assert planted.links(project, NAME) == set()
    assert planted.links(project, "supplier") == others != set()
    link_types.restore(project, NAME, by="ann")
    planted.link(project)
    assert planted.links(project, NAME) == expected(range(COMPLAINTS))


def test_the_links_go_when_the_acceptance_is_undone(worded, planted):
    project, proposal = worded
    assert planted.links(project, NAME)
    review.undo(project, proposal.id, by="ann")
    planted.link(project)
    assert planted.links(project, NAME) == set()
    assert review.links_unit(proposal) not in project.snapshot().units


def test_a_text_that_changes_changes_its_link_and_no_other(worded, planted):
    project, _ = worded
    with closing(sqlite3.connect(project.home.parent / "data" / "sales.db")) as connection, connection:
        connection.execute("UPDATE complaints SET told = 'Nobody knows who sent this' WHERE complaint_no = 'C-05'")
        told = f"{WORDS[7].title()} barrels arrived wet"
        connection.execute("UPDATE complaints SET told = ? WHERE complaint_no = 'C-99'", (told,))
    planted.link(project)
    assert planted.links(project, NAME) == expected({*range(COMPLAINTS)} - {5}) | {("complaints/C-99", "suppliers/7")}
