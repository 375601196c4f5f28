"""What stands around the text of office files, and what their tables look like when cells span others."""

import io

import docx
import openpyxl
import pptx
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml import parse_xml
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from PIL import Image, ImageDraw, ImageFont
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm

from bifrost.config import Extraction
from bifrost.testing.extracted import file_named, values_of
from extractors.documents.open_document import OpenDocumentExtractor
from extractors.documents.plain_text import PlainTextExtractor
from extractors.documents.presentation import PresentationExtractor
from extractors.documents.word import WordExtractor
from extractors.tables.spans import SpanCell, TableCells, grid_of
from extractors.tables.workbook import WorkbookExtractor

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _blocks(extract, kind=None):
    found = [(block["kind"], block["text"]) for block in extract.blocks.to_pylist()]
    return found if kind is None else [text for each, text in found if each == kind]


def _picture(text="Drum 0815 leaks"):
    picture = Image.new("RGB", (900, 200), "white")
    ImageDraw.Draw(picture).text((40, 60), text, "black", ImageFont.load_default(56))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    stream.seek(0)
    return stream


def _word(fill):
    def write(path):
        document = docx.Document()
        fill(document)
        document.save(path)

    return write


def test_headers_and_footers_of_all_sections_are_notes(make):
    def fill(document):
        document.sections[0].header.paragraphs[0].text = "Plant Ulm"
        document.add_paragraph("The drum was dry.")
        section = document.add_section(WD_SECTION.NEW_PAGE)
        section.footer.is_linked_to_previous = False
        section.footer.paragraphs[0].text = "Confidential"

    extract = make(WordExtractor, "note.docx", _word(fill))
    assert _blocks(extract) == [("note", "Plant Ulm"), ("text", "The drum was dry."), ("note", "Confidential")]


def test_numbers_of_headings_and_lists_are_counted(make):
    def fill(document):
        for text in ("Unpack", "Weigh"):
            document.add_paragraph(text, style="List Number")
        document.add_paragraph("Gloves", style="List Bullet")

    assert _blocks(make(WordExtractor, "note.docx", _word(fill))) == [
        ("list", "1. Unpack"),
        ("list", "2. Weigh"),
        ("list", "Gloves"),
    ]


def test_text_in_content_controls_and_boxes_is_read_and_what_was_deleted_is_not(make):
    control = f"<w:sdt {WORD}><w:sdtContent><w:p><w:r><w:t>Chosen: B-7</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    changed = (
        f"<w:p {WORD}><w:ins><w:r><w:t>new </w:t></w:r></w:ins><w:del><w:r><w:delText>old </w:delText></w:r></w:del>"
        "<w:r><w:t>text</w:t></w:r></w:p>"
    )
    box = (
        f"<w:p {WORD}><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></w:pict>"
        "</w:r></w:p>"
    )

    def fill(document):
        for xml in (control, changed, box):
            document.element.body.insert(len(document.element.body) - 1, parse_xml(xml))

    assert _blocks(make(WordExtractor, "note.docx", _word(fill)), "text") == ["Chosen: B-7", "new text", "In a box"]


def test_comments_are_notes_with_their_author(make):
    def fill(document):
        paragraph = document.add_paragraph("The drum was dry.")
        document.add_comment(paragraph.runs, "Which drum?", author="Ida Holm")

    assert _blocks(make(WordExtractor, "note.docx", _word(fill)), "note") == ["Ida Holm: Which drum?"]


