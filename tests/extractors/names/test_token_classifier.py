"""The accurate engine."""

from itertools import pairwise

import numpy as np
import pytest

from bifrost.errors import UnknownName
from extractors.names.graph import write_network
from extractors.names.model_file import ModelFile, ModelMissing
from extractors.names.token_classifier import TokenClassifier

_TEXTS = [
    "Aspirin was given to Dr. Weber of Acme Inc. in Bonn , who felt better on 3 May 2021 .".split(),  # noqa: SIM905
    ["Yes"],
    [],
    ["The", *["very"] * 300, "long", "text", "of", "Contoso", "ends", "in", "Oslo", "."],
]


def _scores(network, model, shape):
    """Scores of random pieces by the torch network and by the written one."""
    import onnxruntime
    import torch

    generator = torch.Generator().manual_seed(1)
    pieces = torch.randint(1000, 20000, shape, generator=generator)
    shapes = torch.randint(0, 10, shape, generator=generator)
    mask = torch.ones(shape, dtype=torch.long)
    mask[0, shape[1] // 2 :] = 0
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    vectors = network.encoder.embeddings.word_embeddings(pieces)
    given = {"vectors": vectors.numpy(), "shapes": shapes.numpy(), "mask": mask.numpy().astype(np.int32)}
    known = mask.numpy() > 0
    return network(pieces, shapes, mask).numpy()[known], session.run(None, given)[0][known]


def test_the_written_network_gives_what_torch_gives(network):
    weights = {name: value.numpy() for name, value in network.trained().items()}
    wanted, got = _scores(network, write_network(weights, "float"), (3, 40))
    assert np.abs(wanted - got).max() < 1e-3


def test_eight_bits_stay_near_the_whole_network(network):
    weights = {name: value.numpy() for name, value in network.trained().items()}
    wanted, got = _scores(network, write_network(weights, "int8"), (3, 40))
    assert np.corrcoef(wanted.ravel(), got.ravel())[0, 1] > 0.97


def test_a_model_survives_being_written_in_half_precision(network, model_folder):
    kept = ModelFile.load(model_folder)
    assert [head.name for head in kept.heads] == ["basic", "emerging"]
    for name, value in network.trained().items():
        assert np.abs(kept.weights[name].astype(np.float32) - value.numpy()).max() < 5e-3


def test_names_lie_within_their_texts_and_do_not_overlap(model_folder):
    found = TokenClassifier(model_folder).find_all(_TEXTS, ["basic", "emerging"])
    assert any(names for names in found["basic"])
    for head, labels in (("basic", {"PERSON", "ORG", "PLACE"}), ("emerging", {"PERSON", "CORPORATION", "PRODUCT"})):
        for words, names in zip(_TEXTS, found[head], strict=True):
            assert all(0 <= name.start < name.end <= len(words) for name in names)
            assert all(left.end <= right.start for left, right in pairwise(names))
            assert {name.label for name in names} <= labels
            assert all(0 < name.confidence <= 1 for name in names)


def test_more_threads_find_the_same(model_folder):
    alone, together = (TokenClassifier(model_folder, threads=threads) for threads in (1, 3))
    assert alone.find_all(_TEXTS, ["basic"]) == together.find_all(_TEXTS, ["basic"])


def test_an_unknown_head_is_named_with_those_that_there_are(model_folder):
    with pytest.raises(UnknownName, match="basic"):
        TokenClassifier(model_folder).find_all([["Acme"]], ["diseases"])


def test_a_folder_without_a_model_says_what_is_expected(tmp_path):
    with pytest.raises(ModelMissing, match="bifrost models train"):
        TokenClassifier(tmp_path).labels("basic")
