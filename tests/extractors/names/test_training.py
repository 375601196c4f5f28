"""Training of one's own models."""

from pathlib import Path

import pytest
import yaml

from bifrost.errors import ConfigInvalid
from extractors.names.conll import read_corpus
from extractors.names.evaluation import score
from extractors.names.fast_tagger import FastTagger
from extractors.names.heads import heads_of
from extractors.names.model_file import ModelFile
from extractors.names.models import train_names
from extractors.names.training import train as training
from extractors.names.training.batches import NO_TAG, epoch, prepare
from extractors.names.training.recipe import load_recipe
from extractors.names.wordpieces import WordPieces

_FIRMS = ("Acme", "Contoso", "Globex", "Initech", "Umbrella", "Hooli", "Vandelay", "Stark")
_TOWNS = ("Bonn", "Oslo", "Graz", "Lyon")


def _sentences() -> str:
    lines = []
    for at, firm in enumerate(_FIRMS):
        town = _TOWNS[at % len(_TOWNS)]
        lines.append(f"The O\nfirm O\n{firm} B-org\nInc I-org\nsells O\npaint O\nin O\n{town} B-loc\n. O\n")
    return "\n".join(lines)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe of one small corpus that teaches two heads."""
    (tmp_path / "corpus.txt").write_text(_sentences())
    content = {
        "epochs": 4,
        "batch_pieces": 64,
        "longest": 32,
        "corpora": [
            {
                "files": ["corpus.txt"],
                "heads": {"both": {"org": "ORG", "loc": "PLACE"}, "places": {"loc": "PLACE"}},
            }
        ],
    }
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    return file


def _train(recipe: Path, engine: str, say=lambda _text: None) -> Path:
    out = recipe.parent / engine
    train_names(recipe, data=recipe.parent, out=out, engine=engine, threads=1, say=say)
    return out


def test_batches_hold_every_unit_once_and_its_tag_for_each_head(recipe):
    taught = load_recipe(recipe)
    both, places = heads = heads_of(taught.labels())
    pieces = WordPieces()
    batches = epoch(prepare(taught, recipe.parent, heads, pieces), taught, pieces, 0)
    tags = [tag for batch in batches for tag in batch.tags[both].flatten().tolist() if tag != NO_TAG]
    assert len(tags) == 9 * len(_FIRMS)
    assert tags.count(1) == tags.count(2) == tags.count(3) == len(_FIRMS)  # begin and go on with ORG, begin PLACE
    begun = [tag for batch in batches for tag in batch.tags[places].flatten().tolist() if tag > 0]
    assert begun == [1] * len(_FIRMS)
    assert all(batch.mask.sum() <= taught.batch_pieces for batch in batches)


def test_an_epoch_is_cut_alike_each_time_and_unlike_the_next(recipe):
    taught = load_recipe(recipe)
    heads, pieces = heads_of(taught.labels()), WordPieces()
    prepared = prepare(taught, recipe.parent, heads, pieces)
    first, again, next_one = (
        [batch.pieces.tolist() for batch in epoch(prepared, taught, pieces, number)] for number in (0, 0, 1)
    )
    assert first == again
    assert first != next_one


def test_a_stopped_training_goes_on_where_it_saved(recipe, monkeypatch):
    class Stopped(Exception):
        pass

    def stop(text: str) -> None:
        if text.startswith("step 3 "):
            raise Stopped

    monkeypatch.setattr(training, "_SAVE_SECONDS", 0)
    monkeypatch.setattr(training, "_SAY_STEPS", 1)
    with pytest.raises(Stopped):
        _train(recipe, "accurate", stop)
    said: list[str] = []
    folder = _train(recipe, "accurate", said.append)
    assert said[0] == "going on after step 2"
    assert said[1].startswith("step 3 ")
    assert [head.name for head in ModelFile.load(folder).heads] == ["both", "places"]
    assert sorted(file.name for file in folder.iterdir()) == ["heads.json", "weights.safetensors"]


def test_the_fast_engine_learns_its_corpus(recipe, monkeypatch):
    monkeypatch.setattr("extractors.names.training.train_fast.EPOCHS", 30)
    tagger = FastTagger(_train(recipe, "fast"))
    sentences = read_corpus(recipe.parent / "corpus.txt")
    found = tagger.find_all([sentence.words for sentence in sentences], ["both"])["both"]
    names = {"ORG": "org", "PLACE": "loc"}
    spans = [[(name.start, name.end, names[name.label]) for name in text] for text in found]
    assert score(sentences, spans)["f1"] > 0.9


def test_a_wrong_recipe_names_the_key(tmp_path):
    file = tmp_path / "recipe.yaml"
    file.write_text("corpora: [{files: [a.txt], heads: {x: {A: B}}, lables: 1}]")
    with pytest.raises(ConfigInvalid, match="lables"):
        load_recipe(file)
