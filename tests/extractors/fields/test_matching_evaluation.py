"""Matching is measured on two files and a list of names that belong together."""

import pytest

from bifrost.truth_file import TruthUnusable
from extractors.fields.evaluation import evaluate_matching


@pytest.fixture
def tables(tmp_path):
    (tmp_path / "ours.csv").write_text(
        "customer_name,city,zip\n" + "".join(f"firm {n},{'Lyon' if n % 2 else 'Bonn'},{50000 + n}\n" for n in range(30))
    )
    (tmp_path / "theirs.csv").write_text(
        "postal_code;town;name of customer;note\n"
        + "".join(f"{50000 + n};{'Lyon' if n % 2 else 'Bonn'};firm {n};n{n % 3}\n" for n in range(30))
    )
    return tmp_path / "ours.csv", tmp_path / "theirs.csv"


def test_fields_are_ranked_and_compared_with_the_known_matches(tables, tmp_path):
    truth = tmp_path / "gt.csv"
    truth.write_text("source,target\ncustomer_name,name of customer\ncity,town\nZIP,postal_code\n")
    measured = evaluate_matching(*tables, truth=truth)
    assert measured["matches"] == 3
    assert measured["mrr"] == 1.0
    assert measured["recall_at_ground_truth"] == 1.0


def test_a_truth_of_other_fields_is_refused(tables, tmp_path):
    truth = tmp_path / "gt.csv"
    truth.write_text("colour,weight\n")
    with pytest.raises(TruthUnusable, match="none of its fields"):
        evaluate_matching(*tables, truth=truth)
