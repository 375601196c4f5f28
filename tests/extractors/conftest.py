"""Files of every type, made here, and what the tests of this room share."""

import io
import json
import zipfile
from pathlib import Path

import docx
import openpyxl
import pptx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageDraw, ImageFont
from pptx.util import Cm

from bifrost.config import Extraction
from bifrost.model import Item, ItemKind, Source, StagedItem
from bifrost.project import create_project
from bifrost.testing.extracted import file_named

ROWS = [("Moisture", "0.41", "%"), ("Viscosity", "1134", "mPas"), ("Density", "1.282", "g/cm3")]
HEADER = ("Parameter", "Value", "Unit")


def write_csv(path):
    path.write_text("code;name;amount\n001;Bolt;1.5\n002;Nut;2\n003;Screw;3.25\n")


def write_json_lines(path):
    lines = [{"id": number, "at": {"city": "Aarhus", "zip": "08000"}, "tags": ["a", "b"]} for number in range(1, 4)]
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n")


def write_parquet(path):
    pq.write_table(pa.table({"id": [1, 2, 3], "at": [{"x": 1, "y": [1, 2]}] * 3}), path)


def write_workbook(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Parts"
    for row in [("Part no", "Weight"), ("007", 1.5), ("008", 2)]:
        sheet.append(row)
    other = book.create_sheet("Colours")
    for row in [("Colour", "Code"), ("red", 1), ("blue", 2)]:
        other.append(row)
    book.save(path)


def write_word(path):
    document = docx.Document()
    document.add_heading("Shift note", 1)
    document.add_paragraph("We used B-0026 from Krüger Rohstoffe KG.")
    table = document.add_table(rows=0, cols=3)
    for row in [HEADER, *ROWS]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(path)


def write_presentation(path):
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "What we saw"
    slide.placeholders[1].text_frame.text = "B-0022 came on time."
    slide.notes_slide.notes_text_frame.text = "Ask where batch 30 was stored."
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Open points"
    table = slide.shapes.add_table(4, 3, Cm(2), Cm(5), Cm(20), Cm(5)).table
    for at, row in enumerate([HEADER, *ROWS]):
        for place, text in enumerate(row):
            table.cell(at, place).text = text
    deck.save(path)


def write_text(path):
    path.write_text("A note\n\nWe used B-0026\nfrom Krüger.\n\n- one\n- two\n", encoding="utf-8")


def draw_report(batch="B-0003", *, table=True):
    """Draw a page with a heading, label-value lines and a ruled table."""
    page = Image.new("L", (1240, 1300), 248)
    draw = ImageDraw.Draw(page)
    draw.text((120, 100), "Quality report QR-0001", 20, ImageFont.load_default(50))
    for at, line in enumerate((f"Batch: {batch}", "Inspected on: 2025-03-04", "Inspector: Peter Holm")):
        draw.text((120, 240 + 70 * at), line, 20, ImageFont.load_default(34))
    if table:
        _draw_table(draw)
    return page


def _draw_table(draw):
    across, down = [520 + 76 * row for row in range(5)], [120, 480, 760, 1060]
    for y in across:
        draw.line([(down[0], y), (down[-1], y)], 20, 3)
    for x in down:
        draw.line([(x, across[0]), (x, across[-1])], 20, 3)
    for at, row in enumerate([HEADER, *ROWS]):
        for x, text in zip(down, row, strict=False):
            draw.text((x + 20, across[at] + 18), text, 20, ImageFont.load_default(34))


def write_scan(path, *, degrees=1.2, pages=1):
    images = [draw_report(f"B-{number:04}").rotate(degrees, fillcolor=248) for number in range(3, 3 + pages)]
    images[0].save(path, resolution=150, save_all=True, append_images=images[1:])


def write_text_pdf(path, *, password=""):
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    styles = getSampleStyleSheet()
    grid = [("GRID", (0, 0), (-1, -1), 1, colors.black)]
    parts = [Paragraph("Quality report QR-0001", styles["Title"])]
    parts += [Paragraph(text, styles["Normal"]) for text in ("Batch: B-0003", "Inspector: Peter Holm")]
    parts += [Paragraph("The drum was intact. " * 12, styles["Normal"]), Table([HEADER, *ROWS], style=grid)]
    encryption = StandardEncryption(password) if password else None
    SimpleDocTemplate(str(path), pagesize=A4, encrypt=encryption, invariant=1).build(parts)


def write_label(path, code="BATCH:B-0002;NET:1140KG"):
    import numpy as np
    import zxingcpp

    picture = Image.new("RGB", (900, 500), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((40, 40), "Brandt Chemie GmbH", "black", ImageFont.load_default(36))
    draw.text((40, 110), "Net 1140 kg", "black", ImageFont.load_default(32))
    barcode = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode)
    modules = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(barcode, scale=5)))
    picture.paste(modules.convert("RGB"), (600, 200))
    picture.save(path)


def write_open_document(path):
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table")
    )
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    row = f"<table:table-row>{cell}{cell}</table:table-row>"
    content = (
        f"<office:document-content {names}><office:body><office:text><text:h>Visit</text:h>"
        "<text:p>All<text:s/>good<text:note><text:note-body><text:p>by Ida</text:p></text:note-body></text:note>."
        "</text:p>"
        "<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>"
        f"<table:table>{row.format('part', 'count')}{row.format('bolt', '3')}</table:table>"
        "</office:text></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content, zipfile.ZIP_DEFLATED)


WRITERS = {
    "parts.csv": write_csv,
    "log.jsonl": write_json_lines,
    "carriers.parquet": write_parquet,
    "parts.xlsx": write_workbook,
    "note.docx": write_word,
    "review.pptx": write_presentation,
    "note.txt": write_text,
    "visit.odt": write_open_document,
    "QR-0001.pdf": write_scan,
    "label.png": write_label,
}


@pytest.fixture
def settings():
    return Extraction()


@pytest.fixture
def make(tmp_path, settings):
    """Give a function that makes an extractor by class and reads a file or bytes."""

    def read(extractor, name, content=None):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            content(path)
        return extractor(settings, tmp_path / "cache").extract(file_named(name), path)

    return read


@pytest.fixture
def written(tmp_path):
    """Give a function that writes one of the sample files."""

    def write(name) -> Path:
        WRITERS[name](tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def scan(tmp_path):
    """Give a function that writes a scanned report, turned as told."""

    def write(name="scan.pdf", **options) -> Path:
        write_scan(tmp_path / name, **options)
        return tmp_path / name

    return write


@pytest.fixture
def text_pdf(tmp_path):
    """Give a function that writes a report with a text layer."""

    def write(name="text.pdf", **options) -> Path:
        write_text_pdf(tmp_path / name, **options)
        return tmp_path / name

    return write


@pytest.fixture
def project(tmp_path):
    """An empty project whose settings keep the runs small."""
    return create_project(tmp_path / "home", "extraction:\n  embeddings: false\n")


@pytest.fixture
def stage_files(project):
    """Give a function that puts files into staging as a crawl does."""

    def stage(contents, source="docs"):
        if source not in {each.name for each in project.catalog.sources()}:
            project.catalog.register(Source(source, "folder", {"path": "."}))
        staged = []
        for name, content in contents.items():
            stored = project.staging.put_stream(io.BytesIO(content))
            staged.append(StagedItem(Item(source, name, ItemKind.FILE, stored.digest, len(content)), stored.digest))
        project.catalog.stage_items(staged)

    return stage
