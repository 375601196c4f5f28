"""PDF pages: what belongs to the page and not to the text, which text layers are trusted, order, tables, pictures."""

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from bifrost.config import Extraction
from bifrost.testing.extracted import file_named, values_of
from extractors.documents.legibility import agrees, is_doubtful
from extractors.documents.pdf import PdfExtractor
from extractors.documents.text_runs import clean_text, joined_runs
from extractors.pages.content import Line, Word
from extractors.pages.reading_order import in_reading_order
from extractors.pages.recognition import Recognition
from extractors.pages.tesseract_reader import TesseractReader

PROSE = "The drum was intact and the moisture of the batch remained within the limits during storage"


def _pdf(draw, pages=1):
    """Give a function that writes a PDF; `draw` gets a canvas and the number of the page."""

    def write(path):
        paper = canvas.Canvas(str(path), pagesize=A4, invariant=1)
        for page in range(1, pages + 1):
            draw(paper, page)
            paper.showPage()
        paper.save()

    return write


def _lines(paper, texts, *, left=60, top=760, step=14, size=10):
    paper.setFont("Helvetica", size)
    for at, text in enumerate(texts):
        paper.drawString(left, top - step * at, text)


def _blocks(extract, *kinds):
    return [block["text"] for block in extract.blocks.to_pylist() if not kinds or block["kind"] in kinds]


def test_headers_footers_and_page_numbers_are_notes_and_the_text_goes_on_without_them(make):
    def draw(paper, page):
        _lines(paper, ["Annual report of the plant"], top=815)
        _lines(paper, [f"{PROSE} on day {page}."] * 5)
        _lines(paper, [f"Page {page} of 4"], left=280, top=30)

    extract = make(PdfExtractor, "report.pdf", _pdf(draw, pages=4))
    assert set(_blocks(extract, "note")) == {
        "Annual report of the plant",
        *(f"Page {page} of 4" for page in (1, 2, 3, 4)),
    }
    assert [text.count("drum") for text in _blocks(extract, "text")] == [5] * 4


def test_a_line_that_stands_at_the_top_of_one_page_only_is_text(make):
    def draw(paper, page):
        _lines(paper, [f"{('First', 'Second', 'Third', 'Fourth')[page - 1]} visit to the plant"], top=815)
        _lines(paper, [f"{PROSE}."] * 5)

    assert _blocks(make(PdfExtractor, "report.pdf", _pdf(draw, pages=4)), "note") == []


def test_a_layer_of_mixed_up_letters_is_replaced_by_what_the_page_shows(make, monkeypatch):
    shifted = "".join(chr(ord(letter) + 3) if letter.isalpha() else letter for letter in PROSE)
    shown = [Word(text, (50 + 90 * at, 100, 130 + 90 * at, 125), 0.9, 0) for at, text in enumerate(PROSE.split())]
    monkeypatch.setattr(TesseractReader, "words", lambda *_a, **_k: shown)
    monkeypatch.setattr(
        "extractors.documents.pdf.recognition_of", lambda settings, cache: Recognition(TesseractReader("eng", cache))
    )
    extract = make(PdfExtractor, "mixed.pdf", _pdf(lambda paper, _page: _lines(paper, [shifted] * 4)))
    assert PROSE in " ".join(_blocks(extract))
    assert shifted not in " ".join(_blocks(extract))


def test_a_layer_of_codes_is_kept_when_the_page_bears_it_out(make, monkeypatch):
    codes = [f"BRKT-{number} XQTR LMNPQ GHJKL WXCVB" for number in range(1000, 1012)]
    words = [Word(text, (50, 100, 90, 120), 0.9, 0) for line in codes for text in line.split()]
    monkeypatch.setattr(TesseractReader, "words", lambda *_a, **_k: words)
    extract = make(PdfExtractor, "codes.pdf", _pdf(lambda paper, _page: _lines(paper, codes)))
    assert set(extract.blocks["method"].to_pylist()) == {"text-layer"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROSE * 3, False),
        ("Die Feuchte der Charge blieb während der Lagerung innerhalb der zulässigen Grenzen. " * 3, False),
        ("".join(chr(ord(letter) + 3) if letter.isalpha() else letter for letter in PROSE) * 3, True),
        ("".join(chr(ord(letter) - 29) if letter.isalpha() else letter for letter in PROSE) * 3, True),
        ("\u00d4\u00bb\u00ce\u00d2 \u00b5\u00c4\u00b9\u00fa\u00a1\u00a3" * 30, True),
        ("B-0012", False),
    ],
)
def test_letters_that_make_no_words_are_doubtful(text, expected):
    assert is_doubtful(text) is expected


