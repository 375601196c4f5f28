"""Change sets: what a store must add and remove so that it shows another snapshot."""

import gc
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bifrost import snapshots
from bifrost.errors import StagingDamaged
from bifrost.project import Project, create_project
from bifrost.snapshots import EMPTY, ChangeSet, Snapshot
from bifrost.testing.graphs import NAMER, Fact, entity, labelled, linked, snapshot_of, typed, valued

ONE, TWO = entity("1"), entity("2")
Units = Mapping[str, Sequence[Fact]]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "home", "")


def _changes(project: Project, before: Units, after: Units) -> ChangeSet:
    return ChangeSet(project.staging, snapshot_of(project, before), snapshot_of(project, after))


def _rows(batches: Iterable[pa.RecordBatch]) -> list[tuple[object, ...]]:
    return sorted(tuple(row.values()) for batch in batches for row in batch.to_pylist())


def _quads(facts: Iterable[Fact]) -> list[tuple[object, ...]]:
    rows = (fact.row() for fact in facts)
    return sorted(
        {tuple(row[name] for name in ("graph", "subject", "predicate", "object", "datatype")) for row in rows}
    )


def _supports(facts: Iterable[Fact]) -> list[tuple[object, ...]]:
    return sorted({tuple(fact.row().values()) for fact in facts})


def test_a_snapshot_is_read_as_it_was_stored(project: Project) -> None:
    stored = snapshot_of(project, {"a": [typed(ONE)]})
    assert Snapshot.load(project.staging, stored.digest) == stored


def test_no_digest_gives_the_empty_snapshot(project: Project) -> None:
    assert Snapshot.load(project.staging, None) is EMPTY


def test_equal_snapshots_change_nothing(project: Project) -> None:
    changes = _changes(project, {"a": [typed(ONE)]}, {"a": [typed(ONE)]})
    assert changes.empty
    assert changes.counts() == {"added": 0, "removed": 0}
    assert _rows(changes.entities_changed()) == []


def test_from_nothing_every_fact_is_added_once(project: Project) -> None:
    facts = [typed(ONE), typed(ONE, place="row 2"), labelled(ONE, "One")]
    changes = ChangeSet(project.staging, EMPTY, snapshot_of(project, {"a": facts}))
    assert _rows(changes.quads_added()) == _quads(facts)
    assert _rows(changes.supports_added()) == _supports(facts)
    assert changes.counts() == {"added": 2, "removed": 0}


def test_a_fact_with_a_second_support_in_another_unit_is_not_removed(project: Project) -> None:
    changes = _changes(project, {"csv": [typed(ONE)], "pdf": [typed(ONE, place="page 1")]}, {"csv": [typed(ONE)]})
    assert _rows(changes.quads_removed()) == []
    assert _rows(changes.supports_removed()) == _supports([typed(ONE, place="page 1")])


def test_the_same_support_in_two_units_goes_with_the_second(project: Project) -> None:
    both, one = {"a": [typed(ONE)], "b": [typed(ONE), typed(TWO)]}, {"a": [typed(ONE)]}
    changes = _changes(project, both, one)
    assert _rows(changes.supports_removed()) == _supports([typed(TWO)])
    back = _changes(project, one, both)
    assert _rows(back.supports_added()) == _supports([typed(TWO)])
    assert _rows(back.quads_added()) == _quads([typed(TWO)])


def test_facts_that_move_to_another_unit_stay(project: Project) -> None:
    changes = _changes(project, {"a": [typed(ONE), labelled(ONE, "One")]}, {"b": [typed(ONE), labelled(ONE, "One")]})
    assert not changes.empty
    assert changes.counts() == {"added": 0, "removed": 0}
    assert _rows(changes.supports_added()) == _rows(changes.supports_removed()) == []


def test_the_same_statement_in_another_graph_is_another_quad(project: Project) -> None:
    elsewhere = Fact(ONE, NAMER.term("p"), "x", source="crm")
    here = Fact(ONE, NAMER.term("p"), "x", source="shop")
    changes = _changes(project, {"a": [here], "b": [elsewhere]}, {"a": [here]})
    assert _rows(changes.quads_removed()) == _quads([elsewhere])


def test_only_the_changed_value_of_a_replaced_unit_changes(project: Project) -> None:
    before = [typed(ONE), valued(ONE, "amount", 1, "integer")]
    after = [typed(ONE), valued(ONE, "amount", 2, "integer")]
    changes = _changes(project, {"a": before}, {"a": after})
    assert _rows(changes.quads_added()) == _quads(after[1:])
    assert _rows(changes.quads_removed()) == _quads(before[1:])


