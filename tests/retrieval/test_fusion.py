"""Two rankings become one by their scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.fusion import either, scaled, stretched, weighted

SCORES = st.lists(st.floats(0, 100, width=32), max_size=20).map(lambda values: np.array(values, np.float32))


def floats(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def test_how_far_apart_two_texts_are_is_kept() -> None:
    near, far = scaled(floats(10, 9.9)), scaled(floats(10, 1))
    assert (near[0], far[0]) == (1, 1)
    assert near[1] > far[1]


def test_a_text_without_a_word_in_common_has_nothing() -> None:
    assert scaled(floats(8, 0, 4)).tolist() == [1, 0, 0.5]
    assert scaled(floats(0, 0)).tolist() == [0, 0]


def test_cosines_are_stretched_from_the_worst_to_the_best() -> None:
    assert stretched(floats(0.90, 0.85, 0.80)).tolist() == pytest.approx([1, 0.5, 0], abs=1e-5)


def test_a_text_without_a_cosine_has_nothing() -> None:
    assert stretched(floats(0.9, np.nan, 0.8)).tolist() == [1, 0, 0]
    assert stretched(floats(np.nan, np.nan)).tolist() == [0, 0]


def test_a_single_neighbour_counts_fully() -> None:
    assert stretched(floats(0.8)).tolist() == [1]
    assert stretched(floats(0.8, np.nan)).tolist() == [1, 0]


def test_nothing_found_is_nothing() -> None:
    assert scaled(floats()).tolist() == stretched(floats()).tolist() == either(floats(), floats(), 5).tolist() == []


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_outside_0_to_1_is_refused_with_an_example(share: float) -> None:
    with pytest.raises(ValueError, match=rf"{share}.*0\.45"):
        weighted(share)


def test_the_best_by_either_score_come_in_turn() -> None:
    assert either(floats(9, 8, 7, 1), floats(1, 2, 3, 9), 3).tolist() == [0, 3, 1]


def test_equal_scores_come_in_order_of_position() -> None:
    assert either(floats(1, 1, 1), floats(0, 0, 0), 2).tolist() == [0, 1]


@given(SCORES)
def test_scores_lie_between_0_and_1_and_keep_their_order(scores: NDArray[np.float32]) -> None:
    for made in (scaled(scores), stretched(scores)):
        assert ((made >= 0) & (made <= 1)).all()
        assert all(made[i] >= made[j] for i in range(len(scores)) for j in range(len(scores)) if scores[i] > scores[j])


@given(SCORES, st.integers(1, 30))
def test_either_gives_every_row_at_most_once_and_both_best_first(scores: NDArray[np.float32], limit: int) -> None:
    rows = either(scores, scores[::-1], limit).tolist()
    assert len(rows) == len(set(rows)) == min(limit, len(scores))
    if len(rows) > 1:
        assert {int(scores.argmax()), int(scores[::-1].argmax())} <= set(rows)
