"""Pages with and without a text layer, pictures and codes: text, boxes, tables, forms."""

import pytesseract
import pytest
from PIL import Image

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.testing.extracted import file_named, values_of
from extractors.documents.pdf import PdfExtractor
from extractors.images.image import ImageExtractor
from extractors.pages.tesseract_reader import TesseractReader

MEASURED = [
    {"Parameter": "Moisture", "Value": "0.41", "Unit": "%"},
    {"Parameter": "Viscosity", "Value": "1134", "Unit": "mPas"},
    {"Parameter": "Density", "Value": "1.282", "Unit": "g/cm3"},
]


def _tables(extract, kind):
    return [values_of(table) for table in extract.tables if table.kind == kind]


@pytest.mark.parametrize("degrees", [0, 1.4, -1.4])
def test_a_turned_scan_gives_its_table_and_form_without_an_error(make, scan, degrees):
    extract = make(PdfExtractor, scan(degrees=degrees).name)
    assert _tables(extract, "table") == [MEASURED]
    assert _tables(extract, "form") == [[{"Batch": "B-0003", "Inspected on": "2025-03-04", "Inspector": "Peter Holm"}]]
    assert extract.title == "Quality report QR-0001"


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_or_head_is_turned_upright(make, tmp_path, scan, quarters):
    import pypdfium2

    page = pypdfium2.PdfDocument(scan(degrees=0))[0].render(scale=150 / 72).to_pil()
    page.rotate(90 * quarters, expand=True).save(tmp_path / "turned.png")
    extract = make(ImageExtractor, "turned.png")
    assert _tables(extract, "table") == [MEASURED]
    heading = next(block for block in extract.blocks.to_pylist() if "QR-0001" in block["text"])
    middle = ((heading["x0"] + heading["x1"]) / 2, (heading["y0"] + heading["y1"]) / 2)
    upright = (0.33, 0.1)
    expected = {1: (upright[1], 1 - upright[0]), 2: (1 - upright[0], 1 - upright[1]), 3: (1 - upright[1], upright[0])}
    assert middle == pytest.approx(expected[quarters], abs=0.06)


def test_a_page_with_a_text_layer_is_not_recognised(make, text_pdf, monkeypatch):
    monkeypatch.setattr(TesseractReader, "words", lambda *_arguments, **_options: pytest.fail("recognised"))
    extract = make(PdfExtractor, text_pdf().name)
    assert extract.title == "Quality report QR-0001"
    assert _tables(extract, "table") == [MEASURED]
    assert _tables(extract, "form") == [[{"Batch": "B-0003", "Inspector": "Peter Holm"}]]
    assert set(extract.blocks["method"].to_pylist()) == {"text-layer"}


def test_lines_of_a_paragraph_become_one_block_without_the_words_of_tables(make, text_pdf):
    blocks = make(PdfExtractor, text_pdf().name).blocks.to_pylist()
    texts = [block["text"] for block in blocks if block["kind"] == "text"]
    assert [text.count("The drum was intact.") for text in texts] == [12]
    assert not any("Viscosity" in text for text in texts)


def test_a_pdf_with_a_password_is_unreadable_and_says_why(make, text_pdf):
    with pytest.raises(ItemUnreadable, match="password"):
        make(PdfExtractor, text_pdf(password="secret").name)


def test_without_recognition_a_scanned_page_is_a_reject(tmp_path, scan):
    extractor = PdfExtractor(Extraction(ocr=False), tmp_path / "cache")
    extract = extractor.extract(file_named("scan.pdf"), scan(pages=2))
    assert [place for place, _reason in extract.rejects] == ["page 1", "page 2"]
    assert extract.pages == 2


def test_a_page_is_recognised_once_even_if_reading_was_interrupted(make, scan, monkeypatch):
    read: list[str] = []
    recognise = pytesseract.image_to_data

    def counted(*arguments, **options):
        if len(read) == 1 and not monkeypatched["again"]:
            raise KeyboardInterrupt
        read.append("page")
        return recognise(*arguments, **options)

    monkeypatched = {"again": False}
    monkeypatch.setattr(pytesseract, "image_to_data", counted)
    path = scan(pages=2)
    with pytest.raises(KeyboardInterrupt):
        make(PdfExtractor, path.name)
    monkeypatched["again"] = True
    extract = make(PdfExtractor, path.name)
    assert len(read) == 2
    assert [rows[0]["Batch"] for rows in _tables(extract, "form")] == ["B-0003", "B-0004"]


def test_a_missing_tesseract_is_said_for_the_page(make, scan, monkeypatch):
    monkeypatch.setenv("PATH", "")
    extract = make(PdfExtractor, scan().name)
    ((place, reason),) = extract.rejects
    assert place == "page 1"
    assert "install Tesseract" in reason


def test_a_code_and_the_print_beside_it_are_both_read(make, written):
    written("label.png")
    blocks = make(ImageExtractor, "label.png").blocks.to_pylist()
    assert [block["text"] for block in blocks if block["method"] == "barcode"] == ["BATCH:B-0002;NET:1140KG"]
    assert [block["text"] for block in blocks if block["method"] == "ocr"] == ["Brandt Chemie GmbH", "Net 1140 kg"]


def test_every_frame_of_a_picture_is_a_page(make, tmp_path, scan):
    import pypdfium2

    document = pypdfium2.PdfDocument(scan(pages=2))
    first, second = (page.render(scale=150 / 72).to_pil() for page in document)
    first.save(tmp_path / "two.tif", save_all=True, append_images=[second])
    extract = make(ImageExtractor, "two.tif")
    assert extract.pages == 2
    assert [rows[0]["Batch"] for rows in _tables(extract, "form")] == ["B-0003", "B-0004"]


def test_a_blank_picture_gives_nothing_and_does_not_fail(make, tmp_path):
    Image.new("RGB", (300, 200), "white").save(tmp_path / "blank.png")
    assert make(ImageExtractor, "blank.png").blocks.num_rows == 0


def test_real_documents_give_text(tmp_path, shared_data):
    for path in ("pdf/2305.03393v1-pg9.pdf", "docx/word_sample.docx", "pptx/powerpoint_sample.pptx"):
        from extractors.selection import extractors, select

        file = shared_data / "docs-docling" / path
        known = extractors(Extraction(), tmp_path / "cache")
        name, _head = select(file_named(path), file, known)
        assert known[name].extract(file_named(path), file).blocks.num_rows > 5
