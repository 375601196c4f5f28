"""Rivals, first choices and nearest neighbours are what a search through everything finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from linker.resolution.rivals import best_rival, is_first
from linker.resolution.sparse_texts import LEAST_SHARE_OF_BEST, nearest

Pairs = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.2, 0.5, 0.9])), min_size=1, max_size=20)


@given(Pairs)
def test_the_best_rival_is_the_highest_of_the_others(pairs: list[tuple[int, float]]) -> None:
    group, score = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    for position, found in enumerate(best_rival(group, score, nothing=-1.0)):
        others = [s for other, (g, s) in enumerate(pairs) if g == pairs[position][0] and other != position]
        assert found == max(others, default=-1.0)


@given(Pairs)
def test_every_group_has_exactly_one_first_and_none_is_better(pairs: list[tuple[int, float]]) -> None:
    group, score = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    first = is_first(group, score)
    assert sorted(group[first]) == sorted(set(group.tolist()))
    for number, best in zip(group[first], score[first], strict=True):
        assert best == max(s for g, s in pairs if g == number)


def test_the_nearest_rows_are_those_of_the_full_product() -> None:
    chance = np.random.default_rng(3)
    left = sparse.random(60, 25, density=0.3, format="csr", random_state=chance)
    right = sparse.random(80, 25, density=0.3, format="csr", random_state=chance)
    full = (left @ right.T).toarray()
    rows, columns = nearest(left, right, 4)
    for row in range(60):
        near = full[row] >= max(full[row].max() * LEAST_SHARE_OF_BEST, 1e-12)
        expected = set(np.argsort(-full[row], kind="stable")[:4]) & set(np.flatnonzero(near))
        assert set(columns[rows == row]) == expected


def test_a_row_is_not_its_own_neighbour_within_one_table() -> None:
    same = sparse.csr_matrix(np.eye(5) + 0.5)
    rows, columns = nearest(same, same, 3, skip_self=True)
    assert len(rows)
    assert not np.any(rows == columns)
