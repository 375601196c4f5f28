"""The manufacturing example: what is planted is there, and can be found."""

import csv
import json
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pptx
import pyarrow.parquet
import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFont
from stdnum import vatin

from bifrost.errors import AlreadyThere
from examples.manufacturing import fonts, generate, sources
from examples.manufacturing.companies import plain
from examples.manufacturing.truth import Truth, load
from examples.manufacturing.world import plan

SMALL = 12
STORED_KEYS = {
    "suppliers": "supplier_id",
    "materials": "material_id",
    "batches": "batch_id",
    "products": "product_no",
    "production_orders": "order_no",
    "consumption": "order_no || '|' || batch",
    "customers": "customer_id",
    "vendors": "vendor_code",
    "returns": "return_no",
    "claims": "claim_no",
}
FILE_KEYS = {
    "shipments.csv": ("shipment_no",),
    "carriers.parquet": ("carrier",),
    "plants.tsv": ("line",),
    "line_log.jsonl": ("line", "day"),
    "material_specs.xlsx": ("material",),
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("manufacturing")
    generate(directory, scale=SMALL, seed=3)
    return directory


@pytest.fixture(scope="module")
def truth(example: Path) -> Truth:
    return load(example)


def query(database: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement).fetchall()


def rows_of_file(path: Path) -> list[dict[str, object]]:
    if path.suffix in {".csv", ".tsv"}:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter=";" if path.suffix == ".csv" else "\t"))
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.suffix == ".parquet":
        return pyarrow.parquet.read_table(path).to_pylist()
    header, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def stored_keys(example: Path, source: str, item: str) -> set[str]:
    if item in STORED_KEYS:
        found = query(example / f"{source}.db", f"SELECT {STORED_KEYS[item]} FROM {item}")
        return {str(key) for (key,) in found}
    rows = rows_of_file(example / source / item)
    return {"|".join(str(row[field]) for field in FILE_KEYS[item]) for row in rows}


def number_in(value: object) -> int:
    return int("".join(letter for letter in str(value) if letter.isdigit()))


