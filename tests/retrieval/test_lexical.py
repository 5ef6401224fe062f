"""BM25 over tokens: rarer words count more, added words by weight, and an index may be empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.lexical import LexicalIndex

TEXTS = [["低保", "申请", "街道"], ["医疗", "救助", "申请"], ["临时", "救助", "申请", "申请"], []]


@pytest.fixture
def index() -> LexicalIndex:
    return LexicalIndex.build(TEXTS)


def test_only_texts_with_a_word_in_common_score(index: LexicalIndex) -> None:
    assert np.flatnonzero(index.scores(["低保"])).tolist() == [0]


def test_a_rarer_word_is_worth_more(index: LexicalIndex) -> None:
    assert index.rarity("低保") > index.rarity("救助") > index.rarity("申请")


def test_an_unknown_word_is_the_rarest_and_scores_nothing(index: LexicalIndex) -> None:
    assert index.rarity("公积金") > index.rarity("低保")
    assert not index.scores(["公积金"]).any()


def test_an_added_word_counts_by_its_weight(index: LexicalIndex) -> None:
    whole, half = index.scores(["医疗"]), index.scores([], [("医疗", 0.5)])
    assert half[1] == pytest.approx(whole[1] / 2)


def test_holders_name_each_text_once(index: LexicalIndex) -> None:
    assert sorted(index.holders("申请").tolist()) == [0, 1, 2]
    assert index.holders("公积金").tolist() == []


def test_a_saved_index_scores_the_same(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path, len(TEXTS))
    question = ["救助", "申请"]
    assert loaded.scores(question).tolist() == index.scores(question).tolist()
    assert loaded.rarity("申请") == index.rarity("申请")


@pytest.mark.parametrize("texts", [[], [[]], [[], []]])
def test_an_index_of_nothing_scores_nothing_also_after_saving(texts: list[list[str]], tmp_path: Path) -> None:
    index = LexicalIndex.build(texts)
    index.save(tmp_path)
    for each in (index, LexicalIndex.load(tmp_path, len(texts))):
        assert each.scores(["低保"]).tolist() == [0.0] * len(texts)
        assert each.holders("低保").tolist() == []