def test_a_cell_that_spans_rows_is_said_in_each_of_them(make):
    def fill(document):
        table = document.add_table(rows=3, cols=2)
        for row, texts in zip(table.rows, [("plant", "drum"), ("Ulm", "1"), ("", "2")], strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
        table.cell(1, 0).merge(table.cell(2, 0))

    (table,) = make(WordExtractor, "note.docx", _word(fill)).tables
    assert values_of(table) == [{"plant": "Ulm", "drum": "1"}, {"plant": "Ulm", "drum": "2"}]


def test_a_table_inside_of_a_frame_is_a_table(make):
    def fill(document):
        inner = document.add_table(rows=1, cols=1).cell(0, 0).add_table(rows=2, cols=2)
        for row, texts in zip(inner.rows, [("part", "count"), ("bolt", "3")], strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text

    (table,) = make(WordExtractor, "note.docx", _word(fill)).tables
    assert values_of(table) == [{"part": "bolt", "count": "3"}]


def test_text_in_pictures_of_documents_and_slides_is_recognised_once(make):
    def slides(path):
        deck = pptx.Presentation()
        for _each in range(2):
            slide = deck.slides.add_slide(deck.slide_layouts[6])
            slide.shapes.add_picture(_picture(), Cm(2), Cm(4), Cm(20))
        deck.save(path)

    extract = make(WordExtractor, "note.docx", _word(lambda document: document.add_picture(_picture())))
    assert [(block["text"], block["method"]) for block in extract.blocks.to_pylist()] == [("Drum 0815 leaks", "ocr")]
    (block,) = make(PresentationExtractor, "deck.pptx", slides).blocks.to_pylist()
    assert (block["text"], block["page"]) == ("Drum 0815 leaks", 1)
    assert 0.05 < block["x0"] < block["x1"] < 0.9


def test_pictures_that_are_not_read_are_said_once(tmp_path):
    path = tmp_path / "note.docx"
    _word(lambda document: [document.add_picture(_picture(text)) for text in ("one", "two")])(path)
    extract = WordExtractor(Extraction(ocr=False), tmp_path / "cache").extract(file_named("note.docx"), path)
    assert ["switched off" in reason for _place, reason in extract.rejects] == [True]


def test_the_numbers_of_a_chart_are_a_table(make):
    def write(path):
        deck = pptx.Presentation()
        data = CategoryChartData()
        data.categories = ["2024", "2025"]
        data.add_series("Returns", (12, 7))
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Cm(1), Cm(1), Cm(9), Cm(9), data)
        deck.save(path)

    (table,) = make(PresentationExtractor, "deck.pptx", write).tables
    assert values_of(table) == [{"category": "2024", "Returns": "12"}, {"category": "2025", "Returns": "7"}]


def test_a_cell_of_a_slide_that_spans_rows_is_said_in_each_of_them(make):
    def write(path):
        deck = pptx.Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        table = slide.shapes.add_table(3, 2, Cm(1), Cm(1), Cm(9), Cm(9)).table
        for at, texts in enumerate([("plant", "drum"), ("Ulm", "1"), ("", "2")]):
            for place, text in enumerate(texts):
                table.cell(at, place).text = text
        table.cell(1, 0).merge(table.cell(2, 0))
        deck.save(path)

    (table,) = make(PresentationExtractor, "deck.pptx", write).tables
    assert [row["plant"] for row in values_of(table)] == ["Ulm", "Ulm"]


def _book(fill):
    def write(path):
        book = openpyxl.Workbook()
        fill(book, book.active)
        book.save(path)

    return write


def test_names_in_two_rows_are_joined_where_the_upper_ones_span_columns(make):
    def fill(book, sheet):
        for row in [
            ("Region", "2024", None, "2025", None),
            (None, "Sales", "Cost", "Sales", "Cost"),
            ("North", 5, 4, 7, 6),
        ]:
            sheet.append(row)
        sheet.append(("South", 2, 1, 3, 2))
        for area in ("A1:A2", "B1:C1", "D1:E1"):
            sheet.merge_cells(area)

    (table,) = make(WorkbookExtractor, "book.xlsx", _book(fill)).tables
    assert values_of(table)[0] == {"Region": "North", "2024 Sales": 5, "2024 Cost": 4, "2025 Sales": 7, "2025 Cost": 6}


def test_a_title_over_all_columns_is_text_and_no_header(make):
    def fill(book, sheet):
        for row in [("Stock in March", None), ("Part", "Count"), ("bolt", 3), ("nut", 4)]:
            sheet.append(row)
        sheet.merge_cells("A1:B1")

    extract = make(WorkbookExtractor, "book.xlsx", _book(fill))
    assert values_of(extract.tables[0])[0] == {"Part": "bolt", "Count": 3}
    assert _blocks(extract) == [("text", "Stock in March")]


def test_a_merged_cell_of_the_body_holds_for_all_its_rows_and_a_number_counts_once(make):
    def fill(book, sheet):
        for row in [("plant", "a", "b"), ("Ulm", 1, None), (None, 2, 3)]:
            sheet.append(row)
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("B2:C2")

    (table,) = make(WorkbookExtractor, "book.xlsx", _book(fill)).tables
    assert values_of(table) == [{"plant": "Ulm", "a": 1, "b": None}, {"plant": "Ulm", "a": 2, "b": 3}]


def test_comments_hidden_sheets_and_sheets_that_are_a_chart_are_noted(make):
    def fill(book, sheet):
        for row in [("part", "count"), ("bolt", 3)]:
            sheet.append(row)
        sheet["B2"].comment = Comment("counted twice", "Ida Holm")
        sheet.sheet_state = "hidden"
        book.create_sheet("Shown")
        chart = BarChart()
        chart.title = "Counts by part"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
        book.create_chartsheet("Plot").add_chart(chart)

    extract = make(WorkbookExtractor, "book.xlsx", _book(fill))
    assert _blocks(extract, "note") == [
        "The sheet Sheet is hidden.",
        "Ida Holm: counted twice",
        "Chart sheet Plot: Counts by part",
    ]
    assert extract.pages == 3
    assert [table.kind for table in extract.tables] == ["sheet"]


def test_a_table_of_markdown_and_spanning_cells_of_a_web_page_are_tables(make):
    markdown = make(PlainTextExtractor, "a.md", b"Intro\n\n| part | count |\n|------|------:|\n| bolt \\| M4 | 3 |\n")
    assert values_of(markdown.tables[0]) == [{"part": "bolt | M4", "count": "3"}]
    page = b"<!doctype html><table><tr><th>plant<th>drum<tr><td rowspan=2>Ulm<td>1<tr><td>2</table>"
    (table,) = make(PlainTextExtractor, "a.html", page).tables
    assert values_of(table) == [{"plant": "Ulm", "drum": "1"}, {"plant": "Ulm", "drum": "2"}]


def test_rich_text_is_read_without_its_signs(make):
    text = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator x;}Kr\'fcger pays \u8364?5.\par"
        rb"\trowd\intbl part\cell count\cell\row\intbl bolt\cell 3\cell\row\pard End\par}"
    )
    extract = make(PlainTextExtractor, "a.rtf", text)
    assert _blocks(extract, "text") == ["Krüger pays €5.", "End"]
    assert values_of(extract.tables[0]) == [{"part": "bolt", "count": "3"}]


def test_an_open_document_gives_headings_notes_lists_and_tables(make, written):
    written("visit.odt")
    extract = make(OpenDocumentExtractor, "visit.odt")
    assert _blocks(extract)[:4] == [
        ("heading", "Visit"),
        ("text", "All good."),
        ("note", "by Ida"),
        ("list", "one"),
    ]
    assert values_of(extract.tables[0]) == [{"part": "bolt", "count": "3"}]


@pytest.mark.parametrize("rows", [2, 10**9])
def test_spans_beyond_the_table_are_cut_off(rows):
    cells = TableCells()
    cells.open_row()
    cells.open(rows, 10**9)
    cells.say("a")
    assert cells.grid()[0][0] == "a"
    assert len(grid_of([SpanCell(0, 0, "a", rows, 10**9)])[0]) < 5000