def test_nothing_recognised_bears_out_any_layer_and_other_words_do_not():
    assert agrees(PROSE, [])
    assert agrees(PROSE, ["the drum was intact and", "the moisture of batch"])
    assert not agrees(PROSE, ["something else altogether", "stands here"])


def test_text_in_a_picture_on_a_page_with_text_is_read_where_it_stands_and_once(make):
    stamp = Image.new("RGB", (1000, 300), "white")
    draw = ImageDraw.Draw(stamp)
    for at, text in enumerate(("Received by Ida Holm", "on the ramp in Ulm")):
        draw.text((40, 40 + 110 * at), text, "black", ImageFont.load_default(70))

    def page(paper, _page):
        _lines(paper, [f"{PROSE}."] * 6)
        paper.drawImage(ImageReader(stamp), 100, 300, 300, 90)

    blocks = make(PdfExtractor, "stamped.pdf", _pdf(page, pages=2)).blocks.to_pylist()
    (found,) = [block for block in blocks if block["method"] == "ocr"]
    assert found["text"] == "Received by Ida Holm on the ramp in Ulm"
    assert found["page"] == 1
    assert (found["x0"], found["y0"]) == pytest.approx((0.19, 0.55), abs=0.03)


def test_lines_that_the_file_has_in_disorder_are_read_down_the_columns():
    def line(text, left, top):
        return Line((Word(text, (left, top, left + 200, top + 10)),))

    title = line("title", 10, 0)
    left = [line(f"left {at}", 10, 30 + 15 * at) for at in range(6)]
    right = [line(f"right {at}", 300, 30 + 15 * at) for at in range(6)]
    shuffled = (*reversed(left), *reversed(right), title)
    wide = Line((Word("title", (10, 0, 500, 10)),))
    assert [each.text for each in in_reading_order((*shuffled[:-1], wide))] == [
        "title", *(f"left {at}" for at in range(6)), *(f"right {at}" for at in range(6)),
    ]  # fmt: skip


def test_the_order_of_the_file_is_kept_where_it_goes_down_its_columns(make):
    def draw(paper, _page):
        _lines(paper, [f"left {at} of the report" for at in range(8)], left=60)
        _lines(paper, [f"right {at} of the report" for at in range(8)], left=320)

    text = " ".join(_blocks(make(PdfExtractor, "columns.pdf", _pdf(draw))))
    assert text.index("left 7") < text.index("right 0")


def test_numbers_that_were_set_at_once_are_put_into_their_columns(make):
    rows = [
        ("Plant", "Sales", "Cost", "Staff"),
        ("Ulm", "120", "80", "7"),
        ("Bonn", "95", "60", "5"),
        ("Kiel", "40", "35", "3"),
    ]

    def draw(paper, _page):
        paper.setFont("Courier", 10)
        for at, row in enumerate(rows):
            paper.drawString(60, 700 - 16 * at, row[0])
            if at:
                paper.drawString(160, 700 - 16 * at, "".join(f"{cell:<12}" for cell in row[1:]))
            else:
                for place, cell in enumerate(row[1:]):
                    paper.drawString(160 + 72 * place, 700, cell)

    (table,) = make(PdfExtractor, "numbers.pdf", _pdf(draw)).tables
    assert values_of(table)[0] == {"Plant": "Ulm", "Sales": "120", "Cost": "80", "Staff": "7"}


