"""Which patterns of agreement are sameness: a latent class model over the counts of patterns.

Pairs are of four kinds: the same; belonging together otherwise, as people of one household or branches of one
company; alike in a few fields, as people of one town; and meeting by chance, whose agreement is known from random
pairs. Within a kind fields agree independently (Fellegi and Sunter 1969). Only pairs that share a blocking key are
counted; what the keys leave out is completed in every round (expectation maximisation for truncated data: Dempster,
Laird, Rubin 1977), so that blocking does not distort what is learned, and the share of a kind that the keys select is
an outcome of the fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from linker.resolution.patterns.keys import Key
from linker.resolution.patterns.levels import EXACT, LEVELS, MISSING, NEAR, NEAR_OTHER_START, START, Levels

Shares = npt.NDArray[np.float64]
"""Shape (fields, levels); every row adds up to one."""

ROUNDS, GAIN = 300, 1e-7
LIKELY, UNLIKELY = 0.8, 0.3
"""How often fields of the same thing agree to begin with, and the names of what only belongs together."""
PRIOR_PAIRS = 1.0
"""Pairs by chance that are added to each kind."""
LEAST_ALIKE, LEAST_NAMES_ALIKE = 0.5, 0.25
"""How often the fields of a kind that is sameness are alike on average, and every part of the names: a kind may hold
just what was misspelt, but who belongs together has names that are alike by chance only."""
MOST_COMPLETED = 5.0
"""Unseen pairs of a kind are completed up to so many times the seen ones."""
LABEL_WEIGHT = 10.0

_OWN, _ALIKE, _OTHER = 0, 1, 2
_STATE = np.array([_OTHER, _OWN, _OWN, _OWN, _ALIKE, _OTHER, _ALIKE, _OTHER])
"""Level -> what a blocking key sees of it: the same value, the same start, neither."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Patterns of pairs: their levels, shape (fields, patterns), how often each was seen, and what people said."""

    levels: Levels
    pairs: npt.NDArray[np.float64]
    said_same: npt.NDArray[np.float64]
    said_other: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kinds:
    """Kinds of pairs as fitted, sameness first; pairs by chance are not among them."""

    levels: tuple[Shares, ...]
    """Shares of levels, for each kind."""
    shares: npt.NDArray[np.float64]
    """Of the counted pairs: by chance, then of each kind."""


@dataclass(frozen=True, slots=True)
class Sameness:
    """What was learned."""

    kinds: Kinds

    log_odds: npt.NDArray[np.float64]
    """Of sameness, for every pattern."""
    contributions: npt.NDArray[np.float64]
    """Shape (patterns, fields): what each field adds against chance."""
    prior: npt.NDArray[np.float64]
    """Log-odds of sameness against chance before anything is compared, for every pattern."""
    recall: float
    """Estimated share of the same pairs that share a key."""
    pairs: float
    """Estimated number of the same pairs."""
    f1: float
    """Estimated F1 of what is more likely the same than not, with what shares no key counted as missed."""


def learn(
    counted: Counted, chance: Shares, keys: Sequence[Key], names: Sequence[int], start: Kinds | None = None
) -> Sameness | None:
    """Fit the kinds of pairs and tell sameness; None where no kind has names that mostly agree.

    `chance` holds the shares of levels among random pairs, `names` the fields by which records are called. The number
    of kinds is chosen by the Bayesian information criterion; a fit from an earlier `start` keeps it.
    """
    selection = _Selection(keys)
    starts = [start] if start else _starts(counted, chance.shape[0], names)
    best = min((_fit(counted, chance, selection, each) for each in starts), key=lambda fit: fit.criterion)
    same = [at for at, kind in enumerate(best.kinds.levels, 1) if _is_sameness(kind, names)]
    return _sameness(counted, chance, selection, best.kinds, same) if same else None


