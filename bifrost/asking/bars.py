"""From which stated probability on links go in unasked, so that together they keep the stated precision."""

import numpy as np

from bifrost.asking.calibration import Line, Numbers, log_odds_of, sigmoid

SURENESS = 1.645
"""Deviations below the estimate at which the precision must still hold: one-sided 95 %."""
LEAST_RIGHT = 0.5
"""Nothing goes in, in whatever company, that is as likely wrong as right."""


def bar_of_set(line: Line, stated: Numbers, precision: float) -> float:
    """Give the lowest stated log-odds from which on all of `stated` may go in together; infinite when none may."""
    if not len(stated):
        return np.inf
    ranked = -np.sort(-stated)
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)
    fits = (least_share_right(line, ranked) >= precision) & last_of_equals
    fits &= sigmoid(line.log_odds(ranked)) >= LEAST_RIGHT
    return float(ranked[fits][-1]) if fits.any() else np.inf


def least_share_right(line: Line, ranked: Numbers) -> Numbers:
    """Give for the first 1, 2, ... of some stated log-odds the share that is surely right among them.

    What is open about the line is the same for all of them, so that the bound is that of their mean: by the delta
    method, in log-odds.
    """
    right = sigmoid(line.log_odds(ranked))
    counts = np.arange(1, len(ranked) + 1)
    mean = np.clip(np.cumsum(right) / counts, 1e-9, 1 - 1e-9)
    pull = right * (1 - right)
    slopes = np.stack([np.cumsum(pull) / counts, np.cumsum(pull * ranked) / counts], axis=1)
    deviation = np.sqrt(line.doubt(slopes)) / (mean * (1 - mean))
    return sigmoid(np.log(mean / (1 - mean)) - SURENESS * deviation)


def bar(line: Line, stated: Numbers, precision: float, *, together: bool = True) -> float:
    """Give the stated log-odds from which on `stated` go in; infinite when none do.

    The bar is what is stated until answers speak. It goes up where what is in is no longer expected to keep the
    precision: as far as the rest surely does, `together` or every one by itself. It goes down as far as what lies below
    surely does. A few answers leave much open; that alone takes nothing out again that was let in as stated.
    """
    as_stated = log_odds_of(precision)
    above = stated[stated >= as_stated]
    doubted = len(above) > 0 and sigmoid(line.log_odds(above)).mean() < precision
    if not together:
        each = bar_of_each(line, precision)
        return max(as_stated, each) if doubted else min(as_stated, each)
    if doubted:
        return bar_of_set(line, above, precision)
    return min(as_stated, bar_of_set(line, stated[stated < as_stated], precision))


def bar_of_each(line: Line, precision: float) -> float:
    """Give the lowest stated log-odds that is right with the precision by itself, surely: the stricter bar."""
    grid = np.linspace(-9.5, 9.5, 381)
    design = np.stack([np.ones(len(grid)), grid], axis=1)
    least = sigmoid(line.log_odds(grid) - SURENESS * np.sqrt(line.doubt(design)))
    fits = np.flatnonzero(least >= precision)
    return float(grid[fits[0]]) if len(fits) else np.inf
