"""Reading documents is measured against what stands beside them, and no file is passed over in silence."""

import json

import pytest

from extractors.documents.agreement import Agreement, table_agreement, word_agreement
from extractors.documents.evaluation import evaluate_documents
from extractors.documents.expected import expected_for, markdown_tables


def test_words_are_compared_as_often_as_they_come_whatever_their_case_and_order():
    found = word_agreement("The drum, the DRUM leaks", "leaks drum the")
    assert (found.common, found.expected, found.found) == (3, 5, 3)
    assert (found.recall, found.precision) == (0.6, 1.0)


def test_cells_count_where_row_column_and_words_agree():
    expected = [[["part", "count"], ["bolt", "3.0"]]]
    assert table_agreement(expected, [[["Part", "count"], ["bolt", "3"]]]).f1 == 1
    assert table_agreement(expected, [[["part", "count"], ["3", "bolt"]]]).common == 2
    assert table_agreement(expected, []) == Agreement(0, 4, 0)


def test_a_title_taken_for_the_first_row_costs_its_own_cell_only():
    expected = [[["part", "count"], ["bolt", "3"]]]
    found = table_agreement(expected, [[["Stock", ""], ["part", "count"], ["bolt", "3"]]])
    assert (found.common, found.found) == (4, 5)


def test_each_table_is_compared_with_one_other():
    one, other = [["a", "b"], ["1", "2"]], [["c", "d"], ["3", "4"]]
    assert table_agreement([one, other], [other, one]).f1 == 1
    assert table_agreement([one], [one, one]).precision == 0.5


def test_tables_of_markdown_are_read_without_their_signs():
    text = "| a\\_b | c |\n|---|---|\n| **1** \\| 2 | [x](y) |\n\ntext\n"
    assert list(markdown_tables(text)) == [[["a_b", "c"], ["**1** | 2", "x"]]]


@pytest.fixture
def folder(tmp_path):
    documents = tmp_path / "documents" / "txt"
    (documents / "groundtruth").mkdir(parents=True)
    (documents / "note.txt").write_text("The drum leaks.\n")
    (documents / "empty.txt").write_bytes(b"")
    (documents / "unknown.bin").write_bytes(bytes(range(256)) * 8)
    (documents / "stock.html").write_text("<!doctype html><table><tr><th>part<th>no<tr><td>bolt<td>3</table>")
    (documents / "groundtruth" / "note.txt.md").write_text("# The drum leaks badly\n\n<!-- image -->\n")
    grid = [[{"text": "part"}, {"text": "no"}], [{"text": "bolt"}, {"text": "4"}]]
    (documents / "groundtruth" / "stock.json").write_text(json.dumps({"tables": [{"data": {"grid": grid}}]}))
    (documents / "groundtruth" / "stock.md").write_text("| part | no |\n|-|-|\n| bolt | 4 |\n")
    return tmp_path / "documents"


def test_what_stands_beside_a_document_is_found_by_its_name_and_by_its_stem(folder):
    assert expected_for(folder / "txt" / "note.txt").text.split() == ["#", "The", "drum", "leaks", "badly"]
    assert expected_for(folder / "txt" / "stock.html").tables == [[["part", "no"], ["bolt", "4"]]]
    assert expected_for(folder / "txt" / "empty.txt") is None


def test_every_file_gives_text_or_a_reason_and_agreement_is_measured_by_kind(folder):
    measured = evaluate_documents(folder)
    assert (measured["files"], measured["with_text"], measured["with_reason"]) == (4, 2, 2)
    assert measured["silent"] == []
    assert measured["kinds"]["txt"]["text_recall"] == 0.75
    assert measured["kinds"]["html"]["table_cell_f1"] == 0.75
    assert measured["compared_files"] == 2
    assert evaluate_documents(folder, limit=1)["files"] == 1


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("name", "least_recall", "least_precision", "least_cells"),
    [("docs-docling", 0.955, 0.92, 0.78), ("docs-pdfplumber", 0.99, 0.99, 1.0)],
)
def test_real_documents_are_read_without_a_silent_one(shared_data, name, least_recall, least_precision, least_cells):
    measured = evaluate_documents(shared_data / name)
    assert measured["silent"] == []
    assert measured["text_recall"] >= least_recall
    assert measured["text_precision"] >= least_precision
    assert measured["table_cell_f1"] >= least_cells
