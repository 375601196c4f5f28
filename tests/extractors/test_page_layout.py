"""Lines, paragraphs, forms, grids and borderless tables from words on a plane."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from extractors.pages.borderless import with_borderless_tables
from extractors.pages.closing_up import closed_up, moved_back
from extractors.pages.content import Line, PageContent, Word, lines_of
from extractors.pages.forms import is_label_value, read_forms
from extractors.pages.paragraphs import paragraphs
from extractors.pages.placing import quarter_back, turn_back
from extractors.pages.ruling import find_ruling, without_lines
from extractors.pages.skew import skew_degrees


def _line(text, top, *, left=10, height=10, number=0):
    words = []
    for word in text.split(" "):
        width = len(word) * height * 0.5
        words.append(Word(word, (left, top, left + width, top + height), line=number))
        left += width + height * 0.4
    return Line(tuple(words))


@pytest.mark.parametrize("degrees", [-5.5, -1.3, 0, 0.7, 3.2])
def test_the_turn_of_a_page_is_found(degrees):
    page = Image.new("L", (900, 900), 250)
    draw = ImageDraw.Draw(page)
    for row in range(14):
        draw.text((80, 80 + 50 * row), "measured in the laboratory today", 20, ImageFont.load_default(28))
    turned = page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=250)
    assert skew_degrees(turned) == pytest.approx(degrees, abs=0.15)


def test_an_empty_page_has_no_turn():
    assert skew_degrees(Image.new("L", (400, 400), 255)) == 0


def test_a_ruled_table_is_found_and_its_lines_go_but_the_text_stays():
    page = Image.new("L", (1000, 800), 250)
    draw = ImageDraw.Draw(page)
    draw.text((200, 60), "HEADING IN BOLD LETTERS", 10, ImageFont.load_default(60))
    for y in (200, 280, 360):
        draw.line([(100, y), (900, y)], 10, 3)
    for x in (100, 500, 900):
        draw.line([(x, 200), (x, 360)], 10, 3)
    grey = np.asarray(page)
    ruling = find_ruling(grey)
    (grid,) = ruling.grids
    assert grid.across == pytest.approx((200, 280, 360), abs=2)
    assert grid.down == pytest.approx((100, 500, 900), abs=2)
    cleaned = without_lines(grey, ruling)
    assert cleaned[190:370].min() > 200
    assert np.array_equal(cleaned[:150], grey[:150])


def test_cells_that_were_moved_together_are_moved_back():
    page = np.full((200, 600), 250, np.uint8)
    for left in (40, 240, 440):
        page[60:80, left : left + 50] = 10
    ruling = type("Ruled", (), {"across": (40, 100), "down": (20, 220, 420, 580)})
    changed, shifts = closed_up(page, [ruling])
    columns = np.flatnonzero((changed[60:80] < 100).any(axis=0))
    assert columns[-1] < 260
    starts = [int(columns[0]), *(int(b) for a, b in pairwise(columns) if b - a > 1)]
    words = [Word("x", (start, 60, start + 50, 80)) for start in starts]
    assert [word.box[0] for word in moved_back(words, shifts)] == [40, 240, 440]


@settings(deadline=None)
@given(st.floats(-8, 8), st.floats(0, 900), st.floats(0, 600))
def test_turning_a_box_back_keeps_its_distance_from_the_middle(degrees, x, y):
    left, top, right, bottom = turn_back(degrees, (1000, 700))((x, y, x + 20, y + 10))
    assert (right - left, bottom - top) == pytest.approx((20, 10))
    assert np.hypot(left + 10 - 500, top + 5 - 350) == pytest.approx(np.hypot(x + 10 - 500, y + 5 - 350))


@settings(deadline=None)
@given(st.integers(1, 3), st.integers(0, 90), st.integers(0, 50))
def test_boxes_of_a_page_on_its_side_come_back_to_where_the_ink_is(turns, x, y):
    page = Image.new("L", (100, 60))
    page.paste(255, (x, y, x + 10, y + 10))
    turned = page.rotate(-90 * turns, expand=True)
    box = turned.getbbox()
    assert quarter_back(turns, page.size)(box) == page.getbbox()


def test_lines_close_together_are_a_paragraph_and_a_gap_ends_it():
    lines = [_line("The drum was", 10), _line("intact and dry.", 22), _line("Next day it", 60), _line("leaked.", 72)]
    assert [each.text for each in paragraphs(lines)] == ["The drum was intact and dry.", "Next day it leaked."]


def test_a_divided_word_becomes_one_again():
    assert paragraphs([_line("The labora-", 10), _line("tory was closed.", 22)])[0].text == "The laboratory was closed."


def test_large_short_lines_are_headings():
    lines = [_line("Report", 10, height=20), *(_line(f"line number {at}", 60 + 30 * at) for at in range(3))]
    assert [each.kind for each in paragraphs(lines)] == ["heading", "text", "text", "text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Batch: B-0012", True),
        ("Inspected on: 2025-03-04", True),
        ("Tel. (office): 030 123", True),
        ("see https://example.org/a", False),
        ("Figure 3: a long story", False),
        ("we saw two things: the first was good", False),
        ("10:30 start", False),
        ("Batch:", False),
    ],
)
def test_only_labels_with_short_values_are_label_value_lines(text, expected):
    assert is_label_value(text) is expected


def test_one_label_alone_is_no_form():
    assert read_forms([_line("Batch: B-0012", 10), _line("All was good.", 30)]) == []


def test_a_label_that_comes_again_starts_the_next_record():
    lines = [_line(text, 20 * at) for at, text in enumerate(["Batch: 1", "Day: 2", "Batch: 3", "Day: 4"])]
    assert read_forms(lines) == [{"Batch": "1", "Day": "2"}, {"Batch": "3", "Day": "4"}]


def test_two_pairs_in_one_line_are_both_read():
    words = [*_line("Batch: B-1", 10).words, *_line("Day: Monday", 10, left=300).words]
    assert read_forms([Line(tuple(words)), _line("Place: Ulm", 30)]) == [
        {"Batch": "B-1", "Day": "Monday", "Place": "Ulm"}
    ]


def _page(rows):
    words = []
    for at, row in enumerate(rows):
        for place, text in enumerate(row):
            words += [Word(word.text, word.box, line=at) for word in _line(text, 20 * at, left=10 + 150 * place).words]
    return PageContent(600, 800, lines_of(words))


def test_columns_of_short_texts_with_numbers_are_a_table():
    rows = [("Part", "Count", "City"), ("bolt", "3", "Ulm"), ("nut", "4", "Bonn"), ("screw", "5", "Kiel")]
    content = with_borderless_tables(_page(rows))
    assert [table.cells for table in content.tables] == [tuple(rows)]
    assert content.lines == ()


def test_columns_of_prose_are_no_table():
    rows = [("the first column", "the second one", "the third here")] * 5
    content = with_borderless_tables(_page(rows))
    assert content.tables == ()
    assert len(content.lines) == 5
