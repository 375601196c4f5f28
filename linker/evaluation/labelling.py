"""A person who answers from the truth, and what is asked: what an active learner would show next."""

from collections.abc import Callable, Mapping
from itertools import islice

import numpy as np
import pyarrow as pa

from linker.evaluation.given_pairs import Pair

ROUNDS = 8
_ONE_IN = 4
"""Questions come from what is nearest to even; after so many of them one comes by chance: no region stays unseen."""
_SEED = 7

Score = Callable[[Mapping[Pair, bool]], pa.Table]
"""Answers -> scored pairs of rows (`bifrost.schemas.PAIRS`)."""


def with_labels(score: Score, answer: Callable[[Pair], bool | None], labels: int) -> tuple[pa.Table, dict[Pair, bool]]:
    """Ask for at most `labels` answers in rounds, and give the scores after the last and all answers.

    `answer` says whether two rows are the same; None when the pair may not be asked for.
    """
    said: dict[Pair, bool] = {}
    scored = score(said)
    chance = np.random.default_rng(_SEED)
    each = -(-labels // ROUNDS)
    while len(said) < labels:
        answers = ((pair, answer(pair)) for pair in _order(scored, said, chance))
        known = ((pair, same) for pair, same in answers if same is not None)
        fresh = dict(islice(known, min(each, labels - len(said))))
        if not fresh:
            break
        said |= fresh
        scored = score(said)
    return scored, said


def _order(scored: pa.Table, said: Mapping[Pair, bool], chance: np.random.Generator) -> list[Pair]:
    """Put the pairs that nobody spoke about in the order of asking."""
    pairs = list(zip(scored["left_row"].to_pylist(), scored["right_row"].to_pylist(), strict=True))
    open_pairs = [(pair, abs(even - 0.5)) for pair, even in zip(pairs, scored["probability"].to_pylist(), strict=True)]
    left = [(pair, distance) for pair, distance in open_pairs if pair not in said and pair[::-1] not in said]
    by_doubt = [pair for pair, _ in sorted(left, key=lambda each: (each[1], each[0]))]
    by_chance = [by_doubt[at] for at in chance.permutation(len(by_doubt))]
    mixed = (pair for at, one in enumerate(by_doubt) for pair in _both(one, by_chance, at))
    return list(dict.fromkeys(mixed))


def _both(doubtful: Pair, by_chance: list[Pair], place: int) -> tuple[Pair, ...]:
    """Let a pair that chance chose follow every few that are in doubt."""
    return (doubtful,) if (place + 1) % _ONE_IN else (doubtful, by_chance[place // _ONE_IN])