def _ruled(paper, rows, *, verticals):
    top, step, lefts = 700, 18, (60, 160, 260, 360)
    for at in range(len(rows) + 1):
        paper.line(60, top - step * at + 12, 460, top - step * at + 12)
    for x in verticals:
        paper.line(x, top + 12, x, top - step * len(rows) + 12)
    for at, row in enumerate(rows):
        for x, cell in zip(lefts, row, strict=True):
            paper.drawString(x + 4, top - step * at, cell)


RULED = [
    ("Part", "Note", "Count", "City"),
    ("bolt", "dry", "3", "Ulm"),
    ("nut", "wet", "4", "Bonn"),
    ("pin", "dry", "5", "Kiel"),
]


@pytest.mark.parametrize("verticals", [(60, 160, 260, 360, 460), (160, 260, 360), ()])
def test_a_table_is_whole_with_all_borders_without_the_outer_ones_and_with_lines_across_only(make, verticals):
    extract = make(PdfExtractor, "ruled.pdf", _pdf(lambda paper, _page: _ruled(paper, RULED, verticals=verticals)))
    assert [values_of(table) for table in extract.tables] == [
        [dict(zip(RULED[0], row, strict=True)) for row in RULED[1:]]
    ]


def test_two_columns_are_a_table_between_rules_and_text_without_them(make):
    rows = [("Property", "Value"), ("Moisture", "0.41"), ("Density", "1.28"), ("Viscosity", "1134")]

    def draw(paper, page):
        for at, row in enumerate(rows):
            for x, cell in zip((60, 260), row, strict=True):
                paper.drawString(x, 700 - 18 * at, cell)
        for y in (715, 695, 640) if page == 1 else ():
            paper.line(60, y, 400, y)

    extract = make(PdfExtractor, "rules.pdf", _pdf(draw, pages=2))
    assert [values_of(table) for table in extract.tables] == [
        [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    ]
    assert {block["kind"] for block in extract.blocks.to_pylist() if block["page"] == 2} == {"text"}


def test_a_table_that_goes_on_over_the_page_keeps_its_names(make):
    def draw(paper, page):
        _ruled(paper, RULED if page == 1 else RULED[1:], verticals=(60, 160, 260, 360, 460))

    first, second = make(PdfExtractor, "long.pdf", _pdf(draw, pages=2)).tables
    assert values_of(second) == values_of(first)


def test_the_last_of_many_pages_is_there(make):
    extract = make(
        PdfExtractor, "long.pdf", _pdf(lambda paper, page: _lines(paper, [f"Sheet {page} of the log"]), 2000)
    )
    blocks = extract.blocks.to_pylist()
    assert [block["page"] for block in blocks] == list(range(1, 2001))
    assert blocks[1998]["text"] == "Sheet 1999 of the log"


def test_pieces_of_a_word_are_joined_and_marks_of_footnotes_are_not():
    def run(text, left, right, bottom=12.0):
        return (left, bottom - 10, right, bottom), text

    words = [
        text
        for _box, text in joined_runs(
            [run("di", 0, 10), run("ffi", 10.2, 22), run("cult ", 22, 40), run("part", 44, 60)]
        )
    ]
    assert words == ["difficult ", "part"]
    assert len(list(joined_runs([run("part", 0, 20), ((20, 0, 24, 6), "1")]))) == 2


def test_signs_of_symbol_fonts_are_bullets_before_a_line_and_nothing_within():
    assert clean_text("\x84 Yes, at once") == "• Yes, at once"
    assert clean_text("\uf0b7 first") == "• first"
    assert clean_text("be\x07fore") == "before"


def test_a_page_without_a_usable_layer_says_so_when_recognition_is_off(tmp_path):
    path = tmp_path / "scan.pdf"
    picture = Image.new("RGB", (600, 800), "white")
    _pdf(lambda paper, _page: paper.drawImage(ImageReader(picture), 0, 0, 595, 842))(path)
    extract = PdfExtractor(Extraction(ocr=False), tmp_path / "cache").extract(file_named("scan.pdf"), path)
    assert [place for place, _reason in extract.rejects] == ["page 1"]
