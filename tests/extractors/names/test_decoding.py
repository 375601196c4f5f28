"""The best sequence of tags."""

from itertools import product

import numpy as np
import pytest

from extractors.names.decoding import best_tags, log_shares

_TAGS = 5


def _allowed(tags):
    """Inside goes on only with what began."""
    return all(
        tag == 0 or tag % 2 == 1 or before in (tag, tag - 1) for before, tag in zip((0, *tags), tags, strict=False)
    )


@pytest.mark.parametrize("seed", range(20))
def test_no_allowed_sequence_is_likelier(seed):
    chance = np.random.default_rng(seed)
    texts = [log_shares(chance.normal(size=(length, _TAGS)).astype(np.float32) * 2) for length in (1, 4, 0, 5, 3)]
    for text, found in zip(texts, best_tags(texts), strict=True):
        sequences = [tags for tags in product(range(_TAGS), repeat=len(text)) if _allowed(tags)]
        best = max(sequences, key=lambda tags: sum(text[at, tag] for at, tag in enumerate(tags)))
        assert tuple(found.tolist()) == best


def test_a_text_is_decoded_alike_beside_others():
    chance = np.random.default_rng(1)
    texts = [log_shares(chance.normal(size=(length, 7)).astype(np.float32)) for length in (9, 2, 40, 1)]
    together = best_tags(texts)
    assert all((best_tags([text])[0] == tags).all() for text, tags in zip(texts, together, strict=True))
