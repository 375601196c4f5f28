"""The extract stage: everything staged is read once, put together, and remembered."""

import datetime
import io
import sys

import pyarrow as pa
import pytest

from bifrost.extraction import Extraction
from bifrost.model import Item, ItemKind, Source, StagedItem
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.schemas import BLOCKS, DOCUMENTS, MENTIONS
from extractors import files
from extractors.stage import ExtractStage


@pytest.fixture
def extract(project):
    """Run the stage and give its report and what the head shows."""

    def run():
        report = ExtractStage().run(project, Scope(), Silent())
        return report, Extraction.load(project.staging, project.catalog.head("extraction"))

    return run


@pytest.fixture
def rows(project):
    """Give the rows of a logical table by its name."""

    def read(extraction, name):
        table = next(table for table in extraction.tables if table.name == name)
        return table, project.staging.table(table.batches).to_pylist()

    return read


def _scan(written):
    return written("QR-0001.pdf").read_bytes()


def test_all_kinds_of_files_become_tables_documents_and_mentions(stage_files, extract, written):
    names = ["parts.csv", "log.jsonl", "carriers.parquet", "parts.xlsx", "note.docx", "review.pptx", "note.txt"]
    stage_files({name: written(name).read_bytes() for name in names} | {"reports/QR-0001.pdf": _scan(written)})
    report, extraction = extract()
    assert report.counts["files"] == 8
    assert report.counts["rejected"] == 0
    assert {table.name for table in extraction.tables} == {
        "carriers", "log", "parts", "parts Colours", "parts Parts", "reports form", "reports table", "table",
    }  # fmt: skip
    assert extraction.profiles
    assert extraction.matches
    assert report.counts["documents"] == 4


def test_batches_of_documents_follow_the_schemas(stage_files, extract, written, project):
    stage_files({"note.docx": written("note.docx").read_bytes(), "label.png": written("label.png").read_bytes()})
    _report, extraction = extract()
    documents = extraction.documents["docs"]
    for digests, schema in (
        (documents.documents, DOCUMENTS),
        (documents.blocks, BLOCKS),
        (documents.mentions, MENTIONS),
    ):
        assert project.staging.table(digests).schema.equals(schema)
    shown = {row["item"]: row for row in project.staging.table(documents.documents).to_pylist()}
    assert shown["note.docx"]["title"] == "Shift note"
    assert "Krüger" in shown["note.docx"]["text"]
    mentions = {(row["label"], row["value"]) for row in project.staging.table(documents.mentions).to_pylist()}
    assert {("CODE", "B-0026"), ("ORG", "Krüger Rohstoffe KG"), ("BARCODE", "BATCH:B-0002;NET:1140KG")} <= mentions


def test_tables_of_the_same_shape_in_a_folder_are_one_with_types_of_their_values(stage_files, extract, rows, scan):
    stage_files({f"reports/QR-{n:04}.pdf": scan(f"{n}.pdf", degrees=n / 3).read_bytes() for n in (1, 2)})
    _report, extraction = extract()
    table, measured = rows(extraction, "reports table")
    assert table.origin is ItemKind.FILE
    assert [row["_row"] for row in measured][:2] == [
        "reports/QR-0001.pdf|page 1, table 1, row 1",
        "reports/QR-0001.pdf|page 1, table 1, row 2",
    ]
    assert [row["Value"] for row in measured] == [0.41, 1134.0, 1.282] * 2
    _table, forms = rows(extraction, "reports form")
    assert [row["Inspected on"] for row in forms] == [datetime.date(2025, 3, 4)] * 2


def test_files_that_differ_by_number_or_date_are_one_table_and_others_are_not(stage_files, extract):
    content = b"id,city\n1,Ulm\n"
    stage_files(dict.fromkeys(("sales-2024-01.csv", "sales-2024-02.csv", "buyers.csv", "old/buyers.csv"), content))
    _report, extraction = extract()
    assert {table.name: table.rows for table in extraction.tables} == {"sales": 2, "buyers": 1, "old buyers": 1}


def test_types_on_which_files_disagree_are_settled_for_all(stage_files, extract, rows):
    stage_files({"log-1.csv": b"a,b\n1,2025-01-01\n2,2025-01-02\n", "log-2.csv": b"a,b\n0.5,n/a\n"})
    _report, extraction = extract()
    _table, found = rows(extraction, "log")
    assert [row["a"] for row in found] == [1.0, 2.0, 0.5]
    assert [row["b"] for row in found] == ["2025-01-01", "2025-01-02", "n/a"]


