"""Receipts and forms of the shared data, read as extraction reads them."""

import os
from pathlib import Path

import pytest

from extractors.forms.evaluation import evaluate_forms, evaluate_receipts

DATA = Path(__file__).parents[4] / "shared" / "data"


def _folder(name):
    folder = DATA / name
    if not folder.exists():
        pytest.skip(f"{name} is not there")
    return folder


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_receipts_are_read_end_to_end():
    measured = evaluate_receipts(_folder("ocr-sroie-receipts"), limit=20)  # all of them take three times as long
    assert measured["field_f1"] >= 0.85
    assert measured["wer"] <= 0.30


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif("BIFROST_WHOLE_EVALUATION" not in os.environ, reason="half an hour; BIFROST_WHOLE_EVALUATION=1")
def test_labels_and_values_of_forms_are_linked():
    measured = evaluate_forms(_folder("ocr-funsd-forms"))
    assert measured["link_f1"] >= 0.72
    assert measured["label_f1"] >= 0.78
