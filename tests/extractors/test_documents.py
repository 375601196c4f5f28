"""Office files, text, HTML and mail become blocks and tables."""

from email.message import EmailMessage

import docx
import pytest

from bifrost.testing.extracted import values_of
from extractors.documents.plain_text import PlainTextExtractor
from extractors.documents.presentation import PresentationExtractor
from extractors.documents.word import WordExtractor


def _blocks(extract):
    return [(block["kind"], block["text"]) for block in extract.blocks.to_pylist()]


def test_a_word_document_gives_headings_paragraphs_and_table_rows_in_order(make, written):
    written("note.docx")
    extract = make(WordExtractor, "note.docx")
    assert extract.title == "Shift note"
    assert _blocks(extract)[:4] == [
        ("heading", "Shift note"),
        ("text", "We used B-0026 from Krüger Rohstoffe KG."),
        ("table", "Parameter | Value | Unit"),
        ("table", "Moisture | 0.41 | %"),
    ]
    assert values_of(extract.tables[0])[2] == {"Parameter": "Density", "Value": "1.282", "Unit": "g/cm3"}


def test_a_merged_cell_of_a_word_table_counts_once(make):
    def write(path):
        document = docx.Document()
        table = document.add_table(rows=3, cols=2)
        for row, texts in zip(table.rows, [("a", "b"), ("1", "2"), ("both", "")], strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
        table.cell(2, 0).merge(table.cell(2, 1))
        document.save(path)

    (table,) = make(WordExtractor, "merged.docx", write).tables
    assert values_of(table)[1] == {"a": "both", "b": None}


def test_slides_count_as_pages_and_notes_are_read(make, written):
    written("review.pptx")
    extract = make(PresentationExtractor, "review.pptx")
    blocks = extract.blocks.to_pylist()
    assert extract.pages == 2
    assert ("note", "Ask where batch 30 was stored.") in _blocks(extract)
    assert {block["page"] for block in blocks if block["kind"] == "table"} == {2}
    assert values_of(extract.tables[0])[0] == {"Parameter": "Moisture", "Value": "0.41", "Unit": "%"}


def test_paragraphs_of_plain_text_stay_whole_and_lists_are_cut(make):
    extract = make(PlainTextExtractor, "note.txt", b"One line\nand the next.\n\n- first\n- second\n")
    assert _blocks(extract) == [("text", "One line\nand the next."), ("list", "- first"), ("list", "- second")]


def test_headings_of_markdown_are_headings(make):
    extract = make(PlainTextExtractor, "note.md", b"# Visit\n\nFine.\n\nOpen points\n-----------\n\nNone.\n")
    assert [text for kind, text in _blocks(extract) if kind == "heading"] == ["Visit", "Open points"]


def test_html_is_read_without_its_tags_and_scripts(make):
    page = b"""<!doctype html><title>Parts</title><script>var hidden = 1</script><h1>Parts</h1><p>All <b>good</b>.</p>
    <table><tr><th>Part</th><th>Count</th></tr><tr><td>bolt</td><td>3</td></tr></table><p>End"""
    extract = make(PlainTextExtractor, "page.html", page)
    assert _blocks(extract) == [
        ("heading", "Parts"),
        ("text", "All good."),
        ("table", "Part | Count"),
        ("table", "bolt | 3"),
        ("text", "End"),
    ]
    assert values_of(extract.tables[0]) == [{"Part": "bolt", "Count": "3"}]


def test_a_mail_gives_headers_and_text_and_leaves_its_attachments_to_the_crawl(make):
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Return of goods", "a@example.org", "b@example.org"
    mail.set_content("Please take back P-104.\n")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="bill.pdf")
    extract = make(PlainTextExtractor, "mail.eml", bytes(mail))
    assert extract.title == "Return of goods"
    assert ("text", "Please take back P-104.") in _blocks(extract)
    assert ("label", "From: a@example.org") in _blocks(extract)
    assert extract.rejects == ()  # the attachment is an item of its own


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_encodings_that_people_have(make, encoding):
    extract = make(PlainTextExtractor, "note.txt", "Krüger in Århus".encode(encoding))
    assert _blocks(extract) == [("text", "Krüger in Århus")]
