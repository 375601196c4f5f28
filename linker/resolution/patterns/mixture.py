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
    """Patterns of pairs: their levels, shape (patterns, fields), how often each was seen, and what people said."""

    levels: Levels
    pairs: npt.NDArray[np.float64]
    said_same: npt.NDArray[np.float64]
    said_other: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sameness:
    """What was learned."""

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


def learn(counted: Counted, chance: Shares, keys: Sequence[Key], names: Sequence[int]) -> Sameness | None:
    """Fit the kinds of pairs and tell sameness; None where no kind has names that mostly agree.

    `chance` holds the shares of levels among random pairs, `names` the fields by which records are called.
    """
    selection = _Selection(keys)
    kinds = [_start_shares(counted, [LIKELY] * chance.shape[0])]
    found = [_fit(counted, chance, selection, kinds)]
    related = [UNLIKELY if field in names else LIKELY for field in range(chance.shape[0])]
    alike_a_little = [UNLIKELY] * chance.shape[0]
    for more in ([alike_a_little], [related, alike_a_little]):
        others = [_start_shares(counted, each) for each in more]
        found.append(_fit(counted, chance, selection, [*kinds, *others]))
    best = min(found, key=lambda fit: fit.criterion)
    same = [at for at, kind in enumerate(best.kinds, 1) if _is_sameness(kind, names)]
    return _sameness(counted, chance, selection, best, same) if same else None


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
    kinds: list[Shares]
    """Sameness first; pairs by chance are not among them."""
    shares: npt.NDArray[np.float64]
    """Of the counted pairs: by chance, then of each kind."""
    criterion: float
    """Bayesian information criterion: lower is better."""


def _fit(counted: Counted, chance: Shares, selection: _Selection, kinds: list[Shares]) -> _Fit:
    """Repeat expectation and maximisation until the likelihood hardly grows."""
    total, likelihood = counted.pairs.sum(), -np.inf
    shares = np.full(len(kinds) + 1, 1 / (len(kinds) + 1))
    for _ in range(ROUNDS):
        joint = _joint(counted, chance, selection, kinds, shares)
        each = _log_sum(joint)
        belongs = np.exp(joint - each[:, None])
        grown, likelihood = likelihood, float(counted.pairs @ each)
        weights = _weights(counted, belongs)
        shares = (belongs * counted.pairs[:, None]).sum(axis=0) / total
        kinds = [_next_shares(counted, weights[:, at + 1], kind, chance, selection) for at, kind in enumerate(kinds)]
        if likelihood - grown < GAIN * abs(likelihood):
            break
    free = len(kinds) * (kinds[0].size - kinds[0].shape[0] + 1)
    return _Fit(kinds, shares, free * float(np.log(max(total, 2))) - 2 * likelihood)


def _joint(
    counted: Counted, chance: Shares, selection: _Selection, kinds: list[Shares], shares: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Give the log-probability of each pattern and kind among pairs that share a key; chance is the first column."""
    columns = [
        np.log(share + 1e-300) + _log_share(kind, counted.levels) - np.log(selection.selected(kind)[0])
        for kind, share in zip([chance, *kinds], shares, strict=True)
    ]
    return np.stack(columns, axis=1)


def _weights(counted: Counted, belongs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Count the pairs of each pattern by kind; what people said counts several times."""
    weights = belongs * counted.pairs[:, None]
    weights[:, 1] += LABEL_WEIGHT * counted.said_same
    others = belongs.copy()
    others[:, 1] = 0
    others /= np.maximum(others.sum(axis=1, keepdims=True), 1e-300)
    return np.asarray(weights + others * LABEL_WEIGHT * counted.said_other[:, None])


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
    return np.stack([np.bincount(levels[:, field], weight, minlength=LEVELS) for field in range(levels.shape[1])])


def _log_share(kind: Shares, levels: Levels) -> npt.NDArray[np.float64]:
    logs = np.log(kind + 1e-12)
    return np.asarray(logs[np.arange(levels.shape[1])[None, :], levels].sum(axis=1))


def _log_sum(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    top = values.max(axis=1)
    return np.asarray(top + np.log(np.exp(values - top[:, None]).sum(axis=1)))


def _is_sameness(kind: Shares, names: Sequence[int]) -> bool:
    """Tell whether the names of a kind are alike, every part of them, and so are its fields on average."""
    alike = [*EXACT, NEAR, NEAR_OTHER_START, START]
    agree = kind[:, alike].sum(axis=1) / np.maximum(1 - kind[:, MISSING], 1e-12)
    return bool((agree[list(names)] > LEAST_NAMES_ALIKE).all() and agree.mean() > LEAST_ALIKE)


def _sameness(counted: Counted, chance: Shares, selection: _Selection, fit: _Fit, same: Sequence[int]) -> Sameness:
    joint = _joint(counted, chance, selection, fit.kinds, fit.shares)
    others = _log_sum(np.delete(joint, same, axis=1))
    nearest = joint[:, same].argmax(axis=1)
    every = [chance, *fit.kinds]
    ratio = np.stack([np.log(every[at] + 1e-12) - np.log(chance + 1e-12) for at in same])
    added = ratio[nearest[:, None], np.arange(chance.shape[0])[None, :], counted.levels]
    seen = np.array([selection.selected(kind)[0] for kind in every])
    whole = fit.shares / seen
    prior = (np.log(whole) - np.log(whole[0]))[np.asarray(same)[nearest]]
    log_odds = _log_sum(joint[:, same]) - others
    expected = counted.pairs / (1 + np.exp(-log_odds))
    taken = log_odds >= 0
    pairs = float(whole[same].sum() * counted.pairs.sum())
    return Sameness(
        log_odds=log_odds,
        contributions=added,
        prior=np.asarray(prior),
        recall=float(fit.shares[same].sum() / whole[same].sum()),
        pairs=pairs,
        f1=float(2 * expected[taken].sum() / (counted.pairs[taken].sum() + pairs)),
    )
