"""A trained model for tests: the real encoder without training, and heads that chance made."""

from pathlib import Path

import numpy as np
import pytest

from extractors.names.heads import heads_of
from extractors.names.model_file import ModelFile

LABELS = {"basic": ["PERSON", "ORG", "PLACE"], "emerging": ["PERSON", "CORPORATION", "PRODUCT"]}


@pytest.fixture(scope="session")
def network():
    """A network of all heads, whose weights chance made where no encoder gives them."""
    torch = pytest.importorskip("torch")
    from extractors.names.training.network import TokenClassifier

    torch.manual_seed(3)
    made = TokenClassifier(sum(head.tags for head in heads_of(LABELS))).eval()
    torch.nn.init.normal_(made.shapes.weight, std=0.02)
    torch.nn.init.normal_(made.heads.weight, std=0.5)
    return made.requires_grad_(False)


@pytest.fixture(scope="session")
def model_folder(network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that finds names at random places, the same ones each time."""
    folder = tmp_path_factory.mktemp("model")
    weights = {name: np.asarray(value) for name, value in network.trained().items()}
    ModelFile(weights, heads_of(LABELS)).save(folder)
    return folder
