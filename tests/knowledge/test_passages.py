"""Overlong passages are divided between sentences; no character is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.passages import fitted
from knowledge.documents.pieces import LONGEST_PASSAGE, Piece

SENTENCE = "各街镇要落实属地责任，摸清低收入人口底数，及时纳入动态监测。"


def passage(text: str) -> Piece:
    return Piece("五、1.", "1.", text, ("五、实施六项工程",))


def test_a_passage_of_the_longest_size_stays_whole() -> None:
    assert len(fitted([passage("长" * (LONGEST_PASSAGE - 1) + "。")])) == 1


def test_an_overlong_paragraph_is_divided_between_sentences_and_keeps_its_headings() -> None:
    parts = fitted([passage(SENTENCE * 40)])
    assert [part.article for part in parts] == ["五、1.第一部分", "五、1.第二部分"]
    assert [part.label for part in parts] == ["1.", ""]
    assert all(part.text.endswith("。") and part.heading_path == ("五、实施六项工程",) for part in parts)


def test_it_is_rather_divided_where_something_new_begins() -> None:
    text = SENTENCE * 17 + "二是加强核对。" + SENTENCE * 14
    assert fitted([passage(text)])[1].text.startswith("二是加强核对。")


def test_a_sentence_is_not_cut_inside_quotation_marks() -> None:
    quoted = SENTENCE[:-1] + "“应保尽保。”"
    assert all(part.text.endswith("”") for part in fitted([passage(quoted * 40)]))


@pytest.mark.parametrize("text", ["长" * 2000, "长" * 2000 + "。"])
def test_what_has_no_sentence_to_divide_at_stays_whole(text: str) -> None:
    assert [part.text for part in fitted([passage(text)])] == [text]


UNITS = st.sampled_from([SENTENCE, SENTENCE * 3, "（一）甲；\n", "二是乙。", "他说：“好。”", "丙！\n"])


@settings(max_examples=150, deadline=None)
@given(st.lists(UNITS, min_size=1, max_size=60))
def test_the_parts_put_together_are_the_passage(units: list[str]) -> None:
    text = "".join(units).strip()
    parts = fitted([passage(text)])
    assert re.sub(r"\s", "", "".join(part.text for part in parts)) == re.sub(r"\s", "", text)
    assert all(part.text for part in parts)
