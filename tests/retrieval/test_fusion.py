"""Two rankings become one by their scores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import fuse

SCORES = st.dictionaries(st.integers(0, 50), st.floats(0.001, 100, allow_nan=False), max_size=20)


def test_the_best_of_both_lists_scores_one() -> None:
    best, *_ = fuse({1: 8.0, 2: 4.0}, {1: 0.9, 2: 0.8}, 0.4)
    assert (best.position, best.score, best.lexical, best.dense) == (1, 1.0, 1.0, 1.0)


def test_a_text_missing_from_a_list_has_nothing_there() -> None:
    fused = {f.position: f for f in fuse({1: 8.0}, {2: 0.9, 3: 0.8}, 0.25)}
    assert (fused[1].score, fused[1].dense) == (0.75, 0.0)
    assert (fused[2].score, fused[2].lexical) == (0.25, 0.0)


def test_how_far_apart_two_texts_are_is_kept() -> None:
    near = fuse({1: 10.0, 2: 9.9}, {}, 0.0)
    far = fuse({1: 10.0, 2: 1.0}, {}, 0.0)
    assert near[1].score > far[1].score


def test_cosines_are_stretched_from_the_worst_to_the_best() -> None:
    fused = {f.position: f.dense for f in fuse({}, {1: 0.90, 2: 0.85, 3: 0.80}, 1.0)}
    assert fused == {1: 1.0, 2: pytest.approx(0.5), 3: 0.0}


def test_equal_scores_come_in_order_of_position() -> None:
    assert [f.position for f in fuse({9: 2.0, 3: 2.0, 5: 2.0}, {}, 0.0)] == [3, 5, 9]


def test_a_single_neighbour_counts_fully() -> None:
    assert fuse({}, {7: 0.8}, 0.5)[0].score == 0.5


def test_nothing_found_is_nothing() -> None:
    assert fuse({}, {}, 0.5) == []


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_outside_0_to_1_is_refused_with_an_example(share: float) -> None:
    with pytest.raises(ValueError, match=rf"{share}.*0\.45"):
        fuse({1: 1.0}, {}, share)


@given(SCORES, SCORES, st.floats(0, 1))
def test_every_text_of_either_list_is_there_once_with_a_score_between_0_and_1(
    lexical: dict[int, float], dense: dict[int, float], share: float
) -> None:
    fused = fuse(lexical, dense, share)
    assert sorted(f.position for f in fused) == sorted({*lexical, *dense})
    assert all(0 <= f.score <= 1 + 1e-9 for f in fused)
    assert [f.score for f in fused] == sorted((f.score for f in fused), reverse=True)
