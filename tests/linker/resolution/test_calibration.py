"""Where decoys give many pairs one probability, their scores tell them apart; the mean stays as the decoys say."""

import numpy as np
import pytest

from linker.resolution.calibration import in_order


def test_pairs_of_one_probability_are_told_apart_by_their_scores():
    score = np.linspace(-9, -3, 200)
    found = in_order(score, np.full(200, 0.2))(score)
    assert found.mean() == pytest.approx(0.2, abs=1e-6)
    assert (np.diff(found) > 0).all()
    assert found[0] < 0.02
    assert found[-1] > 0.5


def test_the_order_of_the_scores_is_never_turned_round():
    score = np.linspace(-6, 6, 300)
    stated = np.select([score < 0, score < 3], [0.2, 0.6], 0.97)
    found = in_order(score, stated)(score)
    assert (np.diff(found) >= -1e-12).all()
    assert found.mean() == pytest.approx(stated.mean(), abs=1e-6)


def test_what_is_certain_or_differs_already_stays():
    score = np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    stated = np.array([0.0, 0.0, 0.3, 0.6, 1.0, 1.0])
    assert in_order(score, stated)(score) == pytest.approx(stated)
