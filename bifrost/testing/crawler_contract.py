"""The contract of connectors: subclass `CrawlerContract` in a test file, give the fixtures, and run pytest."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar, cast

import pyarrow as pa
import pytest

from bifrost import engine, plugins, row_changes
from bifrost.errors import ItemUnreadable, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind
from bifrost.ports import Changes, Crawler, Listing, PartedCrawler, RecordCrawler, Rows
from bifrost.schemas import RECORD_COLUMNS
from bifrost.staged_rows import Layer, StagedRows
from bifrost.staging import Staging

_PREVIEW_BYTES = 4096


class CrawlerContract:
    """What every kind of source must do.

    A subclass sets `kind` and `expected_keys` and gives four fixtures:

    - `crawler`: connected to a source that holds exactly the expected items, none of them empty;
    - `unreachable`: the same kind of source at a place where nothing answers;
    - `change`: a function that changes one item's content at the source and returns its key;
    - `source_state`: a function whose answer differs whenever anything was written to the source.
    """

    kind: ClassVar[str]
    """The name under which the connector is registered."""
    expected_keys: ClassVar[Sequence[str]]
    source: ClassVar[str] = "contract"
    """The name that the fixtures give to the source."""

    def test_it_is_registered_under_its_kind(self, crawler: Crawler) -> None:
        assert crawler.kind == self.kind
        assert plugins.load(plugins.CRAWLERS, self.kind) is type(crawler)

    def test_its_settings_are_described_and_unknown_ones_are_refused(self, crawler: Crawler) -> None:
        assert crawler.Config.model_config.get("extra") == "forbid"
        undescribed = [name for name, field in crawler.Config.model_fields.items() if not field.description]
        assert undescribed == []

    def test_a_check_answers_in_one_line(self, crawler: Crawler) -> None:
        answer = crawler.check()
        assert answer
        assert "\n" not in answer

    def test_the_listing_is_complete_and_shows_every_item_once(self, crawler: Crawler) -> None:
        listing = crawler.listing()
        assert listing.complete
        assert sorted(item.key for item in listing.items) == sorted(self.expected_keys)
        assert {item.source for item in listing.items} == {self.source}

    def test_it_brings_the_kinds_of_items_that_it_declares(self, crawler: Crawler) -> None:
        kinds = {item.kind for item in crawler.listing().items}
        assert crawler.capabilities.tables or ItemKind.TABLE not in kinds
        assert crawler.capabilities.files or ItemKind.FILE not in kinds

    def test_the_settings_that_choose_are_settings(self, crawler: Crawler) -> None:
        assert set(crawler.capabilities.selection or ()) <= set(crawler.Config.model_fields)

    def test_a_second_listing_gives_back_what_is_known(self, crawler: Crawler) -> None:
        before = crawler.listing()
        if crawler.capabilities.incremental:
            assert crawler.listing(_by_key(before)) == before

    def test_reading_does_not_change_fingerprints(self, crawler: Crawler) -> None:
        before = crawler.listing()
        for item in before.items:
            _content(crawler, item)
        if crawler.capabilities.incremental:
            assert crawler.listing(_by_key(before)) == before

    def test_a_changed_item_gets_another_fingerprint(self, crawler: Crawler, change: Callable[[], str]) -> None:
        before = _by_key(crawler.listing())
        key = change()
        assert _by_key(crawler.listing(before))[key].fingerprint != before[key].fingerprint

    def test_a_changed_item_is_fetched_as_it_is_now(self, crawler: Crawler, change: Callable[[], str]) -> None:
        before = {item.key: _content(crawler, item) for item in crawler.listing().items}
        key = change()
        item = next(item for item in crawler.listing().items if item.key == key)
        assert _content(crawler, item) != before[key]

    def test_what_is_staged_and_its_changes_are_the_table_as_it_is_now(
        self, crawler: Crawler, change: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        staging = Staging(tmp_path_factory.mktemp("staging"))
        before = _by_key(crawler.listing())
        known = {key: _staged(staging, crawler, item) for key, item in before.items() if item.kind is ItemKind.TABLE}
        key = change()
        if key not in known:
            return
        item = _by_key(crawler.listing(before))[key]
        content = crawler.fetch(item, known[key])
        if isinstance(content, Changes):
            assert crawler.capabilities.changes
            assert content.rows.batches.schema == known[key].schema
            spill = staging.folder / "spill"
            now = row_changes.apply(known[key], content.rows.batches, content.gone, spill).rows
            assert _rows(now) == _rows(_staged(staging, crawler, item))
        else:
            assert isinstance(content, Rows)

    def test_the_parts_of_a_table_have_the_columns_of_the_whole(self, crawler: Crawler) -> None:
        if crawler.capabilities.parts:
            parted = cast(PartedCrawler, crawler)
            for item in crawler.listing().items:
                schemas = {parted.fetch_part(item, part).batches.read_all().schema for part in parted.parts(item)}
                assert len(schemas) <= 1

    def test_a_record_is_found_by_its_key(self, crawler: Crawler) -> None:
        if crawler.capabilities.records:
            for item in crawler.listing().items:
                if item.primary_key:
                    first = cast(pa.Table, crawler.preview(item, limit=1)).to_pylist()[0]
                    found = cast(RecordCrawler, crawler).record(item, [str(first[name]) for name in item.primary_key])
                    assert [str(found.to_pylist()[0][name]) for name in item.primary_key] == [
                        str(first[name]) for name in item.primary_key
                    ]

    def test_every_item_can_be_fetched_twice_with_the_same_content(self, crawler: Crawler) -> None:
        for item in crawler.listing().items:
            first = _content(crawler, item)
            assert len(first) > 0
            assert _content(crawler, item) == first

    def test_items_can_be_fetched_from_several_threads(self, crawler: Crawler) -> None:
        items = list(crawler.listing().items) * 3
        alone = [_content(crawler, item) for item in items]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda item: _content(crawler, item), items))
        assert together == alone

    def test_tables_have_plain_unreserved_columns_and_hold_their_key(self, crawler: Crawler) -> None:
        reserved = {column.name for column in RECORD_COLUMNS}
        for item in crawler.listing().items:
            content = crawler.fetch(item)
            if isinstance(content, Rows):
                table = content.batches.read_all()
                names = [name.lower() for name in table.column_names]
                assert len(set(names)) == len(names)
                assert not reserved.intersection(names)
                assert set(item.primary_key) <= set(table.column_names)
                assert not [each for each in table.schema.types if pa.types.is_nested(each) or _is_binary(each)]
                table.validate(full=True)

    def test_a_preview_is_limited(self, crawler: Crawler) -> None:
        for item in crawler.listing().items:
            preview = crawler.preview(item, limit=1)
            if isinstance(preview, bytes):
                assert 0 < len(preview) <= _PREVIEW_BYTES
            else:
                assert preview.num_rows == 1

    def test_nothing_is_written_to_the_source(self, crawler: Crawler, source_state: Callable[[], object]) -> None:
        before = source_state()
        crawler.check()
        for item in crawler.listing().items:
            crawler.preview(item)
            _content(crawler, item)
        assert source_state() == before

    def test_an_item_that_is_gone_is_an_unreadable_item(self, crawler: Crawler) -> None:
        some = crawler.listing().items[0]
        with pytest.raises(ItemUnreadable):
            _content(crawler, replace(some, key="bifrost-has-no-such-item"))

    def test_a_source_that_does_not_answer_is_an_error_and_never_an_empty_listing(self, unreachable: Crawler) -> None:
        for question in (unreachable.check, unreachable.listing):
            with pytest.raises((SourceUnreachable, SourceRefused)) as caught:
                question()
            assert self.source in str(caught.value)
            assert caught.value.retryable is isinstance(caught.value, SourceUnreachable)


def _by_key(listing: Listing) -> dict[str, Item]:
    return {item.key: item for item in listing.items}


def _staged(staging: Staging, crawler: Crawler, item: Item) -> StagedRows:
    content = crawler.fetch(item)
    assert isinstance(content, Rows)
    stored = staging.put_table(content.batches)
    return StagedRows(staging, item, (Layer((stored.digest,), stored.rows),), stored.rows)


def _rows(staged: StagedRows) -> list[str]:
    with engine.connect(staged.staging.folder / "spill") as connection:
        return sorted(map(repr, connection.execute(f"FROM ({staged.sql})").fetchall()))


def _content(crawler: Crawler, item: Item) -> pa.Table | bytes:
    content = crawler.fetch(item)
    assert not isinstance(content, Changes), "without known rows there are no changes"
    if isinstance(content, Rows):
        return content.batches.read_all()
    with content.stream as stream:
        return stream.read()


def _is_binary(each: pa.DataType) -> bool:
    return bool(pa.types.is_binary(each) or pa.types.is_large_binary(each))
