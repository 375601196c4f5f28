"""Files written to exhaust memory, time or the stack of whoever reads them."""

import gzip
import io
import json
import struct
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq

MAKERS = []
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{level} '{f'&a{level - 1};' * 10}'>" for level in range(1, 10))
)
_OUTSIDE = "<!DOCTYPE x [<!ENTITY a9 SYSTEM 'file:///etc/passwd'>]>"


def maker(function):
    MAKERS.append(function)
    return function


# ---- Office archives ---------------------------------------------------------------------------------------------


def _docx(document, **others):
    return _archive({"word/document.xml": document, **others}, "docx")


def _xlsx(sheet, **others):
    return _archive({"xl/worksheets/sheet1.xml": sheet, **others}, "xlsx")


def _archive(changed, kind):
    """Give a sound Office file with some of its parts replaced or added."""
    import docx
    import openpyxl
    import pptx

    whole = io.BytesIO()
    if kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(["a", "b"])
        book.active.append([1, 2])
        book.save(whole)
    else:
        document = docx.Document() if kind == "docx" else pptx.Presentation()
        if kind == "pptx":
            document.slides.add_slide(document.slide_layouts[5])
        document.save(whole)
    result = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            if name not in changed:
                new.writestr(name, old.read(name))
        for name, content in changed.items():
            new.writestr(name, content)
    return result.getvalue()


@maker
def zip_bombs():
    zeros = bytes(300 << 20)
    yield "zeros.docx", _docx(zeros)
    yield "zeros.xlsx", _xlsx(zeros)
    yield "zeros.pptx", _archive({"ppt/slides/slide1.xml": zeros}, "pptx")
    many = f"<w:document {_WORD}><w:body>{'<w:p/>' * 9_000_000}</w:body></w:document>"
    yield "paragraphs.docx", _docx(many)
    once = _docx("<x/>", **{"word/media/inner.zip": zeros})
    yield "nested.docx", _docx(f"<w:document {_WORD}><w:body/></w:document>", **{"word/inner.docx": once})
    yield "many_parts.docx", _archive({f"word/part{number}.xml": b"<x/>" for number in range(20_000)}, "docx")


@maker
def xml_entities():
    text = "<w:body><w:p><w:r><w:t>&a9;</w:t></w:r></w:p></w:body>"
    for name, declared in (("laughs", _LAUGHS), ("outside", _OUTSIDE)):
        yield f"{name}.docx", _docx(f"<?xml version='1.0'?>{declared}<w:document {_WORD}>{text}</w:document>")
        rows = "<sheetData><row r='1'><c t='inlineStr'><is><t>&a9;</t></is></c></row></sheetData>"
        yield f"{name}.xlsx", _xlsx(f"<?xml version='1.0'?>{declared}<worksheet {_SHEET}>{rows}</worksheet>")
        strings = f"<?xml version='1.0'?>{declared}<sst {_SHEET}><si><t>&a9;</t></si></sst>"
        yield f"{name}_strings.xlsx", _archive({"xl/sharedStrings.xml": strings}, "xlsx")
        types = f"<?xml version='1.0'?>{declared}<Types>&a9;</Types>"
        yield f"{name}_types.pptx", _archive({"[Content_Types].xml": types}, "pptx")
        yield f"{name}.xml", f"<?xml version='1.0'?>{declared}<x>&a9;</x>".encode()
        yield f"{name}.html", f"<!doctype html>{declared}<p>&a9;</p>".encode()


@maker
def nested_xml():
    deep = "<w:tbl><w:tr><w:tc>" * 20_000
    yield "tables.docx", _docx(f"<w:document {_WORD}><w:body>{deep}</w:body></w:document>")
    closed = "<w:tbl><w:tr><w:tc>" * 3_000 + "</w:tc></w:tr></w:tbl>" * 3_000
    yield "closed_tables.docx", _docx(f"<w:document {_WORD}><w:body>{closed}</w:body></w:document>")


@maker
def endless_sheets():
    def sheet(inside, before=""):
        return _xlsx(f"<worksheet {_SHEET}>{before}<sheetData>{inside}</sheetData></worksheet>")

    cell = "<row r='{0}'><c r='{1}{0}'><v>1</v></c></row>"
    yield "stated.xlsx", sheet(cell.format(1, "A"), "<dimension ref='A1:XFD1048576'/>")
    yield "million_columns.xlsx", sheet(cell.format(1, "BDWGN"))
    yield "last_cell.xlsx", sheet(cell.format(1, "A") + cell.format(1_048_576, "XFD"))
    yield "beyond.xlsx", sheet(cell.format(1, "A") + cell.format(2_000_000_000, "A"))
    yield "wide_rows.xlsx", sheet("".join(cell.format(row, "XFD") for row in range(1, 20_001)))
    merged = "<mergeCells>" + "<mergeCell ref='A1:XFD1048576'/>" * 1000 + "</mergeCells>"
    yield "merged.xlsx", _xlsx(f"<worksheet {_SHEET}><sheetData>{cell.format(1, 'A')}</sheetData>{merged}</worksheet>")


