"""Clusters of records: no cascades, people's word, and names that stay."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bifrost.extraction import Extraction
from bifrost.model import Decision, End, Proposal, ProposalKind, Rule, RuleKind, Table, Verdict
from bifrost.project import Project, create_project
from bifrost.schemas import PAIRS
from bifrost.testing.staged_tables import stage_table
from linker.resolution.identity import identify

ROWS = "abcd"
THRESHOLD = 0.9
Edge = tuple[str, str, str, str, float]
"""Left table, left row, right table, right row, probability."""
Answer = tuple[tuple[str, str], tuple[str, str], bool]


@dataclass
class Setting:
    """Three tables with keys, A, B and C, of four rows each."""

    project: Project
    tables: dict[str, Table] = field(default_factory=dict)

    def run(
        self, edges: list[Edge], decisions: list[Decision] | None = None, previous: pa.Table | None = None
    ) -> pa.Table:
        by_pair: dict[tuple[str, str], list[Edge]] = {}
        for edge in edges:
            by_pair.setdefault((edge[0], edge[2]), []).append(edge)
        accepted = [
            (self.tables[one], self.tables[two], pairs([(edge[1], edge[3], edge[4]) for edge in found]))
            for (one, two), found in by_pair.items()
        ]
        return identify(self.project, accepted, THRESHOLD, decisions or [], previous)

    def iri(self, table: str, row: str) -> str:
        return self.project.namer.record("s", table, row)

    def answer(self, one: tuple[str, str], two: tuple[str, str], *, same: bool) -> Decision:
        asked = Proposal(
            ProposalKind.SAME_ENTITY,
            End(iri=self.iri(*one)),
            End(iri=self.iri(*two)),
            0.5,
            "same_as",
            Rule(RuleKind.SAME_THING),
        )
        return Decision(asked, Verdict.ACCEPT if same else Verdict.REJECT, by="ann")

    def entities(self, identity: pa.Table) -> dict[tuple[str, str], str]:
        """Give (table, row) -> entity for every record."""
        found = {(table, row): self.iri(table, row) for table in self.tables for row in ROWS}
        return found | {(entry["table"], entry["row"]): entry["iri"] for entry in identity.to_pylist()}


def pairs(rows: list[tuple[str, str, float]]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(PAIRS.names, (left, right, probability, "[]"), strict=True)) for left, right, probability in rows],
        PAIRS,
    )


def make_setting(folder: Path, rows: str = ROWS) -> Setting:
    project = create_project(folder, "{}\n")
    tables = {name: stage_table(project, "s", name, {"k": list(rows)}, key=["k"]) for name in "ABC"}
    project.catalog.move_head("extraction", Extraction(tuple(tables.values())).store(project.staging))
    return Setting(project, tables)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return make_setting(tmp_path)


@pytest.fixture(scope="module")
def shared() -> Iterator[Setting]:
    """Give one setting for all examples of a property: identify only reads."""
    with tempfile.TemporaryDirectory() as folder:
        yield make_setting(Path(folder))


def test_a_pair_above_the_threshold_is_one_entity_named_after_its_first_record(setting: Setting) -> None:
    identity = setting.run([("A", "a", "B", "c", 0.97), ("A", "b", "B", "d", 0.89)])
    assert identity.to_pylist() == [{"source": "s", "table": "B", "row": "c", "iri": setting.iri("A", "a")}]


def test_a_chain_over_three_tables_does_not_join_two_records_of_one_table(setting: Setting) -> None:
    chain: list[Edge] = [("A", "a", "B", "b", 0.99), ("B", "b", "C", "c", 0.98), ("A", "d", "C", "c", 0.97)]
    entities = setting.entities(setting.run(chain))
    assert entities[("B", "b")] == entities[("C", "c")] == setting.iri("A", "a")
    assert entities[("A", "d")] == setting.iri("A", "d")


def test_two_records_of_one_table_join_when_a_person_says_so(setting: Setting) -> None:
    said = [setting.answer(("A", "a"), ("A", "b"), same=True)]
    entities = setting.entities(setting.run([("A", "a", "B", "c", 0.99)], said))
    assert entities[("A", "b")] == entities[("B", "c")] == setting.iri("A", "a")


def test_duplicates_within_a_table_need_a_persons_word_for_the_table(setting: Setting) -> None:
    edges: list[Edge] = [("A", "a", "A", "b", 0.99)]
    assert setting.run(edges).num_rows == 0
    table = End("s", "A")
    proposal = Proposal(ProposalKind.LINK_TYPE, table, table, 0.8, "same_as", Rule(RuleKind.SAME_THING))
    assert setting.run(edges, [Decision(proposal, Verdict.ACCEPT, by="ann")]).num_rows == 1


def test_records_that_people_told_apart_never_meet_in_a_chain(setting: Setting) -> None:
    said = [setting.answer(("C", "c"), ("A", "a"), same=False)]
    entities = setting.entities(setting.run([("A", "a", "B", "b", 0.99), ("B", "b", "C", "c", 0.98)], said))
    assert entities[("B", "b")] == setting.iri("A", "a")
    assert entities[("C", "c")] == setting.iri("C", "c")


def test_the_later_of_two_answers_that_exclude_each_other_stands(setting: Setting) -> None:
    said = [
        setting.answer(("A", "a"), ("B", "b"), same=True),
        setting.answer(("B", "b"), ("C", "c"), same=True),
        setting.answer(("A", "a"), ("C", "c"), same=False),
    ]
    entities = setting.entities(setting.run([], said))
    assert entities[("C", "c")] == entities[("B", "b")] != setting.iri("A", "a")


def test_a_merge_that_is_undone_gives_every_record_its_own_name_back(setting: Setting) -> None:
    edges: list[Edge] = [("A", "a", "B", "b", 0.99), ("C", "c", "C", "d", 0.5)]
    before = setting.run(edges)
    said = [setting.answer(("B", "b"), ("C", "c"), same=True)]
    merged = setting.run(edges, said, before)
    assert setting.entities(merged)[("C", "c")] == setting.iri("A", "a")
    undone = setting.run(edges, [], merged)
    assert setting.entities(undone) == setting.entities(before)
    apart = setting.run(edges, [setting.answer(("A", "a"), ("B", "b"), same=False)], undone)
    assert apart.num_rows == 0


def test_an_entity_keeps_its_name_when_its_first_record_comes_later(setting: Setting) -> None:
    before = setting.run([("B", "b", "C", "c", 0.99)])
    after = setting.run(
        [("B", "b", "C", "c", 0.99), ("A", "a", "B", "b", 0.98), ("A", "a", "C", "c", 0.98)], None, before
    )
    assert {setting.entities(after)[record] for record in (("A", "a"), ("B", "b"), ("C", "c"))} == {
        setting.iri("B", "b")
    }


def test_a_name_never_stays_with_a_part_that_lost_the_record_it_names(setting: Setting) -> None:
    before = setting.run([("A", "a", "B", "b", 0.99), ("B", "b", "C", "c", 0.99)])
    after = setting.run([("B", "b", "C", "c", 0.99)], None, before)
    entities = setting.entities(after)
    assert entities[("A", "a")] == setting.iri("A", "a")
    assert entities[("B", "b")] == entities[("C", "c")] == setting.iri("B", "b")


def test_a_name_outlives_the_record_that_gave_it(setting: Setting, tmp_path: Path) -> None:
    before = setting.run([("A", "a", "B", "b", 0.99)])
    without = make_setting(tmp_path / "later", rows="bcd")
    identity = without.run([], None, before)
    assert identity.to_pylist() == [{"source": "s", "table": "B", "row": "b", "iri": setting.iri("A", "a")}]


RECORDS = [(table, row) for table in "ABC" for row in ROWS]
EDGES = [(one, two) for one in RECORDS for two in RECORDS if one[0] < two[0]]
ANSWERS = [(one, two) for one in RECORDS for two in RECORDS if one < two]
edge_lists = st.lists(
    st.tuples(st.sampled_from(EDGES), st.sampled_from([0.5, 0.9, 0.95, 0.97, 1.0])).map(
        lambda edge: (*edge[0][0], *edge[0][1], edge[1])
    ),
    max_size=14,
)
answer_lists = st.lists(
    st.tuples(st.sampled_from(ANSWERS), st.booleans()).map(lambda answer: (*answer[0], answer[1])),
    max_size=4,
    unique_by=lambda answer: answer[:2],
)


@settings(max_examples=40, deadline=None)
@given(edges=edge_lists, answers=answer_lists, shuffle=st.randoms())
def test_the_order_of_pairs_does_not_matter(
    shared: Setting, edges: list[Edge], answers: list[Answer], shuffle: Random
) -> None:
    said = [shared.answer(one, two, same=same) for one, two, same in answers]
    mixed = list(edges)
    shuffle.shuffle(mixed)
    assert shared.run(mixed, said).equals(shared.run(edges, said))


@settings(max_examples=40, deadline=None)
@given(edges=edge_lists, answers=answer_lists)
def test_nothing_changes_when_its_own_result_is_what_was_before(
    shared: Setting, edges: list[Edge], answers: list[Answer]
) -> None:
    said = [shared.answer(one, two, same=same) for one, two, same in answers]
    first = shared.run(edges, said)
    assert shared.run(edges, said, first).equals(first)


@settings(max_examples=40, deadline=None)
@given(before=edge_lists, edges=edge_lists, answers=answer_lists)
def test_constraints_hold_whatever_was_before(
    shared: Setting, before: list[Edge], edges: list[Edge], answers: list[Answer]
) -> None:
    said = [shared.answer(one, two, same=same) for one, two, same in answers]
    entities = shared.entities(shared.run(edges, said, shared.run(before)))
    for one, two, same in answers:
        assert same or entities[one] != entities[two]
    if not any(same for _, _, same in answers):
        taken = Counter((table, iri) for (table, _), iri in entities.items())
        assert max(taken.values()) == 1
