"""Noise: the same seed makes the same slips, and about as many as asked for."""

from __future__ import annotations

import pytest

from eval.noise import NoiseMaker
from knowledge.lexicon import Term, TermKind

QUESTION = "我家里困难，想申请低保，材料要交到街道哪里去，多久能批下来"
LEXICON = (Term("铜钿票", "补助金", TermKind.DIALECT), Term("特因", "特困", TermKind.TYPO))


def changed(question: str, noisy: str) -> int:
    """Characters that differ, counted roughly by length and place."""
    return sum(a != b for a, b in zip(question, noisy, strict=False)) + abs(len(question) - len(noisy))


def test_the_same_seed_makes_the_same_slips_whatever_was_asked_before() -> None:
    first, second = NoiseMaker(seed=3), NoiseMaker(seed=3)
    second.noisy("别的问题")
    assert first.noisy(QUESTION) == second.noisy(QUESTION)


def test_another_seed_makes_other_slips() -> None:
    assert len({NoiseMaker(seed=seed).noisy(QUESTION) for seed in range(8)}) > 4


def test_no_share_changes_nothing_and_the_whole_changes_nearly_everything() -> None:
    assert NoiseMaker(share=0).noisy(QUESTION) == QUESTION
    assert changed(QUESTION, NoiseMaker(share=1).noisy(QUESTION)) > len(QUESTION) / 2


def test_about_one_character_in_ten_comes_out_wrong() -> None:
    letters = "低保特困救助申请材料街道残疾医疗" * 40
    noisy = NoiseMaker(share=0.1).noisy(letters)
    kept = sum(letters.count(letter) for letter in set(letters)) - sum(noisy.count(letter) for letter in set(letters))
    assert 0.04 * len(letters) < kept < 0.12 * len(letters)


def test_characters_are_taken_for_others_of_the_same_sound() -> None:
    heard = {NoiseMaker(seed=seed, share=1).noisy("低") for seed in range(40)}
    assert {"底", "抵", "地"} & heard
    assert "高" not in heard


def test_words_come_out_as_the_lexicon_knows_them_misheard() -> None:
    noisy = {NoiseMaker(LEXICON, seed=seed, share=1).noisy("特困补助金") for seed in range(5)}
    assert noisy == {"特因铜钿票"}


def test_letters_and_numbers_stay() -> None:
    assert NoiseMaker(share=1).noisy("A12, 3.5?") == "A12, 3.5?"


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_outside_0_to_1_is_refused_with_an_example(share: float) -> None:
    with pytest.raises(ValueError, match=rf"{share}.*0\.1"):
        NoiseMaker(share=share)
