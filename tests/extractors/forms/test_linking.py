"""Labels and values of forms: from pieces to links, by rules and by a model that was trained here."""

import json
import random

import pytest

from bifrost.config import Extraction
from extractors.forms.field_names import field_name
from extractors.forms.linking.evaluation import matched
from extractors.forms.linking.form_page import ANSWER, OTHER, QUESTION, FormPage
from extractors.forms.linking.pieces import pieces_of
from extractors.forms.linking.rules import FormRules
from extractors.forms.linking.truth import known_forms
from extractors.forms.reader import FormReader
from extractors.forms.training import FormsModelUnusable, load_forms_model, train_forms
from extractors.pages.content import PageContent, Word
from extractors.reading import reading_settings

LABELS = ("Name:", "Date:", "Batch no", "Quantity", "Address:", "Remarks")
VALUES = ("Peter Holm", "12/03/2024", "B-0042", "118", "12 High Street", "none")


def _write_form(folder, number):
    """Write a form in the layout of the evaluation: labels at the left, values beside them, a line of prose."""
    chance = random.Random(number)
    chosen = chance.sample(range(len(LABELS)), 4)
    document, entities, links = [], [], []

    def add(text, left, top, label=None):
        words = []
        for word in text.split():
            place = sum(len(each["words"]) for each in document) + len(words)
            words.append({"id": place, "text": word, "box": [left, top, left + 9 * len(word), top + 16]})
            left += 9 * len(word) + 6
        document.append({"id": len(document), "text": text, "box": [0, 0, 1, 1], "words": words})
        if label:
            entities.append({"entity_id": len(entities), "label": label, "word_idx": [word["id"] for word in words]})

    add("Please fill in all fields of this form", 60, 40)
    for place, choice in enumerate(chosen):
        top = 100 + 40 * place + chance.randrange(6)
        add(LABELS[choice], 60, top, "question")
        add(VALUES[choice], 220 + chance.randrange(30), top, "answer")
        links.append([len(entities) - 2, len(entities) - 1])
    content = {
        "document": document,
        "label_entities": entities,
        "label_linkings": links,
        "img": {"fname": "", "width": 600, "height": 800},
    }
    (folder / "jsons").mkdir(parents=True, exist_ok=True)
    (folder / "jsons" / f"{number:03}.json").write_text(json.dumps(content))


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    for number in range(24):
        _write_form(folder, number)
    return folder


def test_known_forms_have_pieces_labels_and_links(forms):
    form = next(iter(known_forms(forms)))
    assert form.labels.count(QUESTION) == form.labels.count(ANSWER) == len(form.links) == 4
    assert [form.page.texts[at] for at, label in enumerate(form.labels) if label == OTHER] == [
        "Please fill in all fields of this form"
    ]
    pairs = {form.page.texts[label]: form.page.texts[value] for label, value in form.links}
    assert all(VALUES[LABELS.index(label)] == value for label, value in pairs.items())


def test_rules_link_labels_with_a_colon_to_the_value_beside_or_below():
    page = FormPage(
        ("Name:", "Peter Holm", "Signature:", "P. Holm"),
        ((0, 0, 50, 16), (80, 0, 160, 16), (0, 60, 90, 76), (0, 84, 70, 100)),
        400,
        400,
    )
    assert {(page.texts[a], page.texts[b]) for a, b in FormRules().linked(page)[1]} >= {("Name:", "Peter Holm")}


@pytest.mark.parametrize("pieces", [(), (("Alone:", (0.0, 0.0, 10.0, 10.0)),)])
def test_a_page_with_fewer_than_two_pieces_has_no_links(pieces):
    page = FormPage(tuple(text for text, _box in pieces), tuple(box for _text, box in pieces), 100, 100)
    assert FormRules().linked(page)[1] == {}


def test_a_model_trained_on_own_forms_reads_new_ones_into_records(forms, tmp_path):
    train_forms(forms, tmp_path / "model")
    reader = FormReader(tmp_path / "model")
    _write_form(tmp_path / "new", 99)
    (form,) = known_forms(tmp_path / "new")
    words = [Word(text, box) for text, box in zip(form.page.texts, form.page.boxes, strict=True)]
    (record,) = reader.with_form(PageContent(600, 800, method="ocr"), words).forms
    assert record == {field_name(form.page.texts[label]): form.page.texts[value] for label, value in sorted(form.links)}


def test_a_model_that_is_trained_again_reads_its_pages_again(tmp_path):
    settings = Extraction(forms_model=str(tmp_path))
    missing = reading_settings(settings)
    (tmp_path / "forms.joblib").write_bytes(b"one")
    first = reading_settings(settings)
    (tmp_path / "forms.joblib").write_bytes(b"two")
    assert missing != first != reading_settings(settings)


def test_too_few_forms_and_a_missing_model_say_what_is_wrong(tmp_path):
    _write_form(tmp_path / "few", 1)
    with pytest.raises(FormsModelUnusable, match="at least 10"):
        train_forms(tmp_path / "few", tmp_path / "model")
    with pytest.raises(FormsModelUnusable, match=r"forms\.joblib is missing"):
        load_forms_model(tmp_path / "model")


def test_a_line_is_cut_at_wide_gaps_and_after_the_colon_of_a_label():
    words = [
        Word(text, (left, 0.0, left + 40, 16.0))
        for text, left in (("Ship", 0), ("to:", 45), ("Lyon", 90), ("Weight", 400), ("12:30", 445))
    ]
    assert pieces_of(words, (600, 100)).texts == ("Ship to:", "Lyon", "Weight 12:30")


def test_a_piece_stands_for_the_given_one_that_it_shares_half_with():
    boxes = ((0.0, 0.0, 100.0, 20.0), (200.0, 0.0, 300.0, 20.0))
    assert matched((5.0, 2.0, 90.0, 18.0), boxes) == 0
    assert matched((120.0, 0.0, 215.0, 20.0), boxes) is None


@pytest.mark.parametrize("label", ["Invoice No.", "INVOICE NO:", "Invoice #", "1. Invoice number", "invoice nr."])
def test_variants_of_a_label_give_one_field(label):
    assert field_name(label) == "Invoice no"


@pytest.mark.parametrize(
    ("label", "name"), [("GST ID:", "GST ID"), ("Date of Birth", "Date of birth"), ("Inspected on", "Inspected on")]
)
def test_names_of_fields_are_set_as_in_a_sentence(label, name):
    assert field_name(label) == name
