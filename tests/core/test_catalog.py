"""The catalog keeps sources, cursors, checkpoints, heads and the decision log."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bifrost.catalog import open_catalog
from bifrost.catalog.tables import metadata
from bifrost.errors import AlreadyThere, UnknownName
from bifrost.model import (
    Decision,
    End,
    Item,
    ItemKind,
    Proposal,
    ProposalKind,
    Reject,
    Rule,
    RuleKind,
    Source,
    StagedItem,
    Verdict,
)

PROPOSAL = Proposal(
    ProposalKind.LINK_TYPE, End("a", "t", ("f",)), End("b", "u", ("k",)), 0.7, "t_of_u", Rule(RuleKind.REFERENCE)
)


@pytest.fixture
def catalog(tmp_path):
    return open_catalog(tmp_path / "catalog.sqlite")


def _staged(key, fingerprint="1", source="crm"):
    return StagedItem(Item(source, key, ItemKind.TABLE, fingerprint, primary_key=("id",)), content="abc", rows=3)


def test_the_migrations_lead_to_the_tables_that_the_code_uses(catalog):
    with catalog.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_source_is_registered_once_and_replaced_only_on_request(catalog):
    source = Source("crm", "sqlite", {"path": "crm.db"})
    catalog.register(source)
    with pytest.raises(AlreadyThere):
        catalog.register(source)
    catalog.register(Source("crm", "sqlite", {"path": "new.db"}), replace=True)
    assert catalog.source("crm").config == {"path": "new.db"}


def test_an_unknown_source_is_answered_with_the_known_ones(catalog):
    catalog.register(Source("crm", "sqlite", {}))
    with pytest.raises(UnknownName, match="known: crm"):
        catalog.source("erp")


def test_staging_an_item_again_moves_its_cursor(catalog):
    catalog.stage_items([_staged("t"), _staged("u")])
    catalog.stage_items([_staged("t", "2")])
    assert [each.item.fingerprint for each in catalog.items("crm")] == ["2", "1"]


def test_retracting_takes_only_the_named_items_of_the_named_source(catalog):
    catalog.stage_items([_staged("t"), _staged("u"), _staged("t", source="erp")])
    catalog.retract_items("crm", ["t"])
    assert [(each.item.source, each.item.key) for each in catalog.items()] == [("crm", "u"), ("erp", "t")]


def test_forgetting_a_source_takes_its_items_and_rejects(catalog):
    catalog.register(Source("crm", "sqlite", {}))
    catalog.stage_items([_staged("t")])
    catalog.reject("crawl", "crm/u", [Reject("crm", "u", "", "crawl", "denied")])
    catalog.forget("crm")
    assert (catalog.sources(), catalog.items(), catalog.rejects()) == ([], [], [])


def test_a_checkpoint_answers_only_for_the_input_it_was_made_from(catalog):
    catalog.finish_unit("extract", "crm/t", "in1", "out1")
    assert catalog.checkpoint("extract", "crm/t", "in1") == "out1"
    assert catalog.checkpoint("extract", "crm/t", "in2") is None


def test_finishing_a_unit_replaces_what_it_rejected(catalog):
    catalog.finish_unit("extract", "d/a.pdf", "1", "x", [Reject("d", "a.pdf", "page 2", "extract", "unreadable")])
    assert [each.place for each in catalog.rejects("d")] == ["page 2"]
    catalog.finish_unit("extract", "d/a.pdf", "2", "y")
    assert catalog.rejects("d") == []


def test_a_head_moves_and_stays_where_it_is_when_nothing_changed(catalog):
    assert catalog.head("snapshot") is None
    for digest in ("a", "b", "b"):
        catalog.move_head("snapshot", digest)
    assert catalog.head("snapshot") == "b"


def test_the_decision_log_gives_back_what_was_appended_in_order(catalog):
    catalog.append([Decision(PROPOSAL, Verdict.ACCEPT, by="ann", name="belongs_to")])
    catalog.append([Decision(PROPOSAL, Verdict.UNDO, by="bob")])
    log = catalog.decisions()
    assert [(each.seq, each.verdict, each.by, each.name) for each in log] == [
        (1, Verdict.ACCEPT, "ann", "belongs_to"),
        (2, Verdict.UNDO, "bob", ""),
    ]
    assert log[0].proposal == PROPOSAL
    assert [each.seq for each in catalog.decisions(after=1)] == [2]


def test_a_run_that_raises_is_recorded_as_failed(catalog):
    with pytest.raises(KeyboardInterrupt), catalog.running("crawl"):
        raise KeyboardInterrupt
    with catalog.running("crawl") as outcome:
        outcome["counts"] = {"items": 3}
    assert [(run.state, dict(run.counts)) for run in catalog.runs()] == [("done", {"items": 3}), ("failed", {})]


def test_opening_an_existing_catalog_keeps_its_content(tmp_path):
    open_catalog(tmp_path / "c.sqlite").register(Source("crm", "sqlite", {}))
    assert [source.name for source in open_catalog(tmp_path / "c.sqlite").sources()] == ["crm"]
