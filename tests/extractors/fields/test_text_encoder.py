"""The shared encoder: offline, the same vector for the same text whatever stands beside it."""

from pathlib import Path

import numpy as np
import pytest

from bifrost import text_encoder
from bifrost.text_encoder import MiniLm, load_encoder


@pytest.fixture(scope="module")
def encoder(model_folder: Path) -> MiniLm:
    return MiniLm(model_folder)


def test_vectors_have_length_one_and_follow_meaning(encoder: MiniLm) -> None:
    supplier, vendor, weather = encoder(["supplier", "vendor", "rainy weather"])
    assert np.linalg.norm(supplier) == pytest.approx(1, abs=0.01)
    assert supplier @ vendor > 0.5 > supplier @ weather


def test_a_vector_does_not_depend_on_the_texts_beside_it(encoder: MiniLm, tmp_path: Path) -> None:
    (tmp_path / "minilm-l6-v2.onnx").symlink_to(encoder.folder / "minilm-l6-v2.onnx")
    texts = [f"field {number} with {'many ' * (number % 5)}words" for number in range(25)]
    together = encoder(texts)
    fresh = MiniLm(tmp_path)
    alone = np.stack([fresh([text])[0] for text in reversed(texts)])[::-1]
    assert np.array_equal(together, alone)


def test_texts_that_were_seen_are_not_encoded_again(encoder: MiniLm, monkeypatch: pytest.MonkeyPatch) -> None:
    first = encoder(["remembered text"])
    again = MiniLm(encoder.folder)
    monkeypatch.setattr(MiniLm, "_run", lambda *_: pytest.fail("encoded again"))
    assert np.array_equal(again(["remembered text", "remembered text"]), np.repeat(first, 2, axis=0))


def test_no_texts_give_no_vectors(encoder: MiniLm) -> None:
    assert encoder([]).shape == (0, 384)


def test_there_is_no_encoder_where_it_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_encoder, "_NEEDED", ("a_module_that_is_not_there",))
    assert load_encoder(tmp_path) is None