def _starts(counted: Counted, fields: int, names: Sequence[int]) -> list[Kinds]:
    """Begin with sameness alone, with what agrees a little beside it, and with what only belongs together as well."""
    same, little = [LIKELY] * fields, [UNLIKELY] * fields
    related = [UNLIKELY if field in names else LIKELY for field in range(fields)]
    return [
        Kinds(tuple(_start_shares(counted, each) for each in kinds), np.full(len(kinds) + 1, 1 / (len(kinds) + 1)))
        for kinds in ([same], [same, little], [same, related, little])
    ]


class _Selection:
    """The keys as a function of what they see of the fields that they use."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.fields = sorted({part.field for key in keys for part in key})
        started = {part.field for key in keys for part in key if part.start}
        states = [(_OWN, _ALIKE, _OTHER) if field in started else (_OWN, _OTHER) for field in self.fields]
        self.merged = [field for field in self.fields if field not in started]
        self.cells = np.array(list(product(*states)), np.int64).reshape(-1, len(self.fields))
        place = {field: at for at, field in enumerate(self.fields)}
        self.chosen = np.zeros(len(self.cells), bool)
        for key in keys:
            shared = [self.cells[:, place[part.field]] <= (_ALIKE if part.start else _OWN) for part in key]
            self.chosen |= np.logical_and.reduce(shared)

    def selected(self, kind: Shares) -> tuple[float, Shares]:
        """Give the share of a kind's pairs that share a key, and the shares of levels among those that do not."""
        seen = self._seen(kind)
        weight = np.prod([seen[at][self.cells[:, at]] for at in range(len(self.fields))], axis=0)
        missed = weight * ~self.chosen
        rest = kind.copy()
        if missed.sum() > 0:
            for at, field in enumerate(self.fields):
                among = np.bincount(self.cells[:, at], missed, minlength=3) / missed.sum()
                state = self._states(field)
                rest[field] = kind[field] * (among / np.maximum(seen[at], 1e-12))[state]
        return float(np.clip(weight[self.chosen].sum(), 1e-9, 1.0)), rest

    def _states(self, field: int) -> npt.NDArray[np.int64]:
        return np.where((_STATE == _ALIKE) & (field in self.merged), _OTHER, _STATE)

    def _seen(self, kind: Shares) -> list[npt.NDArray[np.float64]]:
        return [np.asarray(np.bincount(self._states(at), kind[at], minlength=3), np.float64) for at in self.fields]


@dataclass(frozen=True, slots=True)
class _Fit:
    kinds: Kinds
    criterion: float
    """Bayesian information criterion: lower is better."""


def _fit(counted: Counted, chance: Shares, selection: _Selection, kinds: Kinds) -> _Fit:
    """Repeat expectation and maximisation until the likelihood hardly grows."""
    total, likelihood = counted.pairs.sum(), -np.inf
    for _ in range(ROUNDS):
        joint = _joint(counted, chance, selection, kinds)
        each = _log_sum(joint)
        belongs = np.exp(joint - each)
        before, likelihood = likelihood, float(counted.pairs @ each)
        weights = _weights(counted, belongs)
        levels = tuple(
            _next_shares(counted, weights[at], kind, chance, selection) for at, kind in enumerate(kinds.levels, 1)
        )
        kinds = Kinds(levels, belongs @ counted.pairs / total)
        if likelihood - before < GAIN * abs(likelihood):
            break
    free = len(kinds.levels) * (chance.size - chance.shape[0] + 1)
    return _Fit(kinds, free * float(np.log(max(total, 2))) - 2 * likelihood)


def _joint(counted: Counted, chance: Shares, selection: _Selection, kinds: Kinds) -> npt.NDArray[np.float64]:
    """Give the log-probability of each kind and pattern among pairs that share a key; chance is the first row."""
    rows = [
        np.log(share + 1e-300) + _log_share(kind, counted.levels) - np.log(selection.selected(kind)[0])
        for kind, share in zip([chance, *kinds.levels], kinds.shares, strict=True)
    ]
    return np.stack(rows)


