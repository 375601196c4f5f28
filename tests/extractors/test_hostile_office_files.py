"""Office files that are bombs, locked or made of entities are refused before a library opens them."""

import duckdb
import pytest

from bifrost.errors import ItemUnreadable
from extractors.documents.presentation import PresentationExtractor
from extractors.documents.word import WordExtractor
from extractors.process_limits import lacked_memory
from extractors.tables.json_lines import JsonLinesExtractor
from extractors.tables.workbook import WorkbookExtractor
from tests.extractors import hostile_files

_READERS = {"docx": WordExtractor, "xlsx": WorkbookExtractor, "pptx": PresentationExtractor}


def _refusal(make, name, content):
    with pytest.raises(ItemUnreadable) as refused:
        make(_READERS[name.rpartition(".")[2]], name, content)
    return refused.value.reason


def test_declared_entities_are_refused_wherever_they_stand(make):
    files = {name: content for name, content in hostile_files.xml_entities() if name.rpartition(".")[2] in _READERS}
    assert len(files) == 8
    for name, content in files.items():
        assert "declares XML entities" in _refusal(make, name, content), name


def test_a_part_that_unpacks_to_hundreds_of_times_its_size_is_a_bomb(make):
    name, content = next(hostile_files.zip_bombs())
    assert "like a decompression bomb" in _refusal(make, name, content)


def test_a_locked_part_is_said(make):
    files = dict(hostile_files.passwords())
    assert _refusal(make, "marked.docx", files["marked.docx"]) == "it is protected by a password"


def test_a_row_beyond_the_format_is_refused_instead_of_filling_the_gap(make):
    files = dict(hostile_files.endless_sheets())
    assert "more than 1,048,576 rows" in _refusal(make, "beyond.xlsx", files["beyond.xlsx"])


def test_a_small_json_file_needs_little_memory(make, monkeypatch):
    connect = duckdb.connect

    def small(config, **options):
        return connect(config={**config, "memory_limit": "64MB"}, **options)

    monkeypatch.setattr(duckdb, "connect", small)
    assert make(JsonLinesExtractor, "small.json", b'[{"a": 1}, {"a": 2}]').tables[0].rows.read_all().num_rows == 2


def test_want_of_memory_is_seen_whoever_wrapped_it():
    wrapped = ItemUnreadable("s", "i", "it is no intact document")
    wrapped.__cause__ = duckdb.OutOfMemoryException("Out of Memory Error")
    assert lacked_memory(wrapped)
    assert lacked_memory(MemoryError())
    assert not lacked_memory(ItemUnreadable("s", "i", "it is empty"))
