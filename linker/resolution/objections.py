"""What the fields beside the name say against a pair: a second view of the same records.

Seeds are mostly found by their names. Two branches of one restaurant are each other's best in every ranking, yet
nothing but the name agrees. A model of the other fields alone, which never saw a pair that it speaks of, finds such
seeds (co-training: Blum and Mitchell 1998), as in most seeds those fields do agree. What it says for a pair is left
out: hotels hold several restaurants with one telephone.
"""

import numpy as np

from linker.resolution.evidence import Evidence
from linker.resolution.rivals import Mask
from linker.resolution.sparse_texts import Scores
from linker.resolution.worlds import base_features

FEWEST_SEEDS = 20
REFUSED = -2.0
"""Seeds against which the other fields say so much, as log-odds at even prior, are no seeds."""
LARGEST = 4.0
FOLDS = 5
_OTHERS_PER_SEED = 20
_SEED = 7


def objections(evidence: Evidence, seeds: Mask) -> Scores:
    """Give for every candidate log-odds between `-LARGEST` and 0, learned from the seeds of other folds."""
    count = int(seeds.sum())
    if count < FEWEST_SEEDS or not evidence.beside_name:
        return np.zeros(len(seeds))
    from sklearn.linear_model import LogisticRegression

    names = [*evidence.columns]
    features = base_features(evidence)[:, [names.index(name) for name in evidence.beside_name]]
    spread = features.std(axis=0)
    standard = (features - features.mean(axis=0)) / np.where(spread < 1e-9, 1.0, spread)
    chance = np.random.default_rng(_SEED)
    fold = chance.integers(0, FOLDS, len(seeds))
    others = ~seeds & (chance.random(len(seeds)) < _OTHERS_PER_SEED * count / max(len(seeds) - count, 1))
    found = np.zeros(len(seeds))
    for number in range(FOLDS):
        lesson, asked = (fold != number) & (seeds | others), fold == number
        same = seeds[lesson]
        if same.any() and not same.all():
            weight = np.where(same, 1.0, same.sum() / (~same).sum())
            model = LogisticRegression(max_iter=300).fit(standard[lesson], same, sample_weight=weight)
            found[asked] = model.decision_function(standard[asked])
    return np.clip(found, -LARGEST, 0.0)