@maker
def passwords():
    compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(3000)
    for ending in ("docx", "xlsx", "pptx", "doc"):
        yield f"compound.{ending}", compound
    marked = bytearray(_docx("<x/>"))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(sign)
        while at >= 0:
            marked[at + place] |= 1
            at = marked.find(sign, at + 4)
    yield "marked.docx", bytes(marked)
    yield "secret.pdf", _locked_pdf()


def _locked_pdf():
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, encrypt=StandardEncryption("secret"), invariant=1)
    canvas.drawString(100, 700, "nobody may read this")
    canvas.save()
    return file.getvalue()


@maker
def archives():
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("note.txt", "hello")
    yield "no_document.docx", plain.getvalue()
    yield "archive.zip", plain.getvalue()
    packed = gzip.compress(bytes(50 << 20), 9)
    for _ in range(3):
        packed = gzip.compress(packed, 9)
    yield "nested.csv", packed
    yield "no_parts.xlsx", b"PK\x05\x06" + bytes(18)


# ---- PDF ---------------------------------------------------------------------------------------------------------


def _pdf(*objects, root=1):
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, root, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (size, table, end)


def _page(box=b"[0 0 595 842]", more=b"", *objects):
    page = b"<</Type/Page/Parent 2 0 R/MediaBox%s%s>>" % (box, more)
    return _pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, *objects)


def _stream(content, more=b""):
    packed = zlib.compress(content, 9)
    return b"<</Length %d/Filter/FlateDecode%s>>stream\n%s\nendstream" % (len(packed), more, packed)


@maker
def pdf_bombs():
    yield "giant_page.pdf", _page(b"[0 0 10000000 10000000]", b"/Contents 4 0 R", _stream(b"0 0 9999999 9999999 re f"))
    yield "no_page_size.pdf", _page(b"[0 0 0 0]", b"/Contents 4 0 R", _stream(b"0 0 9 9 re f"))
    yield "nested.pdf", _page(b"[0 0 595 842]", b"/Nested" + b"[" * 200_000 + b"]" * 200_000)
    yield "nested_names.pdf", _page(b"[0 0 595 842]", b"/Nested" + b"<</A" * 100_000)
    yield "drawn.pdf", _page(b"[0 0 595 842]", b"/Contents 4 0 R", _stream(b"q " * 50_000_000))
    picture = b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceGray"
    shown = b"/Contents 4 0 R/Resources<</XObject<</P 5 0 R>>>>"
    draw = _stream(b"q 595 0 0 842 0 0 cm /P Do Q")
    yield "giant_picture.pdf", _page(b"[0 0 595 842]", shown, draw, _stream(bytes(1 << 20), picture))
    loop = b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"
    yield "pages_in_a_circle.pdf", _pdf(b"<</Type/Catalog/Pages 2 0 R>>", loop)
    counted = b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>"
    yield "too_many_pages.pdf", _pdf(b"<</Type/Catalog/Pages 2 0 R>>", counted, b"<</Type/Page/Parent 2 0 R>>")
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</P 5 0 R>>>>"
    itself = b"<<%s/Length 5>>stream\n/P Do\nendstream" % form
    yield "form_in_itself.pdf", _page(b"[0 0 595 842]", shown, _stream(b"/P Do"), itself)
    yield "head_only.pdf", b"%PDF-1.7\n"


# ---- pictures ----------------------------------------------------------------------------------------------------


def _png(width, height, rows, *, depth=1, colour=0):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _tiff(width, height, following=0, data=b"\x00" * 16):
    entries = (
        (256, 4, width),
        (257, 4, height),
        (258, 3, 1),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 200),
        (278, 4, height),
        (279, 4, len(data)),
    )
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    head = b"II*\x00" + struct.pack("<IH", 8, len(entries)) + directory + struct.pack("<I", following)
    return head.ljust(200, b"\x00") + data


@maker
def giant_pictures():
    yield "stated.png", _png(60_000, 60_000, zlib.compress(bytes(1000)))
    yield "real.png", _png(30_000, 30_000, zlib.compress(bytes(3751 * 30_000), 9))
    colours = zlib.compress(bytes((3 * 12_000 + 1) * 12_000), 9)
    yield "colours.png", _png(12_000, 12_000, colours, depth=8, colour=2)
    yield "thin.png", _png(2_000_000, 3, zlib.compress(bytes(250_001 * 3)))
    yield "nothing.png", _png(0, 0, b"")
    yield "stated.tif", _tiff(60_000, 60_000)
    yield "circle.tif", _tiff(64, 2, following=8)
    yield "stated.gif", b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0xF7, 0, 0) + bytes(768) + b","
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x44\x01\x00"
    yield "frames.gif", b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + bytes(6) + frame * 2000 + b";"
    yield (
        "stated.bmp",
        b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 60_000, -60_000, 1, 24, *[0] * 6),
    )
    yield (
        "stated.jpg",
        b"\xff\xd8\xff\xc0\x00\x0b\x08" + struct.pack(">HH", 65_000, 65_000) + b"\x01\x01\x11\x00\xff\xd9",
    )
    yield "text_bomb.png", _with_text(_png(8, 8, zlib.compress(bytes(16))))


