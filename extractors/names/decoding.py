"""Scores of tags to the best sequence of tags in which nothing goes on that did not begin."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Tags = npt.NDArray[np.int64]


def log_shares(scores: Scores) -> Scores:
    """Turn scores (..., tags) into logarithms of probabilities."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    shares: Scores = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shares


def best_tags(texts: Sequence[Scores]) -> list[Tags]:
    """Give the likeliest allowed tags of each text, whose logarithms are (units, tags).

    Viterbi's algorithm with hard constraints alone: inside n (tag 2 + 2 n) follows begin n (1 + 2 n) or itself, and
    every other tag follows any. So the way into a tag is the best of all tags, or the better of two.
    """
    answers: list[Tags] = [np.zeros(0, np.int64)] * len(texts)
    order = sorted((at for at in range(len(texts)) if len(texts[at])), key=lambda at: len(texts[at]))
    for start in range(0, len(order), _TOGETHER):
        group = order[start : start + _TOGETHER]
        for at, tags in zip(group, _decoded([texts[at] for at in group]), strict=True):
            answers[at] = tags
    return answers


_TOGETHER = 256


def _decoded(texts: Sequence[Scores]) -> list[Tags]:
    lengths = np.array([len(text) for text in texts])
    rows, tags = np.arange(len(texts)), texts[0].shape[1]
    padded = np.zeros((lengths.max(), len(texts), tags), np.float32)
    for row, text in enumerate(texts):
        padded[: len(text), row] = text
    ways, last = _ways(padded, lengths)
    return [_walked(ways[: lengths[row], row], int(last[row])) for row in rows]


def _ways(padded: Scores, lengths: Tags) -> tuple[Tags, Tags]:
    """Give for each unit and tag the best tag before it, and the last tag of each text."""
    rows, tags = np.arange(padded.shape[1]), padded.shape[2]
    begins, insides = np.arange(1, tags, 2), np.arange(2, tags, 2)
    ways = np.zeros(padded.shape, np.int64)
    last = np.zeros(len(rows), np.int64)
    best = padded[0].copy()
    best[:, insides] = -np.inf
    for at in range(len(padded)):
        if at:
            top = best.argmax(axis=1)
            ways[at] = top[:, None]
            ways[at][:, insides] = np.where(best[:, begins] >= best[:, insides], begins, insides)
            best = best[rows[:, None], ways[at]] + padded[at]
        ended = lengths == at + 1
        last[ended] = best[ended].argmax(axis=1)
    return ways, last


def _walked(ways: Tags, last: int) -> Tags:
    tags = np.zeros(len(ways), np.int64)
    tags[-1] = last
    for at in range(len(ways) - 1, 0, -1):
        tags[at - 1] = ways[at, tags[at]]
    return tags
