"""The share of the dense score, chosen by folds: what the other questions say is best, measured on those left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eval.beir import Dataset, DatasetError
from eval.fusion_grid import SHARES, chosen_by_folds, grid
from retrieval.entries import Entry
from tests.retrieval.small_release import LetterEmbedder


def scores(rows: int, best: float) -> np.ndarray:
    """A grid in which every question likes one share best."""
    column = SHARES.index(best)
    return np.tile(1 - np.abs(np.arange(len(SHARES)) - column) / 20, (rows, 1))


def test_every_fold_chooses_the_share_that_all_questions_like() -> None:
    made = chosen_by_folds("set", scores(20, 0.3))
    assert set(made.chosen) == {0.3}
    assert made.held_out == pytest.approx(1.0)
    assert max(made.whole, key=made.whole.__getitem__) == 0.3


def test_a_share_that_helps_one_question_alone_is_not_measured_on_that_question() -> None:
    odd = scores(10, 0.2)
    odd[0] = scores(1, 1.0)[0] * 20
    made = chosen_by_folds("set", odd, folds=10)
    assert max(made.whole, key=made.whole.__getitem__) == 1.0
    assert 0.2 in made.chosen
    assert made.held_out < max(made.whole.values())


def test_of_equal_shares_the_smaller_is_chosen() -> None:
    assert set(chosen_by_folds("set", np.ones((10, len(SHARES)))).chosen) == {0.0}


def test_the_folds_repeat() -> None:
    random = np.random.default_rng(1).random((30, len(SHARES)))
    assert chosen_by_folds("set", random) == chosen_by_folds("set", random)


def dataset(questions: int) -> Dataset:
    texts = [f"{n}号文件说第{n}件事" for n in range(8)]
    asked = {f"q{n}": f"第{n}件事怎么说" for n in range(questions)}
    return Dataset("小集", tuple(f"d{n}" for n in range(8)), tuple(Entry("", text) for text in texts), asked,
                   {key: {f"d{key[1:]}": 1} for key in asked})


def test_a_set_is_searched_once_and_joined_in_every_share(tmp_path: Path) -> None:
    made = grid(dataset(6), LetterEmbedder(), tmp_path, folds=3)
    assert (made.questions, len(made.by_fold), len(made.whole)) == (6, 3, len(SHARES))
    assert all(0 <= value <= 1 for value in made.whole.values())


def test_fewer_questions_than_folds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="2 questions: 5 folds want at least 5"):
        grid(dataset(2), LetterEmbedder(), tmp_path)