def _weights(counted: Counted, belongs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Count the pairs of each kind by pattern; what people said counts several times."""
    weights = belongs * counted.pairs
    weights[1] += LABEL_WEIGHT * counted.said_same
    others = belongs.copy()
    others[1] = 0
    others /= np.maximum(others.sum(axis=0), 1e-300)
    return np.asarray(weights + others * LABEL_WEIGHT * counted.said_other)


def _next_shares(
    counted: Counted, weight: npt.NDArray[np.float64], kind: Shares, chance: Shares, selection: _Selection
) -> Shares:
    seen, rest = selection.selected(kind)
    unseen = min((1 - seen) / seen, MOST_COMPLETED) * weight.sum()
    counts = _level_counts(counted.levels, weight) + unseen * rest + PRIOR_PAIRS * chance + 1e-3
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _start_shares(counted: Counted, agree: Sequence[float]) -> Shares:
    """Let the fields agree as often as given; beyond that levels are as frequent as among all counted pairs."""
    observed = _level_counts(counted.levels, counted.pairs) + 1.0
    exact = np.isin(np.arange(LEVELS), EXACT)
    wanted = np.asarray(agree)[:, None]
    own = observed * exact
    other = observed * ~exact
    return np.asarray(
        wanted * own / own.sum(axis=1, keepdims=True) + (1 - wanted) * other / other.sum(axis=1, keepdims=True)
    )


def _level_counts(levels: Levels, weight: npt.NDArray[np.float64]) -> Shares:
    return np.stack([np.bincount(of_field, weight, minlength=LEVELS) for of_field in levels])


def _log_share(kind: Shares, levels: Levels) -> npt.NDArray[np.float64]:
    logs = np.log(kind + 1e-12)
    total = np.zeros(levels.shape[1])
    for of_field, seen in zip(logs, levels, strict=True):
        total += of_field[seen]
    return total


def _log_sum(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    top = values.max(axis=0)
    return np.asarray(top + np.log(np.exp(values - top).sum(axis=0)))


def _is_sameness(kind: Shares, names: Sequence[int]) -> bool:
    """Tell whether the names of a kind are alike, every part of them, and so are its fields on average."""
    alike = [*EXACT, NEAR, NEAR_OTHER_START, START]
    agree = kind[:, alike].sum(axis=1) / np.maximum(1 - kind[:, MISSING], 1e-12)
    return bool((agree[list(names)] > LEAST_NAMES_ALIKE).all() and agree.mean() > LEAST_ALIKE)


def _sameness(counted: Counted, chance: Shares, selection: _Selection, kinds: Kinds, same: Sequence[int]) -> Sameness:
    joint = _joint(counted, chance, selection, kinds)
    log_odds = _log_sum(joint[same]) - _log_sum(np.delete(joint, same, axis=0))
    nearest = joint[same].argmax(axis=0)
    every = [chance, *kinds.levels]
    ratio = np.stack([np.log(every[at] + 1e-12) - np.log(chance + 1e-12) for at in same])
    fields = np.arange(chance.shape[0])
    seen = np.array([selection.selected(kind)[0] for kind in every])
    whole = kinds.shares / seen
    prior = (np.log(whole + 1e-300) - np.log(whole[0] + 1e-300))[np.asarray(same)[nearest]]
    expected = counted.pairs / (1 + np.exp(-log_odds))
    taken = log_odds >= 0
    pairs = float(whole[same].sum() * counted.pairs.sum())
    return Sameness(
        kinds=kinds,
        log_odds=log_odds,
        contributions=ratio[nearest[:, None], fields[None, :], counted.levels.T],
        prior=np.asarray(prior),
        recall=float(kinds.shares[same].sum() / whole[same].sum()),
        pairs=pairs,
        f1=float(2 * expected[taken].sum() / (counted.pairs[taken].sum() + pairs)),
    )
