"""Evaluation of link prediction: real graphs in seconds, clear words for what cannot be evaluated."""

from pathlib import Path

import numpy as np
import pytest

from bifrost.errors import BifrostError
from linker.evaluation.links import evaluate_links
from linker.learning.fusion import fitting
from linker.learning.ranking import measures

DATA = Path(__file__).parents[4] / "shared" / "data" / "lp-small"
SETS = {"umls": 0.93, "kinships": 0.75, "nations": 0.80}


def test_ranks_become_the_usual_measures() -> None:
    measured = measures(np.array([1.0, 2.0, 4.0, 20.0]))
    assert measured == {"mrr": 0.45, "hits_at_1": 0.25, "hits_at_3": 0.5, "hits_at_10": 0.75}


@pytest.mark.parametrize("name", SETS)
def test_small_graphs_are_learned_in_seconds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not beside the project")
    monkeypatch.setattr(fitting, "MOST_FOLDS", 0)
    measured = evaluate_links(folder, parts=("rules",))
    assert measured["mrr"] > SETS[name]
    assert measured["mrr"] > measured["alone"]["rules"]["mrr"] - 0.02
    assert measured["hits_at_1"] <= measured["hits_at_3"] <= measured["hits_at_10"]


def test_entities_that_training_never_saw_are_found_by_their_context_and_better_with_their_texts() -> None:
    if not DATA.is_dir():
        pytest.skip("the public data is not beside the project")
    measured = evaluate_links(DATA / "umls", unseen=0.1)
    silent, spoken = measured["without_features"]["mrr"], measured["with_features"]["mrr"]
    assert silent > 0.1
    assert spoken > silent


def _triples(folder: Path, *, without: str = "") -> Path:
    for name in ("train", "valid", "test"):
        if name != without:
            (folder / f"{name}.txt").write_text("a\tknows\tb\nb\tknows\tc\nc\tknows\ta\n")
    return folder


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BifrostError, match=r"valid\.txt.*there is no such file; needed are train\.txt"):
        evaluate_links(_triples(tmp_path, without="valid"))


def test_a_line_that_is_no_triple_is_named(tmp_path: Path) -> None:
    (_triples(tmp_path) / "test.txt").write_text("a\tknows\n")
    with pytest.raises(BifrostError, match=r"test\.txt.*head, relation and tail"):
        evaluate_links(tmp_path)


def test_an_unknown_part_is_named_with_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(BifrostError, match="guesses; valid: rules, embedding, network, text"):
        evaluate_links(_triples(tmp_path), parts=("rules", "guesses"))