def _with_text(picture):
    data = b"Comment\x00\x00" + zlib.compress(bytes(200 << 20), 9)
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    return picture[:33] + chunk + picture[33:]


# ---- texts and tables --------------------------------------------------------------------------------------------


@maker
def odd_texts():
    yield "nothing.txt", b""
    yield "blanks.txt", b" \n\t\n" * 1000
    yield "nul.txt", b"one\x00two\x00" * 1000
    yield "late_nul.txt", b"word " * 2000 + b"\x00\x00\x01" * 100
    yield "latin.txt", bytes(range(128, 256)) * 100
    yield "half_utf16.txt", "\ufeffhalf a word".encode("utf-16-le")[:-1]
    yield "surrogates.txt", b"\xed\xa0\x80\xed\xb0\x80 text"
    yield "cut_utf8.txt", "naïve résumé 漢".encode()[:-1]
    yield "program.txt", b"\x7fELF" + bytes(5000)
    yield "one_line.txt", b"a" * (20 << 20)
    yield "spaces.md", b"# head\n" + b"\n" + b" " * (2 << 20) + b"x"
    yield "stars.md", (b"*" * 2000 + b"\n") * 500
    yield "nested.html", b"<div>" * 200_000 + b"deep"
    yield "nested_tables.html", b"<table><tr><td>" * 50_000 + b"deep"
    yield "wide_table.html", b"<table>" + b"<tr>" + b"<td>1" * 5000 + b"<tr><td>2" * 5000
    yield "tag.html", b"<html><a " + b"x='" * 500_000
    yield "parts.eml", _deep_mail(2000)
    yield "header.eml", b"Subject: " + b"=?utf-8?b?" * 100_000 + b"\n\nbody\n"
    yield "boundary.eml", b"Content-Type: multipart/mixed; boundary=" + b"x" * 100_000 + b"\n\n--x\n"


def _deep_mail(depth):
    lines = [b"Subject: deep"]
    for level in range(depth):
        lines += [b"Content-Type: multipart/mixed; boundary=b%d" % level, b"", b"--b%d" % level]
    return b"\n".join([*lines, b"Content-Type: text/plain", b"", b"the end"])


@maker
def odd_tables():
    yield "one_line.csv", b"a,b\n" + b"1," * (15 << 20) + b"1\n"
    yield "quote.csv", b'a,b\n1,"' + b"2,3\n" * 1_000_000
    yield "columns.csv", b",".join(b"c%d" % number for number in range(30_000)) + b"\n" + b"1," * 29_999 + b"1\n"
    yield "commas.csv", b",,,,\n" * 1000
    yield "nul.csv", b"a,b\n1,\x00\n" * 1000
    yield "late_nul.csv", b"a,b\n" + b"1,2\n" * 2000 + b"3,\x00\n" + b"4,5\n" * 10
    yield "ragged.csv", b"".join(b"1," * (number % 50) + b"1\n" for number in range(2000))
    yield "half_utf16.csv", "\ufeffa,b\r\n1,2\r\n".encode("utf-16-le")[:-1]
    yield "nested.json", b'{"a":' * 200_000 + b"1" + b"}" * 200_000
    yield "nested_lists.json", b"[" * 200_000 + b"]" * 200_000
    yield "nested.jsonl", b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"\n"
    yield "number.json", b'{"a": 1' + b"0" * 5_000_000 + b"}"
    yield "keys.json", json.dumps({f"key{number}": number for number in range(200_000)}).encode()
    yield "different_keys.jsonl", b"\n".join(b'{"k%d": %d}' % (number, number) for number in range(20_000))
    yield "surrogate.json", b'[{"a": "\\ud800"}, {"a": "\\udfff"}]'
    yield "cut.json", b'[{"a": 1}, {"a": 2'
    yield "no_objects.json", b"[1, 2, 3]"


@maker
def parquet_files():
    file = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(5000)), "text": ["word"] * 5000}), file)
    content = file.getvalue()
    yield "sign.parquet", b"PAR1"
    yield "two_signs.parquet", b"PAR1PAR1"
    yield "footer_length.parquet", content[:-8] + b"\xff\xff\xff\x7fPAR1"
    yield "no_footer.parquet", content[:-8] + b"\x00\x00\x00\x00PAR1"
    length = int.from_bytes(content[-8:-4], "little")
    start = len(content) - 8 - length
    yield "footer.parquet", content[:start] + bytes(255 - byte for byte in content[start:-8]) + content[-8:]
    yield "pages.parquet", content[:4] + bytes(start - 4) + content[start:]
