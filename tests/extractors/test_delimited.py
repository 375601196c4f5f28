"""Delimited text is read whatever its dialect; what does not fit is said, and the rest goes on."""

import csv
import datetime
import io
import resource

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.testing.extracted import file_named, rows_of, values_of
from extractors.tables.delimited import DelimitedExtractor


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "%", "\x1f"])
def test_every_usual_delimiter_is_recognised(make, delimiter):
    content = delimiter.join(("code", "name")) + "\n" + delimiter.join(("A-1", "bolt")) + "\n"
    extract = make(DelimitedExtractor, "parts.csv", content.encode())
    assert values_of(extract.tables[0]) == [{"code": "A-1", "name": "bolt"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding_is_recognised(make, encoding):
    extract = make(DelimitedExtractor, "parts.csv", "name;city\nKrüger;Århus\n".encode(encoding))
    assert values_of(extract.tables[0]) == [{"name": "Krüger", "city": "Århus"}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_recognised(make, end):
    extract = make(DelimitedExtractor, "parts.csv", end.join(["a,b", "1,2", "3,4", ""]).encode())
    assert values_of(extract.tables[0]) == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_mixed_line_ends_lose_no_row(make):
    extract = make(DelimitedExtractor, "parts.csv", b'"a","b"\r\n1,2\n3,4\r\n')
    assert rows_of(extract.tables[0]).num_rows == 2


def test_ragged_rows_are_rejected_with_their_line_and_the_rest_is_read(make):
    content = b"order_no,item\nO-1,bolt\nO-2,nut,brass,extra\nO-3,washer\nO-4\n"
    extract = make(DelimitedExtractor, "ragged.csv", content)
    assert [place for place, _reason in extract.rejects] == ["line 3", "line 5"]
    assert "more than 2 columns" in extract.rejects[0][1]
    assert rows_of(extract.tables[0])["_place"].to_pylist() == ["row 1", "row 3"]


def test_a_quoted_cell_may_hold_delimiters_and_line_ends(make):
    extract = make(DelimitedExtractor, "notes.csv", b'id,note\n1,"a, b\nc"\n2,"said ""no"""\n')
    assert [row["note"] for row in values_of(extract.tables[0])] == ["a, b\nc", 'said "no"']


def test_lines_above_the_header_are_left_out_and_named(make):
    extract = make(DelimitedExtractor, "export.csv", b"Export of March\nid;name;city\n1;Bolt;Ulm\n2;Nut;Bonn\n")
    assert values_of(extract.tables[0])[0] == {"id": 1, "name": "Bolt", "city": "Ulm"}
    assert extract.rejects[0][0] == "line 1"


def test_codes_with_leading_zeros_stay_text_and_numbers_become_numbers(make):
    content = b"code,amount,price,day,paid\n007,1,1.50,2025-03-04,true\n010,2,20,2025-03-05,false\n"
    (row, _second) = values_of(make(DelimitedExtractor, "bill.csv", content).tables[0])
    assert row == {"code": "007", "amount": 1, "price": 1.5, "day": datetime.date(2025, 3, 4), "paid": True}


def test_numbers_too_long_for_a_number_stay_text(make):
    content = b"iccid,n\n89490200001234567890,1\n89490200001234567891,2\n"
    assert values_of(make(DelimitedExtractor, "sims.csv", content).tables[0])[0]["iccid"] == "89490200001234567890"


def test_a_file_without_header_gets_numbered_columns(make):
    extract = make(DelimitedExtractor, "plain.csv", b"1,2\n3,4\n")
    assert values_of(extract.tables[0]) == [{"column_1": 1, "column_2": 2}, {"column_1": 3, "column_2": 4}]


def test_columns_of_the_same_name_are_told_apart(make):
    extract = make(DelimitedExtractor, "twice.csv", b"Name,name,_row\nx,y,z\n")
    assert values_of(extract.tables[0]) == [{"Name": "x", "name_2": "y", "_row_2": "z"}]


def test_a_file_of_blank_lines_is_unreadable(make):
    with pytest.raises(ItemUnreadable, match="no rows"):
        make(DelimitedExtractor, "blank.csv", b"\n\n\n")


def test_prose_in_a_text_file_is_left_to_others(tmp_path):
    extractor = DelimitedExtractor(Extraction(), tmp_path)
    assert not extractor.accepts(file_named("note.txt"), b"Dear team,\n\nwe send it back, all of it.\nRegards, Ann\n")
    assert extractor.accepts(file_named("data.txt"), b"a\tb\tc\n1\t2\t3\n4\t5\t6\n")


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=8)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
def test_what_is_written_quoted_is_read_again(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("quoted")
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("first column", "second column"), *rows])
    path = folder / "rows.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    extract = DelimitedExtractor(Extraction(), folder / "cache").extract(file_named("rows.csv"), path)
    assert rows_of(extract.tables[0]).num_rows == len(rows)
    assert extract.rejects == ()


def test_a_table_of_a_thousand_columns_is_read_in_time_and_memory(make):
    header = ",".join(f"c{number}" for number in range(1000))
    rows = "\n".join(",".join(str(number % 7) for number in range(1000)) for _ in range(50))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (table,) = make(DelimitedExtractor, "wide.csv", f"{header}\n{rows}\n".encode()).tables
    assert table.rows.schema.field("c999").type == pa.int64()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # kB; one query took 16 GB
