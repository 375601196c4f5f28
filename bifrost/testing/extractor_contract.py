"""The contract of extractors: subclass `ExtractorContract` in a test file, give the sample, and run pytest."""

from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bifrost import plugins
from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.model import Item, ItemKind
from bifrost.ports import Extract, Extractor
from bifrost.schemas import BLOCKS, ITEM, PLACE, ROW

_HEAD_BYTES = 4096
_KINDS = {"heading", "text", "list", "table", "note", "label", "code"}
_METHODS = {"text-layer", "ocr", "markup", "barcode", "script", "vision"}


class ExtractorContract:
    """What every extractor must do.

    A subclass sets `name` and gives the fixture `sample`: the path of a file that the extractor reads, with at least
    one table or block in it.
    """

    name: ClassVar[str]
    """The name under which the extractor is registered."""
    notices_truncation: ClassVar[bool] = True
    """False for formats in which half a file is a whole one."""

    @pytest.fixture
    def settings(self) -> Extraction:
        """Give the settings to make it with: those by default, unless a subclass needs others."""
        return Extraction()

    @pytest.fixture
    def extractor(self, settings: Extraction, tmp_path: Path) -> Extractor:
        """Make the extractor with an empty cache."""
        return _made(self.name, settings, tmp_path / "cache")

    def test_it_is_registered_under_its_name_with_a_version(self, extractor: Extractor) -> None:
        assert extractor.name == self.name
        assert extractor.version >= 1

    def test_it_accepts_its_sample(self, extractor: Extractor, sample: Path) -> None:
        assert extractor.accepts(_item(sample), sample.read_bytes()[:_HEAD_BYTES])

    def test_it_leaves_unknown_bytes_to_others(self, extractor: Extractor) -> None:
        unknown = Item("contract", "unknown.bin", ItemKind.FILE, "1")
        assert not extractor.accepts(unknown, bytes(range(256)) * 16)

    def test_it_finds_blocks_or_tables_and_rejects_nothing(self, extractor: Extractor, sample: Path) -> None:
        extract = extractor.extract(_item(sample), sample)
        assert extract.rejects == ()
        assert extract.tables or (extract.blocks is not None and extract.blocks.num_rows)
        assert extract.media_type

    def test_its_blocks_follow_the_schema(self, extractor: Extractor, sample: Path) -> None:
        blocks = extractor.extract(_item(sample), sample).blocks
        if blocks is None:
            return
        assert blocks.schema.equals(BLOCKS)
        assert blocks["block"].to_pylist() == list(range(1, blocks.num_rows + 1))
        assert set(blocks["item"].to_pylist()) <= {_item(sample).key}
        assert set(blocks["kind"].to_pylist()) <= _KINDS
        assert set(blocks["method"].to_pylist()) <= _METHODS
        assert all(text.strip() for text in blocks["text"].to_pylist())

    def test_boxes_and_confidences_are_shares(self, extractor: Extractor, sample: Path) -> None:
        blocks = extractor.extract(_item(sample), sample).blocks
        if blocks is None:
            return
        for name in ("x0", "y0", "x1", "y1", "confidence"):
            assert _within_shares(blocks[name]), name

    def test_every_row_of_its_tables_says_where_it_is(self, extractor: Extractor, sample: Path) -> None:
        for rows in _tables(extractor.extract(_item(sample), sample)):
            places = rows[PLACE].to_pylist()
            assert None not in places
            assert len(set(places)) == len(places)

    def test_fields_are_told_apart_whatever_their_case(self, extractor: Extractor, sample: Path) -> None:
        for rows in _tables(extractor.extract(_item(sample), sample)):
            fields = [name.casefold() for name in rows.column_names if name != PLACE]
            assert len(set(fields)) == len(fields)
            assert not set(fields) & {ROW, ITEM, ""}

    def test_the_same_file_gives_the_same_twice(self, settings: Extraction, sample: Path, tmp_path: Path) -> None:
        made = [_made(self.name, settings, tmp_path / cache) for cache in ("one", "two")]
        first, second = (_whole(extractor.extract(_item(sample), sample)) for extractor in made)
        assert first == second

    def test_a_remembered_result_is_the_same_as_a_fresh_one(self, extractor: Extractor, sample: Path) -> None:
        first, second = (_whole(extractor.extract(_item(sample), sample)) for _ in range(2))
        assert first == second

    def test_it_leaves_the_file_as_it_was(self, extractor: Extractor, sample: Path) -> None:
        before = sample.read_bytes()
        _whole(extractor.extract(_item(sample), sample))
        assert sample.read_bytes() == before

    def test_an_empty_file_is_said_to_be_unreadable(self, extractor: Extractor, sample: Path, tmp_path: Path) -> None:
        empty = tmp_path / sample.name
        empty.write_bytes(b"")
        with pytest.raises(ItemUnreadable):
            _whole(extractor.extract(_item(empty), empty))

    @pytest.mark.timeout(60)
    @pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
    def test_a_truncated_file_is_unreadable_or_says_what_is_missing(
        self, extractor: Extractor, sample: Path, tmp_path: Path, share: float
    ) -> None:
        content = sample.read_bytes()
        cut = tmp_path / "cut" / sample.name
        cut.parent.mkdir()
        cut.write_bytes(content[: max(1, int(len(content) * share))])
        extract = _extract_if_readable(extractor, cut)
        assert extract is None or extract.rejects or not self.notices_truncation

    @pytest.mark.timeout(60)
    def test_a_damaged_file_raises_nothing_but_unreadable(
        self, extractor: Extractor, sample: Path, tmp_path: Path
    ) -> None:
        content = bytearray(sample.read_bytes())
        for place in range(len(content) // 3, len(content), 97):
            content[place] ^= 0x5A
        damaged = tmp_path / "damaged" / sample.name
        damaged.parent.mkdir()
        damaged.write_bytes(bytes(content))
        _extract_if_readable(extractor, damaged)


def _made(name: str, settings: Extraction, cache: Path) -> Extractor:
    extractor: Extractor = plugins.load(plugins.EXTRACTORS, name)(settings, cache)
    return extractor


def _item(file: Path) -> Item:
    return Item("contract", f"folder/{file.name}", ItemKind.FILE, "1", file.stat().st_size)


def _extract_if_readable(extractor: Extractor, file: Path) -> Extract | None:
    """Read all of it, or give None where the extractor says that it cannot; anything else that it raises is a fault."""
    try:
        extract = extractor.extract(_item(file), file)
        _whole(extract)
    except ItemUnreadable as unreadable:
        if not unreadable.reason:
            pytest.fail("a file was called unreadable without a reason")
        return None
    return extract


def _tables(extract: Extract) -> list[pa.Table]:
    return [table.rows if isinstance(table.rows, pa.Table) else table.rows.read_all() for table in extract.tables]


def _whole(extract: Extract) -> tuple[Any, ...]:
    """Give everything that was found, in a form that can be compared."""
    tables = [
        (table.name, table.kind, rows.schema.to_string(), rows.to_pylist())
        for table, rows in zip(extract.tables, _tables(extract), strict=True)
    ]
    blocks = extract.blocks.to_pylist() if extract.blocks is not None else None
    return extract.media_type, extract.title, extract.pages, tables, blocks, extract.rejects


def _within_shares(values: pa.ChunkedArray) -> bool:
    bounds = pc.min_max(values).as_py()
    return bounds["min"] is None or (bounds["min"] >= 0 and bounds["max"] <= 1)
