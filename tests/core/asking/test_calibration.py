"""Stated probabilities are trusted as far as answers say, per type of link, and from few answers on."""

import numpy as np
import pytest

from bifrost.asking.bars import bar, bar_of_each
from bifrost.asking.beliefs import Answered, Beliefs
from bifrost.asking.calibration import UNTAUGHT, fit, log_odds_of, sigmoid, stated_log_odds


def _answers(seed, offset, slope=1.0, count=200, name="a"):
    chance = np.random.default_rng(seed)
    stated = chance.normal(0, 2, count)
    right = chance.random(count) < sigmoid(offset + slope * stated)
    return Answered((name,) * count, stated, right)


def _together(*parts):
    return Answered(
        tuple(name for part in parts for name in part.types),
        np.concatenate([part.stated for part in parts]),
        np.concatenate([part.right for part in parts]),
    )


def test_without_answers_what_is_stated_is_what_counts():
    stated = stated_log_odds(np.array([0.2, 0.6, 0.95]))
    assert sigmoid(UNTAUGHT.log_odds(stated)) == pytest.approx([0.2, 0.6, 0.95])
    assert not Beliefs(Answered((), np.zeros(0), np.zeros(0, bool))).taught


def test_a_line_finds_the_offset_and_slope_that_made_the_answers():
    answers = _answers(1, offset=-1.0, slope=0.6, count=4_000)
    assert fit(UNTAUGHT, answers.stated, answers.right).mean == pytest.approx([-1.0, 0.6], abs=0.12)


def test_more_answers_leave_less_open():
    few, many = _answers(2, 0.5, count=10), _answers(2, 0.5, count=500)
    traces = [np.trace(fit(UNTAUGHT, each.stated, each.right).covariance) for each in (few, many)]
    assert traces[1] < traces[0] / 5


def test_a_type_without_answers_starts_from_the_others():
    others = _together(*(_answers(seed, -2.0, name=f"type {seed}") for seed in range(4)))
    assert Beliefs(others).line("new").mean[0] == pytest.approx(-2.0, abs=0.5)


def test_a_type_that_differs_goes_its_own_way():
    answers = _together(*(_answers(seed, -1.5, name=f"type {seed}") for seed in range(4)), _answers(9, 1.5, name="own"))
    beliefs = Beliefs(answers)
    assert beliefs.line("own").mean[0] > 1.0
    assert beliefs.line("type 0").mean[0] < -1.0


def test_types_that_differ_widely_are_given_more_room():
    alike = _together(*(_answers(seed, 0.5, name=f"type {seed}") for seed in range(6)))
    apart = _together(*(_answers(seed, 4.0 * (seed % 2) - 2.0, name=f"type {seed}") for seed in range(6)))
    assert Beliefs(alike).spread < Beliefs(apart).spread


def test_ten_right_answers_below_the_bar_let_more_in():
    stated = np.full(10, log_odds_of(0.85))
    line = Beliefs(Answered(("a",) * 10, stated, np.ones(10, bool))).line("a")
    pool = stated_log_odds(np.array([0.6, 0.94, 0.97]))
    assert bar(line, pool, 0.8) <= log_odds_of(0.94) < log_odds_of(0.95)
    assert bar(line, pool, 0.999) == log_odds_of(0.999)


def test_wrong_answers_above_the_bar_raise_it():
    stated = np.full(12, log_odds_of(0.97))
    line = Beliefs(Answered(("a",) * 12, stated, np.arange(12) < 6)).line("a")
    assert bar(line, stated_log_odds(np.array([0.96, 0.97, 0.98])), 0.95) > log_odds_of(0.98)


def test_a_link_by_itself_needs_more_than_one_in_company():
    answers = _answers(4, 0.5, count=40)
    line = fit(UNTAUGHT, answers.stated, answers.right)
    pool = np.linspace(-1, 2.5, 60)
    assert bar_of_each(line, 0.8) >= bar(line, pool, 0.8, together=True)


def test_what_was_let_in_as_stated_stays_in_while_answers_say_nothing_against_it():
    stated = np.array([*np.linspace(-1.5, 0.5, 9), 4.0, 5.0, 6.0])
    right = np.array([*([False, True, False] * 3), True, True, True])
    line = Beliefs(Answered(("a",) * 12, stated, right)).line("a")
    pool = np.concatenate([np.linspace(-1.5, 0.5, 50), np.full(500, 6.0)])
    assert bar(line, pool, 0.95) <= log_odds_of(0.95)


def test_answers_about_an_older_model_are_left_out_once_it_states_other_probabilities():
    older, newer = _answers(1, 2.0, count=60), _answers(2, -1.0, count=60)
    assert Beliefs(_together(older, newer)).line("a").answers == 60
    assert Beliefs(_together(older, newer)).line("a").mean[0] == pytest.approx(-1.0, abs=0.6)
    assert Beliefs(_answers(3, 0.5, count=120)).line("a").answers == 120
