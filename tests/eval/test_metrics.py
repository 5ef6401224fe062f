"""Metrics against worked examples, and intervals that mean something."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import hit_at, mean_with_interval, ndcg_at, recall_at, reciprocal_rank

RANKING = ["a", "b", "c", "d"]


def test_recall_is_the_share_of_answering_texts_found() -> None:
    judged = {"b": 1, "d": 2, "x": 1, "y": 0}
    assert [recall_at(k, RANKING, judged) for k in (1, 2, 4)] == [0.0, pytest.approx(1 / 3), pytest.approx(2 / 3)]


def test_a_hit_is_one_answering_text_among_the_first() -> None:
    assert [hit_at(k, RANKING, {"b": 1}) for k in (1, 2)] == [0.0, 1.0]


def test_a_text_of_grade_nothing_is_no_hit() -> None:
    assert hit_at(4, RANKING, {"a": 0, "x": 1}) == 0.0


def test_reciprocal_rank_looks_at_the_first_answer_only() -> None:
    assert reciprocal_rank(10, RANKING, {"c": 1, "d": 1}) == pytest.approx(1 / 3)
    assert reciprocal_rank(2, RANKING, {"c": 1}) == 0.0


def test_ndcg_of_a_worked_example() -> None:
    judged = {"b": 2, "c": 1, "x": 1}
    gained = 2 / math.log2(3) + 1 / math.log2(4)
    best = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg_at(10, RANKING, judged) == pytest.approx(gained / best)


def test_ndcg_is_one_for_the_best_order_and_less_when_grades_are_swapped() -> None:
    assert ndcg_at(10, ["a", "b"], {"a": 2, "b": 1}) == pytest.approx(1.0)
    assert ndcg_at(10, ["b", "a"], {"a": 2, "b": 1}) < 1.0


def test_ndcg_at_one_compares_with_the_best_single_text() -> None:
    assert ndcg_at(1, ["b"], {"a": 2, "b": 1}) == pytest.approx(0.5)


@pytest.mark.parametrize("metric", [recall_at, hit_at, reciprocal_rank, ndcg_at])
@pytest.mark.parametrize("judged", [{}, {"a": 0}])
def test_a_question_without_answers_is_an_error_and_not_a_zero(metric: object, judged: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="cannot be scored"):
        metric(10, RANKING, judged)


JUDGED = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 3), min_size=1)


@given(st.permutations(list("abcdef")), JUDGED, st.integers(1, 8))
def test_every_metric_lies_between_0_and_1(ranking: list[str], judged: dict[str, int], k: int) -> None:
    for metric in (recall_at, hit_at, reciprocal_rank, ndcg_at):
        assert 0 <= metric(k, ranking, judged) <= 1 + 1e-9


def test_a_mean_comes_with_an_interval_around_it_and_repeats() -> None:
    values = [0.0, 1.0] * 50
    figure = mean_with_interval("hit@1", values)
    assert (figure.value, figure.questions) == (0.5, 100)
    assert 0.38 < figure.low < 0.45 < 0.55 < figure.high < 0.62
    assert mean_with_interval("hit@1", values) == figure


def test_more_questions_make_the_interval_narrower() -> None:
    few, many = (mean_with_interval("x", [0.0, 1.0] * n) for n in (10, 500))
    assert many.high - many.low < few.high - few.low


def test_equal_values_leave_no_doubt() -> None:
    figure = mean_with_interval("x", [1.0] * 5)
    assert (figure.low, figure.value, figure.high) == (1.0, 1.0, 1.0)


def test_no_values_are_an_error() -> None:
    with pytest.raises(ValueError, match="scored no question"):
        mean_with_interval("x", [])
