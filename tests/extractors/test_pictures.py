"""What is known of a picture besides its text: codes, what the camera wrote, what it looks like."""

from datetime import datetime

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, TiffImagePlugin

from bifrost.config import Extraction
from bifrost.schemas import PERCEPTUAL_HASH_BITS
from bifrost.testing.extracted import file_named
from extractors.images.codes import read_codes
from extractors.images.exif import Exif, read_exif
from extractors.images.image import ImageExtractor
from extractors.images.perceptual_hash import perceptual_hash
from extractors.pages.journal import PageJournal
from extractors.pages.paging import Paging

_MAKER, _MODEL, _CHANGED_AT, _ORIENTATION = 0x010F, 0x0110, 0x0132, 0x0112
_CAMERA, _PLACE, _TAKEN_AT, _TAKEN_OFFSET = 0x8769, 0x8825, 0x9003, 0x9011


def scene(seed=1, size=(640, 480)):
    """Draw shapes that chance chooses, as distinct as photographs of different things."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", size, tuple(chance.integers(0, 255, 3).tolist()))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, width, height = (chance.random(4) * (*size, size[0] / 2, size[1] / 2)).tolist()
        draw.ellipse((x, y, x + width, y + height), fill=tuple(chance.integers(0, 255, 3).tolist()))
    return picture


def _exif(*, main=(), camera=(), place=()):
    exif = Image.Exif()
    exif.update(dict(main))
    for number, values in ((_CAMERA, camera), (_PLACE, place)):
        if values:
            exif[number] = dict(values)
    return exif


@pytest.fixture
def photographed(tmp_path):
    """Give a function that saves a photograph with EXIF and reads it back."""

    def save(**folders):
        scene().save(tmp_path / "photo.jpg", exif=_exif(**folders))
        with Image.open(tmp_path / "photo.jpg") as image:
            return read_exif(image)

    return save


def _bits(one, two):
    return (int(one, 16) ^ int(two, 16)).bit_count()


def test_camera_time_and_place_are_read(photographed):
    south_west = {1: "S", 2: (33.0, 51.0, 24.0), 3: "W", 4: (70.0, 30.0, 0.0)}
    assert photographed(
        main={_MAKER: "Canon", _MODEL: "Canon EOS 5D"}, camera={_TAKEN_AT: "2026:03:01 12:30:00"}, place=south_west
    ) == Exif(datetime(2026, 3, 1, 12, 30), -33.856667, -70.5, "Canon EOS 5D")


def test_a_time_with_its_offset_is_turned_into_utc(photographed):
    camera = {_TAKEN_AT: "2026:03:01 12:30:00", _TAKEN_OFFSET: "+02:00"}
    assert photographed(camera=camera).taken_at == datetime(2026, 3, 1, 10, 30)


def test_the_time_of_the_last_change_stands_in_for_that_of_taking(photographed):
    assert photographed(main={_CHANGED_AT: "2026:03:01 12:30:00"}).taken_at == datetime(2026, 3, 1, 12, 30)


@pytest.mark.parametrize(
    "place",
    [
        {1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)},
        {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},
        {1: "N", 2: (48.0, 0.0, 0.0)},
        {1: "N", 2: 48.0, 3: "E", 4: 8.0},
        {1: "N", 2: (TiffImagePlugin.IFDRational(1, 0),) * 3, 3: "E", 4: (8.0, 0.0, 0.0)},
    ],
)
def test_an_impossible_place_is_no_place(photographed, place):
    exif = photographed(place=place, main={_MODEL: "Box"})
    assert (exif.latitude, exif.longitude, exif.camera) == (None, None, "Box")


@pytest.mark.parametrize("written", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", "2026-03-01 12:30:00"])
def test_a_clock_that_was_not_set_gives_no_time(photographed, written):
    assert photographed(camera={_TAKEN_AT: written}).taken_at is None


def test_damaged_exif_costs_nothing_but_itself(make, tmp_path):
    scene().save(
        tmp_path / "photo.jpg", exif=_exif(main={_MODEL: "Box" * 20}, camera={_TAKEN_AT: "2026:03:01 12:30:00"})
    )
    content = bytearray((tmp_path / "photo.jpg").read_bytes())
    start = content.index(b"Exif\x00\x00") + 6
    for place in range(start + 4, start + 60, 3):
        content[place] ^= 0xA5
    (table,) = make(ImageExtractor, "photo.jpg", bytes(content)).tables
    assert table.rows["perceptual_hash"][0].as_py()


def test_a_photograph_becomes_a_record_and_says_what_the_camera_wrote(make, tmp_path):
    place = {1: "N", 2: (48.0, 6.0, 0.0), 3: "E", 4: (11.0, 30.0, 0.0)}
    exif = _exif(main={_MODEL: "EOS 5D", _ORIENTATION: 6}, camera={_TAKEN_AT: "2026:03:01 12:30:00"}, place=place)
    scene().save(tmp_path / "photo.jpg", exif=exif)
    extract = make(ImageExtractor, "photo.jpg")
    ((table,), blocks) = extract.tables, extract.blocks.to_pylist()
    (record,) = table.rows.to_pylist()
    assert (table.name, table.kind) == ("picture", "picture")
    assert (record["camera"], record["taken_at"]) == ("EOS 5D", datetime(2026, 3, 1, 12, 30))
    assert (record["latitude"], record["longitude"]) == (48.1, 11.5)
    said = [block["text"] for block in blocks if block["kind"] == "label"]
    assert said == ["Camera: EOS 5D", "Taken at: 2026-03-01 12:30:00", "Place: 48.1, 11.5"]
    upright = scene().rotate(-90, expand=True)
    assert _bits(record["perceptual_hash"], perceptual_hash(upright)) <= 3


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: picture.resize((200, 150)),
        lambda picture: picture.resize((1280, 960)),
        lambda picture: ImageEnhance.Brightness(picture).enhance(0.85),
        lambda picture: picture.convert("L"),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_changed_copy_looks_the_same(change, seed):
    assert _bits(perceptual_hash(scene(seed)), perceptual_hash(change(scene(seed)))) <= 7


def test_a_compressed_copy_looks_the_same(tmp_path):
    for seed in range(10):
        scene(seed).save(tmp_path / "copy.jpg", quality=40)
        assert _bits(perceptual_hash(scene(seed)), perceptual_hash(Image.open(tmp_path / "copy.jpg"))) <= 7


def test_different_pictures_look_different():
    hashes = [perceptual_hash(scene(seed)) for seed in range(30)]
    assert {len(each) * 4 for each in hashes} == {PERCEPTUAL_HASH_BITS}
    assert min(_bits(one, two) for at, one in enumerate(hashes) for two in hashes[:at]) > 15


def test_a_plain_surface_looks_like_nothing():
    assert perceptual_hash(Image.new("RGB", (300, 200), "white")) is None


@pytest.mark.parametrize(
    ("format_name", "text", "named"),
    [
        ("EAN13", "4006381333931", "EAN-13"),
        ("Code128", "LOT-2026-0042", "Code 128"),
        ("QRCode", "BATCH:B-0002;NET:1140KG", "QR Code"),
        ("DataMatrix", "S/N 77-1234", "Data Matrix"),
        ("PDF417", "Delivery 90017 of 2026-03-01", "PDF417"),
    ],
)
def test_codes_are_read_with_the_name_of_their_format(make, tmp_path, format_name, text, named):
    import zxingcpp

    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, format_name))
    drawn = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=4))).convert("RGB")
    picture = Image.new("RGB", (drawn.width + 120, drawn.height + 120), "white")
    picture.paste(drawn, (60, 60))
    picture = picture.rotate(5, fillcolor="white", resample=Image.Resampling.BICUBIC)
    assert [(found.text, found.format) for found in read_codes(picture)] == [(text, named)]
    picture.save(tmp_path / "code.png")
    extract = make(ImageExtractor, "code.png")
    assert [block["text"] for block in extract.blocks.to_pylist() if block["method"] == "barcode"] == [text]
    assert extract.tables[-1].rows["codes"].to_pylist() == [f"{named} {text}"]


def test_a_picture_that_is_too_large_is_refused_by_its_stated_size(make):
    from bifrost.errors import ItemUnreadable
    from tests.extractors.hostile_files import giant_pictures

    for name, content in giant_pictures():
        if name.startswith("stated") and not name.endswith("gif"):
            with pytest.raises(ItemUnreadable, match="it is too large: Image size"):
                make(ImageExtractor, name, content)


def _barcode(text):
    import zxingcpp

    return Image.fromarray(np.array(zxingcpp.write_barcode(zxingcpp.BarcodeFormat.QRCode, text, 200, 200))).convert("L")


@pytest.fixture
def three_pages(tmp_path):
    first, *others = (_barcode(f"crate {number}") for number in (1, 2, 3))
    first.save(tmp_path / "three.tif", save_all=True, append_images=others)
    return tmp_path / "three.tif"


def _codes(extract):
    return extract.tables[-1].rows["codes"].to_pylist()


def test_a_picture_of_many_pages_goes_on_where_its_reading_was_stopped(three_pages, tmp_path, monkeypatch):
    monkeypatch.setattr("extractors.pages.journal._WRITE_SECONDS", 0)
    item = file_named("three.tif")
    reader = ImageExtractor(Extraction(ocr=False), tmp_path)
    whole = reader.extract(item, three_pages)
    journal = tmp_path / "pages.jsonl"
    reader.extract_pages(item, three_pages, Paging(PageJournal(journal)))
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:2]))
    said = []
    again = reader.extract_pages(item, three_pages, Paging(PageJournal(journal, lambda *place: said.append(place))))
    assert said == [(3, 3)]
    assert again.blocks == whole.blocks
    assert _codes(again) == _codes(whole) == ["QR Code crate 1; QR Code crate 2; QR Code crate 3"]


def test_a_damaged_page_of_a_picture_is_a_reject_and_the_others_are_read(three_pages, tmp_path):
    with Image.open(three_pages) as opened:
        opened.seek(1)
        start, size = opened.tag_v2[273][0], opened.tag_v2[279][0]
        opened.seek(2)
        opened.load()
    content = three_pages.read_bytes()
    three_pages.write_bytes(content[: start + size // 2])
    extract = ImageExtractor(Extraction(ocr=False), tmp_path).extract(file_named("three.tif"), three_pages)
    places = [place for place, reason in extract.rejects if "intact" in reason]
    assert _codes(extract) == ["QR Code crate 1"]
    assert places[0] == "page 2"
    assert len(places) <= 2
