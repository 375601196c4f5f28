"""The effort of a simulated reviewer: fewer answers than by hand and never more than by chance; precision is kept."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from bifrost.asking.calibration import sigmoid
from bifrost.errors import UnknownName
from linker.evaluation.effort.candidates import Listed
from linker.evaluation.effort.measures import calibration_error, error_by_chance, measures, reviewed
from linker.evaluation.effort.picture import drawn
from linker.evaluation.effort.reviewing import Review, Reviewer
from linker.evaluation.effort.service import evaluate_effort


def _candidates(seed, offset=0.0, slope=1.0, types=3, count=150):
    """Make types of links whose truth differs from what is stated by a line that differs by type."""
    chance = np.random.default_rng(seed)
    stated = chance.normal(1.0, 3.0, types * count)
    of_type = np.repeat(np.arange(types), count)
    truth = chance.random(len(stated)) < sigmoid(offset + chance.normal(0, 0.5, types)[of_type] + slope * stated)
    number = np.arange(len(stated))
    return Listed(
        types=tuple(f"type {each}" for each in of_type),
        ends=np.stack([number, number + len(stated)], axis=1),
        truth=truth,
        links=np.ones(len(stated), np.int64),
        true_links=int(truth.sum()),
        probability=sigmoid(stated),
    )


def _decisions(seed, **options):
    return reviewed(_candidates(seed, offset=0.5), Reviewer(seed=seed, **options)).decisive.decisions


def test_questions_by_worth_are_never_more_than_by_chance():
    ours = [_decisions(seed) for seed in range(4)]
    chance = [_decisions(seed, by_chance=True) for seed in range(4)]
    assert np.mean(ours) < 0.9 * np.mean(chance)
    assert all(one <= other for one, other in zip(ours, chance, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(("offset", "slope"), [(0.0, 1.0), (-1.0, 0.7), (1.0, 1.2)])
def test_what_goes_in_unasked_keeps_the_stated_precision_in_twenty_reviews(offset, slope):
    reviews = [reviewed(_candidates(seed, offset, slope), Reviewer(seed=seed, goes_on=150)) for seed in range(20)]
    ends = [each.points[-1] for each in reviews]
    assert sum(each.unasked for each in ends) > 50
    # Whatever share is right in truth, a few links show another by chance: only what chance cannot explain fails.
    assert _by_chance(sum(each.unasked_right for each in ends), sum(each.unasked for each in ends)) > 0.01
    assert min(_by_chance(each.unasked_right, each.unasked) for each in ends) > 0.01 / len(ends)


def _by_chance(right, unasked):
    """Give how probable so few right links are where the stated precision is kept."""
    return binomtest(right, unasked, 0.95, alternative="less").pvalue if unasked else 1.0


@pytest.mark.parametrize(("offset", "slope"), [(0.0, 1.0), (-1.0, 0.7), (1.0, 1.2)])
def test_probabilities_are_calibrated_on_answers_held_back(offset, slope):
    told = Reviewer(goes_on=120, held_back=0.5)
    reviews = [reviewed(_candidates(seed, offset, slope), replace(told, seed=seed)) for seed in range(6)]
    assert sum(len(each.right) for each in reviews) > 1_000
    calibrated, right = (np.concatenate([getattr(each, name) for each in reviews]) for name in ("calibrated", "right"))
    assert calibration_error(calibrated, right) <= 0.05


def test_what_is_held_back_is_never_asked_about_and_counts_for_no_goal():
    review = Review(_candidates(2), Reviewer(held_back=0.3, goes_on=100))
    points = list(review.points())
    assert not review.held[[*review.said]].any()
    assert 0.2 < review.held.mean() < 0.4
    assert points[-1].true_links == review.candidates.truth[~review.held].sum()


def test_a_reviewer_who_errs_still_gets_there():
    found, _ = measures(_candidates(1, offset=1.0), Reviewer(errs=0.05, precision=0.9, recall=0.9), 2)
    assert found["reached"] == 2
    assert found["decisions"] < found["manual_decisions"]


def test_answers_about_earlier_data_save_answers_about_the_next():
    alone, carried = [], []
    for seed in range(4):
        first = reviewed(_candidates(seed, 1.5, types=1, count=400), Reviewer(goes_on=100))
        second = _candidates(seed + 50, 1.5, types=1, count=400)
        alone.append(reviewed(second, Reviewer(seed=seed)).decisive.decisions)
        carried.append(reviewed(second, Reviewer(seed=seed, earlier=first.answered)).decisive.decisions)
    assert np.mean(carried) < 0.85 * np.mean(alone)


def test_the_calibration_error_is_the_mean_distance_of_the_bins():
    probability = np.array([0.9, 0.9, 0.9, 0.9, 0.1, 0.1])
    assert calibration_error(probability, np.array([True, True, True, False, False, False])) == pytest.approx(
        (4 * 0.15 + 2 * 0.1) / 6
    )


def test_even_a_true_probability_shows_an_error_where_it_is_measured_on_few():
    few, many = (error_by_chance(np.linspace(0.05, 0.95, count)) for count in (60, 6_000))
    assert few > 0.08
    assert many < 0.02


@pytest.fixture
def two_shops(tmp_path):
    """Two lists of products, a third of them in both, written differently."""
    folder = tmp_path / "shops"
    folder.mkdir()
    words = ["lamp", "chair", "table", "shelf", "clock", "mirror", "carpet", "basket", "candle", "drawer"]
    names = [
        f"{one} {other} {one[0]}{other[0]}-{number:03}"
        for number, (one, other) in enumerate((one, other) for one in words for other in words)
    ]
    with (folder / "left.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "name"), *((f"l{at}", name) for at, name in enumerate(names[:66]))])
    with (folder / "right.csv").open("w", newline="") as file:
        rows = ((f"r{at}", f"{name.upper()} (new)") for at, name in enumerate(names[33:]))
        csv.writer(file).writerows([("id", "name"), *rows])
    with (folder / "gt.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("left", "right"), *((f"l{at + 33}", f"r{at}") for at in range(33))])
    return folder


def test_two_tables_are_reviewed_from_their_files(two_shops):
    found = evaluate_effort(two_shops, seeds=1)
    assert found["true_links"] == 33
    assert found["recall"] >= 0.95
    assert found["decisions"] <= found["random_decisions"]
    assert {"manual_decisions", "ratio_to_manual", "curve", "ece", "held_back"} <= found.keys()
    assert json.loads(json.dumps(found)) == found


def test_a_place_of_no_known_layout_is_refused_with_the_layouts(tmp_path):
    with pytest.raises(UnknownName, match=r"gt\.csv"):
        evaluate_effort(tmp_path)


def test_the_picture_shows_a_curve_for_both_orders():
    found, _ = measures(_candidates(3, offset=1.5, types=1), Reviewer(), 1)
    assert drawn([{"data": "a & b", **found}]).count("<polyline") == 3