def test_a_second_run_reads_nothing_and_imports_nothing_heavy(stage_files, extract, written, monkeypatch):
    stage_files({"note.docx": written("note.docx").read_bytes(), "parts.csv": written("parts.csv").read_bytes()})
    _first, before = extract()
    monkeypatch.setattr(files, "WorkerPool", lambda *_arguments, **_options: pytest.fail("a worker was started"))
    for name in ("docx", "openpyxl", "pypdfium2", "pdfplumber"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    report, after = extract()
    assert after.digest == before.digest
    assert report.counts["documents"] == 1
    assert not {"docx", "openpyxl", "pypdfium2", "pdfplumber"} & set(sys.modules)


def test_the_same_content_gives_the_same_digest_in_another_project(stage_files, extract, project, written, tmp_path):
    from bifrost.project import create_project

    contents = {name: written(name).read_bytes() for name in ("note.docx", "parts.csv", "log.jsonl")}
    stage_files(contents)
    _report, first = extract()
    other = create_project(tmp_path / "other", "extraction:\n  embeddings: false\n  workers: 1\n")
    other.catalog.register(Source("docs", "folder", {"path": "."}))
    for item in reversed(project.catalog.items()):
        other.staging.put_bytes([project.staging.path(item.content).read_bytes()])
        other.catalog.stage_items([item])
    ExtractStage().run(other, Scope(), Silent())
    assert other.catalog.head("extraction") == first.digest


def test_only_the_changed_file_is_read_again(stage_files, extract, written, project, monkeypatch):
    stage_files({"a.csv": b"id,b\n1,x\n", "b.csv": b"id,c\n2,y\n"})
    extract()
    stage_files({"b.csv": b"id,c\n3,z\n"})
    read = []
    job = files._job
    monkeypatch.setattr(files, "_job", lambda unit: read.append(unit.name) or job(unit))
    _report, extraction = extract()
    assert read == ["docs/b.csv"]
    assert {table.name: table.rows for table in extraction.tables} == {"a": 1, "b": 1}


def test_a_file_that_is_gone_leaves_nothing_behind(stage_files, extract, project, written):
    stage_files({"note.docx": written("note.docx").read_bytes(), "ragged.csv": b"a,b\n1,2\n3\n"})
    report, _extraction = extract()
    assert report.counts["rejected"] == 1
    project.catalog.retract_items("docs", ["note.docx", "ragged.csv"])
    report, extraction = extract()
    assert extraction.tables == ()
    assert extraction.documents == {}
    assert report.counts["rejected"] == 0
    assert not [unit for unit in project.catalog.checkpoints("extract") if unit.startswith("docs/")]


def test_files_that_nobody_reads_are_rejected_with_what_they_are(stage_files, extract, project):
    archive = io.BytesIO(b"PK\x03\x04" + b"\x00" * 100).getvalue()
    stage_files({"a.zip": archive, "b.png": b"", "c.bin": bytes(range(256)), "cut.pdf": b"%PDF-1.4\n1 0 obj"})
    extract()
    reasons = {reject.item: reject.reason for reject in project.catalog.rejects()}
    assert "no extractor reads this type of file (ZIP archive, named .zip)" in reasons["a.zip"]
    assert reasons["b.png"] == "the file is empty"
    assert "unknown binary format" in reasons["c.bin"]
    assert "no intact PDF" in reasons["cut.pdf"]


def test_a_file_stopped_by_a_limit_is_read_when_the_limit_is_raised(project, stage_files, extract, written):
    # Recognition takes far longer than the limit on any machine; a note may be read before anybody looks.
    stage_files({"label.png": written("label.png").read_bytes()})
    generous = project.settings
    strict = generous.extraction.model_copy(update={"item_timeout_seconds": 0.001})
    project.settings = generous.model_copy(update={"extraction": strict})
    report, _extraction = extract()
    assert report.counts["documents"] == 0
    (reject,) = project.catalog.rejects()
    assert "item_timeout_seconds" in reject.reason
    project.settings = generous
    report, _extraction = extract()
    assert report.counts["documents"] == 1
    assert project.catalog.rejects() == []


@pytest.mark.parametrize(
    ("setting", "value", "again"),
    [
        ("recogniser", "tesseract", True),
        ("ocr_languages", "deu", True),
        ("workers", 3, False),
        ("embeddings", False, False),
    ],
)
def test_a_setting_that_makes_a_difference_reads_files_again(
    project, stage_files, extract, monkeypatch, setting, value, again
):
    stage_files({"note.txt": b"B-0026 came."})
    extract()
    read = []
    monkeypatch.setattr(files.FileReading, "_read", lambda _self, todo, _progress: read.extend(todo) or {})
    changed = project.settings.extraction.model_copy(update={setting: value})
    monkeypatch.setattr(project, "settings", project.settings.model_copy(update={"extraction": changed}))
    extract()
    assert bool(read) == again


def test_a_file_whose_worker_died_is_tried_again_in_the_next_run(project, stage_files, extract, written, monkeypatch):
    stage_files({"note.docx": written("note.docx").read_bytes()})
    dying = (
        "import os, sys; sys.stdin.readline(); print('{}', flush=True); sys.stdin.readline(); os.kill(os.getpid(), 9)"
    )
    with monkeypatch.context() as patched:
        patched.setattr(files, "COMMAND", (sys.executable, "-c", dying))
        extract()
    (reject,) = project.catalog.rejects()
    assert "killed by signal 9" in reject.reason
    report, _extraction = extract()
    assert report.counts == {**report.counts, "documents": 1, "rejected": 0}


def _stage_table(project, rows, key=(), name="parts"):
    if "db" not in {source.name for source in project.catalog.sources()}:
        project.catalog.register(Source("db", "sqlite", {"path": "x"}))
    stored = project.staging.put_table(rows)
    item = Item("db", name, ItemKind.TABLE, stored.digest, primary_key=tuple(key))
    project.catalog.stage_items([StagedItem(item, stored.digest, rows.num_rows)])


@pytest.mark.parametrize(
    ("columns", "key", "expected", "names"),
    [
        ({"a": [1, 2], "b": ["x", "y"]}, ("a", "b"), ("a", "b"), ["1|x", "2|y"]),
        ({"note": ["p", "p"], "part_no": ["07", "08"]}, (), ("part_no",), ["07", "08"]),
        ({"part": ["bolt", "nut"], "kg": [1.5, 1.5]}, (), ("part",), ["bolt", "nut"]),
    ],
)
def test_rows_are_named_by_their_key(project, extract, rows, columns, key, expected, names):
    _stage_table(project, pa.table(columns), key)
    _report, extraction = extract()
    table, found = rows(extraction, "parts")
    assert table.key == expected
    assert [row["_row"] for row in found] == names
    assert table.fields == tuple(columns)


def test_rows_without_a_key_are_named_by_content_and_twins_are_told_apart(project, extract, rows):
    _stage_table(project, pa.table({"kg": [1.5, 2.5, 1.5], "day": ["a", "b", "a"]}))
    _report, extraction = extract()
    table, found = rows(extraction, "parts")
    first, _other, twin = (row["_row"] for row in found)
    assert table.key == ()
    assert twin == f"{first}.2"
    assert [row["_place"] for row in found] == ["row 1", "row 2", "row 3"]


def test_columns_that_differ_in_case_only_keep_their_values(project, extract, rows):
    columns = [pa.array([1]), pa.array(["x"]), pa.array(["y"])]
    _stage_table(project, pa.Table.from_arrays(columns, names=["id", "Name", "name"]), ["id"])
    _report, extraction = extract()
    _table, found = rows(extraction, "parts")
    assert [found[0][name] for name in ("Name", "name_")] == ["x", "y"]


def test_types_of_database_columns_are_kept(project, extract, rows):
    columns = {"id": pa.array([1], pa.int32()), "code": ["007"], "on": pa.array([datetime.date(2025, 3, 4)])}
    _stage_table(project, pa.table(columns), ["id"])
    _report, extraction = extract()
    _table, found = rows(extraction, "parts")
    assert found[0] | {"_row": "", "_place": ""} == {
        "_row": "", "_item": "parts", "_place": "", "id": 1, "code": "007", "on": datetime.date(2025, 3, 4),
    }  # fmt: skip