def text_of_deck(path: Path) -> str:
    texts = []
    for slide in pptx.Presentation(str(path)).slides:
        texts += [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        cells = [c for s in slide.shapes if s.has_table for row in s.table.rows for c in row.cells]
        texts += [cell.text for cell in cells]
        texts += [slide.notes_slide.notes_text_frame.text] if slide.has_notes_slide else []
    return "\n".join(texts)


def text_of_note(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def text_of(path: Path) -> str:
    if path.suffix == ".pptx":
        return text_of_deck(path)
    return text_of_note(path) if path.suffix == ".docx" else path.read_text(encoding="utf-8")


def writings_of(example: Path, link: dict[str, str]) -> set[str]:
    """Give the ways in which a text may name the end of a link, read from the databases."""
    key, database = link["to_key"], example / f"{link['to_source']}.db"
    if link["to_item"] == "batches":
        return {key, f"batch {int(key.removeprefix('B-'))}"}
    if link["to_item"] == "production_orders":
        return {key, f"PO {int(key.removeprefix('PO-'))}"}
    names = query(database, f"SELECT {STORED_KEYS[link['to_item']]}, name FROM {link['to_item']}")
    (name,) = [str(name) for stored, name in names if str(stored) == key]
    trade_name = " ".join(name.split()[:2]) if link["to_item"] == "suppliers" else name
    return {key, trade_name} if link["to_item"] == "products" else {trade_name}


def test_the_same_seed_gives_the_same_bytes_and_replaces_what_was_there(example: Path, tmp_path: Path) -> None:
    generate(tmp_path, scale=SMALL + 1, seed=4)
    generate(tmp_path, scale=SMALL, seed=3)
    written = {path.relative_to(example): path.read_bytes() for path in example.rglob("*") if path.is_file()}
    again = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert written.keys() == again.keys()
    assert [path for path, content in written.items() if again[path] != content] == []


def test_another_seed_gives_another_world() -> None:
    one, other = plan(scale=SMALL, seed=3), plan(scale=SMALL, seed=4)
    assert one.producing.consumption.rows != other.producing.consumption.rows


def test_every_key_of_a_true_link_exists_in_its_source(example: Path, truth: Truth) -> None:
    keys = cache(lambda source, item: stored_keys(example, source, item))
    for link in truth.links.to_pylist():
        assert link["to_key"] in keys(link["to_source"], link["to_item"]), link
        if link["from_key"]:
            assert link["from_key"] in keys(link["from_source"], link["from_item"]), link
        else:
            assert (example / link["from_source"] / link["from_item"]).is_file(), link


def test_both_ends_of_a_reference_hold_the_same_value_in_the_writing_of_their_department() -> None:
    for reference in plan(scale=SMALL, seed=3).references():
        linked = np.flatnonzero(reference.targets >= 0)
        starts = reference.start.rows[reference.field].take(linked).to_pylist()
        ends = reference.end.rows[reference.end_field].take(reference.targets[linked]).to_pylist()
        if reference.name in {"consumed_batch", "return_of_order", "shipped_to"}:
            assert [number_in(value) for value in starts] == [number_in(value) for value in ends]
            assert starts != ends
        elif reference.name != "same_as":
            assert starts == ends, reference.name


def test_no_true_link_is_written_twice(truth: Truth) -> None:
    links = [tuple(link.values()) for link in truth.links.to_pylist()]
    assert len(links) == len(set(links))


def test_every_link_belongs_to_a_true_type_of_link(truth: Truth) -> None:
    ends = ("type", "from_source", "to_source", "to_item")
    types = {tuple(row[name] for name in ends) for row in truth.link_types.to_pylist()}
    links = {tuple(row[name] for name in ends) for row in truth.links.to_pylist()}
    assert types == links


def test_every_field_of_a_true_type_of_link_exists(example: Path, truth: Truth) -> None:
    def fields(source: str, item: str) -> list[str]:
        if item in STORED_KEYS:
            return [str(row[1]) for row in query(example / f"{source}.db", f"PRAGMA table_info({item})")]
        return list(rows_of_file(example / source / item)[0])

    for row in truth.link_types.to_pylist():
        assert row["to_field"] in fields(row["to_source"], row["to_item"])
        if not row["from_item"].endswith("/*"):
            assert row["from_field"] in fields(row["from_source"], row["from_item"])


def test_every_row_of_the_small_files_and_databases_has_a_key_of_its_own(example: Path) -> None:
    for item, fields in FILE_KEYS.items():
        rows = rows_of_file(example / "tables" / item)
        assert len({tuple(row[field] for field in fields) for row in rows}) == len(rows) > 0


def test_every_thing_that_a_document_mentions_stands_in_its_text(example: Path, truth: Truth) -> None:
    text = cache(lambda item: text_of(example / "documents" / item))
    mentions = [link for link in truth.links.to_pylist() if link["type"].startswith("mentions_")]
    mentions = [link for link in mentions if link["from_source"] == "documents"]
    assert len(mentions) > 30
    for link in mentions:
        assert any(writing in text(link["from_item"]) for writing in writings_of(example, link)), link


def test_every_supplier_customer_and_product_in_a_text_is_in_the_truth(example: Path, truth: Truth) -> None:
    planted = {(link["from_item"], link["to_item"], link["to_key"]) for link in truth.links.to_pylist()}
    named = {"supply": ("suppliers", "materials"), "production": ("products",), "aftersales": ("customers",)}
    for path in sorted(path for path in (example / "documents").rglob("*.*") if path.suffix != ".pdf"):
        text, item = text_of(path), str(path.relative_to(example / "documents"))
        for source, tables in named.items():
            for table in tables:
                for key in stored_keys(example, source, table):
                    writings = writings_of(example, {"to_source": source, "to_item": table, "to_key": key})
                    found = any(writing in text for writing in writings)
                    assert found == ((item, table, key) in planted), (item, table, key)


def test_reports_are_pictures_without_a_text_layer(example: Path) -> None:
    reports = sorted((example / "documents" / "reports").glob("*.pdf"))
    assert len(reports) == SMALL * 3 // 4
    for path in reports:
        with pypdfium2.PdfDocument(path) as document:
            assert len(document) == 1
            assert document[0].get_textpage().get_text_range() == ""
            assert np.asarray(document[0].render(scale=1).to_pil().convert("L")).std() > 5


def test_measurements_stand_nowhere_but_in_reports(example: Path, truth: Truth) -> None:
    measured = {row["item"] for row in truth.measurements.to_pylist()}
    assert measured == {f"reports/{path.name}" for path in (example / "documents" / "reports").iterdir()}
    for source in ("supply", "production", "aftersales"):
        assert "moisture" not in str(query(example / f"{source}.db", "SELECT sql FROM sqlite_master")).lower()


def test_the_code_on_every_label_holds_its_batch(example: Path, truth: Truth) -> None:
    batches = {
        link["from_item"]: link["to_key"]
        for link in truth.links.to_pylist()
        if link["from_source"] == "images" and link["type"] == "mentions_batch"
    }
    assert len(batches) == SMALL // 2
    for item, batch in batches.items():
        (code,) = zxingcpp.read_barcodes(Image.open(example / "images" / item))
        assert batch in code.text


def test_labels_need_no_letters_that_the_bundled_font_lacks() -> None:
    companies = plan(scale=400, seed=3).supplying.companies
    assert all(plain(company.name).isascii() for company in companies)


def test_pages_can_be_set_on_a_machine_without_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_font(*_: object, **__: object) -> None:
        raise OSError("no such font")

    fonts.font.cache_clear()
    bundled = ImageFont.load_default(30)
    monkeypatch.setattr(ImageFont, "truetype", no_font)
    monkeypatch.setattr(ImageFont, "load_default", lambda size: bundled)
    assert fonts.font(30).getlength("Batch: B-0012") > 100
    fonts.font.cache_clear()


def test_wet_material_comes_back_far_more_often() -> None:
    world = plan(scale=40, seed=7)
    moisture, orders = world.selling.order_moisture, len(world.producing.order_batch)
    came_back = np.zeros(orders, dtype=bool)
    came_back[np.concatenate([world.selling.return_order, world.selling.mailed_orders])] = True
    wet = moisture > 0.6
    assert came_back[wet].mean() > 0.35
    assert came_back[~wet].mean() < 0.12


def test_the_reports_and_the_databases_alone_show_the_cause(example: Path, truth: Truth) -> None:
    rows = truth.measurements.to_pylist()
    moisture = {row["batch_id"]: float(row["value"]) for row in rows if row["parameter"] == "Moisture"}
    returned = {
        str(ref).replace("PO ", "") for (ref,) in query(example / "aftersales.db", "SELECT order_ref FROM returns")
    }
    rates: dict[bool, list[bool]] = {True: [], False: []}
    for order, batch in query(example / "production.db", "SELECT order_no, batch FROM consumption"):
        code = f"B-{int(str(batch).removeprefix('batch ')):04d}"
        if code in moisture:
            rates[moisture[code] > 0.6].append(str(int(str(order).removeprefix("PO-"))) in returned)
    assert np.mean(rates[True]) > 3 * np.mean(rates[False])


def test_suppliers_and_vendors_overlap_but_neither_holds_the_other(example: Path, truth: Truth) -> None:
    same = [link for link in truth.links.to_pylist() if link["type"] == "same_as"]
    names = dict(query(example / "supply.db", "SELECT CAST(supplier_id AS TEXT), name FROM suppliers"))
    vendors = dict(query(example / "aftersales.db", "SELECT vendor_code, vendor_name FROM vendors"))
    assert 0 < len(same) < min(len(names), len(vendors))
    assert all(names[link["from_key"]] != vendors[link["to_key"]] for link in same)


def test_names_of_suppliers_vendors_and_customers_stay_distinct_when_scaled() -> None:
    world = plan(scale=10_000, seed=7)
    for table, field in (
        (world.supplying.suppliers, "name"),
        (world.supplying.suppliers, "vat_no"),
        (world.selling.vendors, "vendor_name"),
        (world.selling.customers, "name"),
    ):
        values = table.rows[field].to_pylist()
        assert len(values) == len(set(values)), field


def test_vat_numbers_are_valid(example: Path) -> None:
    numbers = query(example / "supply.db", "SELECT vat_no FROM suppliers")
    assert all(vatin.is_valid(number) for (number,) in numbers)


def test_a_batch_is_received_before_it_is_used_and_an_order_shipped_before_it_returns() -> None:
    world = plan(scale=100, seed=7)
    producing, selling = world.producing, world.selling
    produced = producing.produced_day[producing.consumption_order]
    assert (world.supplying.received_day[producing.consumption_batch] < produced).all()
    assert (producing.produced_day < selling.shipped_day).all()


def test_a_claim_goes_to_the_vendor_that_supplied_the_main_batch() -> None:
    world = plan(scale=100, seed=7)
    selling = world.selling
    batches = world.producing.order_batch[selling.return_order[selling.claim_return]]
    assert (selling.supplier_vendor[world.supplying.batch_supplier[batches]] == selling.claim_vendor).all()


def test_a_world_of_a_million_rows_is_planned_set_wise() -> None:
    world = plan(scale=33_000, seed=7)
    assert 900_000 < sum(table.rows.num_rows for table in world.tables()) < 1_200_000


def test_files_that_were_not_generated_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    with pytest.raises(AlreadyThere):
        generate(tmp_path, scale=SMALL)
    assert (tmp_path / "documents").is_dir()


def test_a_scale_too_small_for_the_story_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 12"):
        generate(tmp_path, scale=2)


def test_sources_name_every_file_but_the_truth(example: Path) -> None:
    declared = sources(example)
    assert {name: entry["kind"] for name, entry in declared.items()} == {
        **dict.fromkeys(("supply", "production", "aftersales"), "sqlite"),
        **dict.fromkeys(("documents", "images", "tables"), "folder"),
    }
    left = {path.name for path in example.iterdir()} - {Path(entry["path"]).name for entry in declared.values()}
    assert left == {"truth"}
