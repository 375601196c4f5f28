"""Engines of packs, their heads, and names in texts."""

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from bifrost.config import Extraction
from bifrost.errors import UnknownName
from bifrost.model import Mention
from extractors.names.annotator import NameAnnotator
from extractors.names.conll import Sentence
from extractors.names.engine import Name
from extractors.names.evaluation import evaluate_names, score
from extractors.names.labels import mapped
from extractors.names.model_file import ModelMissing
from extractors.names.pack_engine import NoHeads, PackNames, engine_identity, fitting_head, load_engine
from extractors.packs.pack import load_pack


@pytest.fixture
def pack_folder(model_folder: Path, tmp_path: Path) -> Path:
    """A pack of one's own, whose model knows two heads."""
    folder = tmp_path / "own"
    folder.mkdir()
    content = {"description": "for tests", "heads": ["basic", "emerging"], "model": str(model_folder)}
    (folder / "pack.yaml").write_text(yaml.safe_dump(content))
    return folder


class _Written:
    """An engine that finds what it was told."""

    def __init__(self, found: dict[str, list[Name]], labels: dict[str, tuple[str, ...]]) -> None:
        self._found, self._labels = found, labels

    def labels(self, head):
        return self._labels[head]

    def find_all(self, texts, heads):
        return {head: [list(self._found[head]) for _ in texts] for head in heads}


@pytest.mark.parametrize(
    ("labels", "wanted", "mapping"),
    [
        (["PERSON", "ORG"], ["per", "LOC"], {"PERSON": "per"}),
        (
            ["CORPORATION", "GROUP", "PLACE"],
            ["ORG", "location"],
            {"CORPORATION": "ORG", "GROUP": "ORG", "PLACE": "location"},
        ),
        (["CORPORATION", "GROUP"], ["corporation", "group"], {"CORPORATION": "corporation", "GROUP": "group"}),
        (["REAGENT"], ["reagent"], {"REAGENT": "reagent"}),
    ],
)
def test_labels_of_a_pack_map_to_the_same_or_a_wider_one(labels, wanted, mapping):
    assert mapped(labels, wanted) == mapping


def test_the_head_is_taken_that_covers_the_labels_with_fewest_others():
    labels = {"both": ("CHEMICAL", "DISEASE"), "one": ("DISEASE",), "fine": ("CORPORATION", "GROUP", "PERSON")}
    engine = _Written({}, labels)
    assert fitting_head(engine, ["both", "one"], ["Disease"]) == "one"
    assert fitting_head(engine, ["one", "both"], ["Disease", "Chemical"]) == "both"
    assert fitting_head(engine, ["both", "fine"], ["PER", "ORG"]) == "fine"
    with pytest.raises(NoHeads):
        fitting_head(engine, [], ["PER"])


def test_later_heads_add_only_labels_that_no_head_before_has(monkeypatch):
    labels = {"basic": ("PERSON", "ORG"), "emerging": ("PERSON", "CORPORATION", "PRODUCT")}
    found = {
        "basic": [Name(0, 2, "ORG", 0.9)],
        "emerging": [
            *(Name(1, 3, "PRODUCT", 0.8), Name(4, 5, "PRODUCT", 0.8), Name(5, 6, "PRODUCT", 0.4)),
            *(Name(6, 7, "CORPORATION", 0.9), Name(7, 8, "PERSON", 0.9)),
        ],
    }
    engine = _Written(found, labels)
    monkeypatch.setattr("extractors.names.pack_engine.load_engine", lambda *_given: engine)
    (names,) = PackNames([load_pack("general")], "accurate").find([["word"] * 8])
    assert [(name.start, name.label) for name in names] == [(0, "ORG"), (4, "PRODUCT")]


def test_of_names_that_overlap_the_surer_one_stands(monkeypatch):
    labels = {"basic": ("PERSON", "ORG"), "emerging": ("PRODUCT",)}
    found = {"basic": [Name(0, 2, "ORG", 0.6)], "emerging": [Name(1, 3, "PRODUCT", 0.8)]}
    monkeypatch.setattr("extractors.names.pack_engine.load_engine", lambda *_given: _Written(found, labels))
    (names,) = PackNames([load_pack("general")], "accurate").find([["word"] * 3])
    assert [name.label for name in names] == ["PRODUCT"]


def test_a_pack_of_ones_own_brings_its_model(pack_folder):
    engine = load_engine(load_pack(pack_folder), "accurate")
    assert engine.labels("basic") == ("PERSON", "ORG", "PLACE")


def test_a_changed_model_is_another_one_and_a_missing_one_is_named(pack_folder, model_folder, tmp_path):
    pack = load_pack(pack_folder)
    assert engine_identity([pack], "rules") == ["rules"]
    assert engine_identity([pack], "accurate") == engine_identity([pack, pack], "accurate")
    assert engine_identity([pack], "accurate") != engine_identity([load_pack("general")], "accurate")
    with pytest.raises(ModelMissing, match="bifrost models train"):
        engine_identity([pack], "fast")


def test_an_unknown_engine_is_named_with_those_that_there_are(pack_folder):
    with pytest.raises(UnknownName, match="accurate"):
        load_engine(load_pack(pack_folder), "quick")


def test_rules_come_first_and_trained_names_fill_the_rest(pack_folder):
    texts = ["Ask Edelmann Additive GmbH where Contoso keeps it.", "", "Ohne Namen 12 %"]
    ruled = list(NameAnnotator(Extraction(name_engine="rules")).annotate(texts))
    both = list(NameAnnotator(Extraction(name_engine="accurate", packs=[str(pack_folder)])).annotate(texts))
    assert [mention.text for mention in ruled[0]] == ["Edelmann Additive GmbH"]
    assert all(set(few) <= set(more) for few, more in zip(ruled, both, strict=True))
    assert sum(map(len, both)) > sum(map(len, ruled))
    for text, mentions in zip(texts, both, strict=True):
        assert all(isinstance(each, Mention) and text[each.start : each.end] == each.text for each in mentions)
        assert all(left.end <= right.start for left, right in pairwise(mentions))


def test_only_exact_spans_with_the_right_label_count():
    sentences = [Sentence(("a",) * 6, ((0, 2, "ORG"), (3, 4, "ORG"), (4, 5, "PLACE")))]
    measured = score(sentences, [[(0, 2, "ORG"), (3, 5, "ORG"), (4, 5, "ORG")]])
    assert measured["precision"] == pytest.approx(1 / 3)
    assert measured["recall"] == pytest.approx(1 / 3)
    assert measured["labels"]["ORG"]["f1"] == pytest.approx(2 / 5)
    assert measured["labels"]["PLACE"]["recall"] == 0


def test_a_pack_is_measured_on_a_file_of_ones_own(pack_folder, tmp_path):
    file = tmp_path / "truth.tsv"
    file.write_text("Acme\tB-ORG\nInc\tI-ORG\nin\tO\nBonn\tB-LOC\n\nYes\tO\n")
    measured = evaluate_names(file, pack=str(pack_folder))
    assert measured["head"] == "basic"
    assert measured["dropped_labels"] == ["PERSON"]
    assert measured["words"] == 5
    assert set(measured["labels"]) >= {"ORG", "LOC"}
    assert 0 <= measured["f1"] <= 1
