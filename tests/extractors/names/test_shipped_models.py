"""What ships: the trained heads, on sentences of our own and on public corpora that they were not trained on."""

from pathlib import Path

import pytest

from bifrost.config import Extraction
from extractors.names.annotator import NameAnnotator
from extractors.names.evaluation import evaluate_names
from extractors.names.model_file import SHIPPED
from extractors.packs.pack import load_pack, pack_names
from extractors.packs.pack_file import read_pack_file

_DATA = Path(__file__).parents[4] / "shared/data"
_MOST_MEGABYTES = 60


def _found(text: str, *packs: str) -> set[tuple[str, str]]:
    (mentions,) = NameAnnotator(Extraction(packs=list(packs))).annotate([text])
    return {(mention.text, mention.label) for mention in mentions}


def test_the_general_pack_finds_people_firms_and_places():
    text = "Anna Weber told Henrik Madsen that Siemens moved the plant from Seattle to Portland."
    assert _found(text, "general") >= {
        ("Anna Weber", "PERSON"),
        ("Henrik Madsen", "PERSON"),
        ("Siemens", "ORG"),
        ("Seattle", "PLACE"),
        ("Portland", "PLACE"),
    }


def test_packs_add_what_the_others_do_not_know():
    text = "Patients treated with ibuprofen developed acute renal failure."
    assert {label for _text, label in _found(text, "general")}.isdisjoint({"CHEMICAL", "DISEASE"})
    assert _found(text, "general", "life-sciences") == {("ibuprofen", "CHEMICAL"), ("acute renal failure", "DISEASE")}


def test_the_fast_engine_finds_names_of_the_same_kinds():
    text = "Patients treated with ibuprofen developed acute renal failure."
    (mentions,) = NameAnnotator(Extraction(packs=["life-sciences"], name_engine="fast")).annotate([text])
    assert {(mention.text, mention.label) for mention in mentions} >= {("ibuprofen", "CHEMICAL")}


def test_a_name_does_not_end_with_a_word_between_names():
    assert ("Anna Weber", "PERSON") in _found("Anna Weber of Bayer in Leverkusen wrote it.", "general")


def test_what_ships_fits_into_the_package():
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*")) < _MOST_MEGABYTES * 1e6


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_has_heads_that_ship_and_a_card_that_names_them(name):
    pack = load_pack(name)
    settings = Extraction(packs=[name])
    assert list(NameAnnotator(settings).annotate(["Nothing here."])) == [[]]
    card = (pack.folder / "card.md").read_text(encoding="utf-8")
    assert all(f"`{head}`" in card for head in read_pack_file(pack.folder).heads)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "pack", "head", "least"),
    [
        ("ner-bc5cdr/test.tsv", "life-sciences", "chemicals-and-diseases", 0.84),
        ("ner-ncbi-disease/test.tsv", "healthcare", "diseases", 0.83),
        ("ner-wnut17/test.conll", "general", "emerging", 0.48),
        ("ner-sec-filings/test_FIN3.txt", "finance", "contracts", 0.81),
        ("ner-btc/e.conll", "general", "basic", 0.61),
    ],
)
def test_a_head_keeps_its_quality_on_text_it_was_not_trained_on(file, pack, head, least):
    measured = _measured(file, pack=pack)
    assert measured["head"] == head
    assert measured["f1"] >= least


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "pack", "least"),
    [
        ("ner-bc5cdr/test.tsv", "life-sciences", 0.81),
        ("ner-ncbi-disease/test.tsv", "healthcare", 0.77),
        ("ner-sec-filings/test_FIN3.txt", "finance", 0.76),
    ],
)
def test_a_head_of_the_fast_engine_keeps_its_quality(file, pack, least):
    assert _measured(file, pack=pack, engine="fast")["f1"] >= least


def _measured(file, **options):
    if not (_DATA / file).exists():
        pytest.skip(f"public data is not beside the project: {file}")
    return evaluate_names(_DATA / file, **options)
