"""Who reads pictures, how two readings become one, and what is read on till rolls and photographs."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bifrost.config import Extraction
from extractors.pages.confusions import settled
from extractors.pages.content import Word
from extractors.pages.latin_letters import letters_of
from extractors.pages.network_reader import NetworkReader
from extractors.pages.recognition import combined, recognition_of
from extractors.pages.scanned import read_scan
from extractors.pages.tesseract_reader import TesseractReader
from extractors.pages.visual_rows import visual_rows

ENGLISH = letters_of("eng")


def drawn(lines, *, size=(900, 420), letter=34, degrees=0.0):
    """Draw lines of text, one below the other."""
    picture = Image.new("L", size, 245)
    font = ImageFont.load_default(letter)
    for row, text in enumerate(lines):
        ImageDraw.Draw(picture).text((40, 30 + row * 2 * letter), text, fill=25, font=font)
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=245)


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    return NetworkReader(ENGLISH, tmp_path_factory.mktemp("cache"))


def test_networks_give_words_row_by_row_with_boxes_around_them(networks):
    words = networks.words(np.asarray(drawn(["Batch B-0042 released", "Net weight 1140 kg"])))
    assert [word.text for word in words] == ["Batch", "B-0042", "released", "Net", "weight", "1140", "kg"]
    assert [word.line for word in words] == [0, 0, 0, 1, 1, 1, 1]
    assert all(word.confidence > 0.8 for word in words)
    first = words[0].box
    assert first == pytest.approx((40, 35, 135, 70), abs=14)


def test_networks_read_lines_that_lean(networks):
    words = networks.words(np.asarray(drawn(["Leaning lines are read as well"], degrees=-3)))
    assert [word.text for word in words] == ["Leaning", "lines", "are", "read", "as", "well"]


def test_what_the_networks_read_once_comes_from_the_cache(tmp_path, monkeypatch):
    pixels = np.asarray(drawn(["Read once"]))
    first = NetworkReader(ENGLISH, tmp_path).words(pixels)
    monkeypatch.setattr(NetworkReader, "_read", lambda *_arguments: pytest.fail("read again"))
    assert NetworkReader(ENGLISH, tmp_path).words(pixels) == first
    assert first


def test_another_recogniser_does_not_take_the_words_of_the_first_from_the_cache(tmp_path):
    pixels = np.asarray(drawn(["Same picture"]))
    NetworkReader(ENGLISH, tmp_path).words(pixels)
    before = len(list(tmp_path.rglob("*.json")))
    TesseractReader("eng", tmp_path).words(pixels)
    assert len(list(tmp_path.rglob("*.json"))) == before + 1


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        (Extraction(), (TesseractReader, NetworkReader)),
        (Extraction(recogniser="tesseract"), (TesseractReader,)),
        (Extraction(recogniser="rapid"), (NetworkReader,)),
        (Extraction(ocr_languages="eng+deu"), (TesseractReader, NetworkReader)),
        (Extraction(ocr_languages="jpn"), (TesseractReader,)),
        (Extraction(ocr_languages="jpn", recogniser="rapid"), (TesseractReader,)),
    ],
)
def test_settings_and_languages_choose_who_reads(settings, kinds, tmp_path):
    asked = recognition_of(settings, tmp_path).order((1600, 2260))
    assert tuple(type(recogniser) for recogniser in asked) == kinds


def test_a_clean_print_is_not_read_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(NetworkReader, "words", lambda *_arguments, **_options: pytest.fail("read twice"))
    lines = ["The pump was inspected in March", "and put back into service.", "All values lie within limits."]
    content = read_scan(drawn(lines), recognition_of(Extraction(), tmp_path))
    assert [line.text for line in content.lines] == lines


def test_a_till_roll_is_read_by_the_networks_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(TesseractReader, "words", lambda *_arguments, **_options: pytest.fail("asked first"))
    content = read_scan(drawn(["Total 12.50"], size=(420, 900)), recognition_of(Extraction(), tmp_path))
    assert [line.text for line in content.lines] == ["Total 12.50"]


def test_a_picture_in_which_the_first_finds_little_is_read_by_the_second(tmp_path):
    noisy = np.random.default_rng(3).normal(0, 38, (420, 900))
    pixels = np.clip(
        np.asarray(drawn(["EXIT GATE 14", "NO PARKING"], letter=60), np.float32) * 0.5 + 60 + noisy, 0, 255
    )
    content = read_scan(Image.fromarray(pixels.astype(np.uint8)), recognition_of(Extraction(), tmp_path))
    assert [line.text for line in content.lines] == ["EXIT GATE 14", "NO PARKING"]


def _word(text, left, confidence, *, top=0.0, width=40.0):
    return Word(text, (left, top, left + width, top + 20.0), confidence)


def test_of_two_readings_the_surer_word_counts_where_the_better_one_doubts():
    better = [_word("T0tal", 0, 0.6), _word("12.50", 60, 0.99)]
    other = [_word("Total", 1, 0.95), _word("12.5O", 61, 0.9)]
    assert [word.text for word in combined(better, other)] == ["Total", "12.50"]


def test_of_two_readings_words_that_only_one_has_are_kept_if_they_are_sure():
    better = [_word("Total", 0, 0.99)]
    other = [_word("12.50", 60, 0.95), _word("~", 120, 0.3)]
    assert [word.text for word in combined(better, other)] == ["Total", "12.50"]


def test_rows_follow_lines_that_fall_to_the_right():
    words = [
        _word(f"{row}{place}", place * 50, 1.0, top=row * 24 + place * 5) for row in range(2) for place in range(6)
    ]
    rows = visual_rows(words)
    assert [row.text for row in rows] == ["00 01 02 03 04 05", "10 11 12 13 14 15"]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("WorId", "World"),
        ("456OO", "45600"),
        ("281I,", "2811,"),
        ("86Q671-D", "860671-D"),
        ("SOLO", "SOLO"),
        ("IBAN", "IBAN"),
        ("B-O12", "B-012"),
    ],
)
def test_letters_and_digits_that_look_alike_follow_their_neighbours(read, meant):
    assert settled(read) == meant


def test_a_language_whose_letters_are_not_listed_is_unknown():
    assert letters_of("eng+ell") is None
    assert "ß" in letters_of("deu")
    assert "ß" not in letters_of("eng")


def test_the_weights_are_taken_from_the_installed_package(tmp_path):
    from extractors.pages import line_recognition, networks, text_detection

    assert networks.networks_installed()
    for name in (line_recognition.MODEL, text_detection.MODEL):
        assert networks.open_network(name) is not None
    assert not list(Path(tmp_path).iterdir())