def test_a_changed_entity_is_given_whole_from_all_its_units(project: Project) -> None:
    kept = {"crm": [typed(ONE, "crm", "clients"), labelled(ONE, "Another name", "crm")]}
    before = {**kept, "shop": [typed(ONE)], "two": [typed(TWO)]}
    after = {**kept, "shop": [typed(ONE), valued(ONE, "amount", 7, "integer")], "two": [typed(TWO)]}
    (found,) = pa.Table.from_batches(_changes(project, before, after).entities_changed()).to_pylist()
    assert found == {
        "iri": ONE,
        "label": "Another name",
        "types": sorted([NAMER.type("shop", "orders"), NAMER.type("crm", "clients")]),
        "text": "7 Another name",
        "sources": ["crm", "shop"],
        "graphs": [NAMER.graph(["crm"]), NAMER.graph(["shop"])],
    }


def test_an_entity_is_gone_with_its_last_fact_only(project: Project) -> None:
    before = {"a": [typed(ONE)], "b": [labelled(ONE, "One"), typed(TWO)]}
    changes = _changes(project, before, {"a": [typed(ONE)]})
    assert _rows(changes.entities_gone()) == [(TWO,)]


def test_streams_live_on_their_own_and_side_by_side(project: Project) -> None:
    facts = [valued(entity(str(number)), "amount", number, "integer") for number in range(50_000)]
    target = snapshot_of(project, {"a": facts})
    streams = [ChangeSet(project.staging, EMPTY, target).quads_added()]
    streams.append(ChangeSet(project.staging, EMPTY, target).supports_added())
    gc.collect()
    counts = [0, 0]
    for batches in zip(*streams, strict=True):
        gc.collect()
        counts = [count + batch.num_rows for count, batch in zip(counts, batches, strict=True)]
    assert counts == [50_000, 50_000]


def test_a_missing_batch_is_reported_as_damage(project: Project) -> None:
    target = snapshot_of(project, {"a": [typed(ONE)]})
    project.staging.path(target.units["a"].facts).unlink()
    with pytest.raises(StagingDamaged, match="missing"):
        ChangeSet(project.staging, EMPTY, target).quads_added()


_FACTS = st.builds(
    Fact,
    subject=st.sampled_from([ONE, TWO]),
    predicate=st.sampled_from([NAMER.term("p"), NAMER.term("q")]),
    object=st.sampled_from(["x", "y"]),
    place=st.sampled_from(["row 1", "row 2", "page 1"]),
    source=st.just("shop"),
)
_UNITS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.lists(_FACTS, min_size=1, max_size=6), max_size=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_UNITS, after=_UNITS, link=st.booleans())
def test_a_change_set_is_the_difference_of_two_sets(project: Project, before: Units, after: Units, link: bool) -> None:
    kept = {"links": [linked(ONE, "to", TWO, ("crm", "shop"))]} if link else {}
    changes = _changes(project, {**before, **kept}, {**after, **kept})
    old, new = ([fact for facts in units.values() for fact in facts] for units in (before, after))
    assert _rows(changes.quads_added()) == sorted(set(_quads(new)) - set(_quads(old)))
    assert _rows(changes.quads_removed()) == sorted(set(_quads(old)) - set(_quads(new)))
    assert _rows(changes.supports_added()) == sorted(set(_supports(new)) - set(_supports(old)))
    assert _rows(changes.supports_removed()) == sorted(set(_supports(old)) - set(_supports(new)))
    linked_subjects = {ONE} if link else set()
    gone = {fact.subject for fact in old} - {fact.subject for fact in new} - linked_subjects
    assert {row[0] for row in _rows(changes.entities_gone())} == gone


def test_entities_are_the_same_when_a_large_graph_is_taken_in_parts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [fact for number in range(40) for fact in (typed(entity(str(number))), labelled(entity(str(number)), "x"))]
    target = snapshot_of(project, {"a": facts})
    whole = ChangeSet(project.staging, EMPTY, target).entities_changed().read_all().sort_by("iri")
    monkeypatch.setattr(snapshots, "_ENTITY_FACTS_AT_ONCE", 7)
    parts = ChangeSet(project.staging, EMPTY, target).entities_changed().read_all().sort_by("iri")
    assert parts == whole
