"""Workbooks, JSON and Parquet become tables with types and without nesting."""

import datetime
import json

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bifrost.errors import ItemUnreadable
from bifrost.testing.extracted import rows_of, values_of
from extractors.tables.json_lines import JsonLinesExtractor
from extractors.tables.parquet import ParquetExtractor
from extractors.tables.workbook import WorkbookExtractor


def _workbook(*sheets):
    def write(path):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for number, rows in enumerate(sheets):
            sheet = book.create_sheet(f"Sheet {number + 1}")
            for row in rows:
                sheet.append(row)
        book.save(path)

    return write


def test_every_sheet_is_a_table_with_its_types(make):
    day = datetime.datetime(2025, 3, 4)
    write = _workbook([("no", "on", "kg"), ("007", day, 1.5), ("008", day, 2)], [("a", "b"), (1, True), (2, False)])
    first, second = make(WorkbookExtractor, "book.xlsx", write).tables
    assert values_of(first)[0] == {"no": "007", "on": day.date(), "kg": 1.5}
    assert values_of(second)[1] == {"a": 2, "b": False}


def test_a_title_above_the_header_is_passed_over(make):
    write = _workbook([("Stock in March",), (), ("Part", "Count"), ("bolt", 3), ("nut", 4)])
    (table,) = make(WorkbookExtractor, "book.xlsx", write).tables
    assert values_of(table) == [{"Part": "bolt", "Count": 3}, {"Part": "nut", "Count": 4}]


def test_tables_beside_and_below_each_other_are_told_apart(make):
    rows = [("a", "b", None, "c", "d"), (1, 2, None, 3, 4), (), ("e", "f"), (5, 6)]
    tables = make(WorkbookExtractor, "book.xlsx", _workbook(rows)).tables
    assert [values_of(table) for table in tables] == [[{"a": 1, "b": 2}], [{"c": 3, "d": 4}], [{"e": 5, "f": 6}]]
    assert len({table.name for table in tables}) == 3


def test_rows_of_a_workbook_say_sheet_and_row(make):
    (table,) = make(WorkbookExtractor, "book.xlsx", _workbook([(), ("a", "b"), (1, 2), (3, 4)])).tables
    assert rows_of(table)["_place"].to_pylist() == ["sheet Sheet 1, row 3", "sheet Sheet 1, row 4"]


def test_a_column_of_mixed_values_is_text(make):
    (table,) = make(WorkbookExtractor, "book.xlsx", _workbook([("a", "b"), (1, 1), ("n/a", 2)])).tables
    assert [row["a"] for row in values_of(table)] == ["1", "n/a"]


def test_a_truncated_workbook_is_unreadable(make):
    with pytest.raises(ItemUnreadable, match="no intact workbook"):
        make(WorkbookExtractor, "cut.xlsx", b"PK\x03\x04" + b"\x00" * 400)


def test_nested_objects_get_dots_and_lists_stay_as_text(make):
    lines = [{"id": 1, "at": {"city": "Ulm"}, "tags": ["a"]}, {"id": 2, "at": {"zip": "01"}, "tags": []}]
    extract = make(JsonLinesExtractor, "log.jsonl", "\n".join(map(json.dumps, lines)).encode())
    assert values_of(extract.tables[0]) == [
        {"id": 1, "at.city": "Ulm", "at.zip": None, "tags": '["a"]'},
        {"id": 2, "at.city": None, "at.zip": "01", "tags": "[]"},
    ]


def test_an_array_and_lines_of_the_same_objects_give_the_same_rows(make):
    objects = [{"id": "07", "day": "2025-03-04"}, {"id": "08", "day": "2025-03-05"}]
    array = make(JsonLinesExtractor, "a.json", json.dumps(objects, indent=1).encode())
    lines = make(JsonLinesExtractor, "b.jsonl", "\n".join(map(json.dumps, objects)).encode())
    rows = values_of(lines.tables[0])
    assert values_of(array.tables[0]) == rows
    assert rows[0] == {"id": "07", "day": datetime.date(2025, 3, 4)}


def test_a_broken_line_is_rejected_and_the_rest_is_read(make):
    extract = make(JsonLinesExtractor, "log.jsonl", b'{"a": 1}\n{"a":\n[2]\n{"a": 3}\n')
    assert values_of(extract.tables[0]) == [{"a": 1}, {"a": 3}]
    assert [place for place, _reason in extract.rejects] == ["row 2", "row 3"]


def test_lists_of_objects_inside_an_object_are_tables(make):
    value = {"made": "2025-03-04", "orders": [{"no": 1}, {"no": 2}], "lines": [{"of": 1}]}
    extract = make(JsonLinesExtractor, "export.json", json.dumps(value, indent=2).encode())
    assert {table.name: values_of(table) for table in extract.tables} == {
        "orders": [{"no": 1}, {"no": 2}],
        "lines": [{"of": 1}],
    }


def test_json_that_breaks_off_is_unreadable(make):
    with pytest.raises(ItemUnreadable, match="no valid JSON"):
        make(JsonLinesExtractor, "cut.json", b'[{"a": 1}, {"a": ')


def test_nested_parquet_fields_become_columns(make):
    content = pa.table({"id": [1], "at": [{"x": 1, "y": [1, 2]}], "raw": [b"\x00\x01"]})
    extract = make(ParquetExtractor, "t.parquet", lambda path: pq.write_table(content, path))
    assert values_of(extract.tables[0]) == [{"id": 1, "at.x": 1, "at.y": "[1,2]", "raw": "AAE="}]
