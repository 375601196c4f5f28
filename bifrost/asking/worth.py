"""What an answer to each question is worth: the link itself, and the links that wait for what it teaches.

A one-step value of information (Howard, "Information Value Theory", 1966). How much of the doubt about a bar one
answer takes away follows from the line's covariance in closed form.
"""

import numpy as np

from bifrost.asking.bars import LEAST_RIGHT
from bifrost.asking.calibration import Line, Numbers, Truths


def worth(line: Line, stated: Numbers, accepted: Truths) -> Numbers:
    """Give the links that one answer is expected to save, for every open question of one type.

    `accepted` are those that are in without an answer: they gain no link, but what they teach counts all the same.
    """
    right = line.probability(stated)
    waiting = ~accepted & (right >= LEAST_RIGHT)
    taught = _share_of_doubt(line, stated, right, waiting) if waiting.any() else np.zeros(len(stated))
    saved: Numbers = np.where(accepted, 0.0, right) + waiting.sum() * taught
    return saved


def _share_of_doubt(line: Line, stated: Numbers, right: Numbers, waiting: Truths) -> Numbers:
    """Give the share of the variance of the waiting links' mean that one answer removes."""
    design = np.stack([np.ones(len(stated)), stated], axis=1)
    pull = right * (1 - right)
    together = (pull[waiting, None] * design[waiting]).mean(axis=0)
    variance = float(together @ line.covariance @ together)
    removed = (design @ line.covariance @ together) ** 2 * pull / (1 + pull * line.doubt(design))
    share: Numbers = removed / max(variance, 1e-12)
    return share
