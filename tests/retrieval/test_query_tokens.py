"""A question's words in the fields: one gathering gives the same figures as counting text by text."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.entries import Entry
from retrieval.lexical_fields import LexicalFields
from retrieval.query_tokens import QueryTokens
from retrieval.words import Words
from tests.retrieval.small_release import LEXICON

WORDS = Words(LEXICON)
ENTRIES = (
    Entry("社会救助法", "最低生活保障的审核在二十个工作日内完成", (), "第二条", ("低保要等多少天", "审核结果啥辰光晓得")),
    Entry("社会救助法", "医疗救助由部门负责", ("医疗",), "第三条"),
    Entry("慈善法", "募捐应当备案", (), "第九条", ("捐款要不要登记",)),
)
FIELDS = LexicalFields.build(ENTRIES, WORDS)
ALL = np.arange(3, dtype=np.int32)


def tokens(question: str) -> QueryTokens:
    return QueryTokens(WORDS.question(question), FIELDS)


def test_own_questions_count_together_and_each_word_once() -> None:
    both, one = tokens("等多少天 审核结果").asked_scores, tokens("等多少天").asked_scores
    assert both[0] > one[0] > 0
    assert both[1] == 0


def test_a_text_that_says_all_that_is_asked_is_covered_wholly() -> None:
    assert tokens("最低生活保障审核").figures(ALL).coverage[0] == pytest.approx(1.0)


def test_a_word_of_its_own_questions_counts_as_said() -> None:
    assert tokens("捐款登记").figures(ALL).coverage.tolist() == pytest.approx([0, 0, 1])


def test_the_same_question_is_wholly_alike_and_a_text_without_questions_has_no_likeness() -> None:
    alike = tokens("捐款要不要登记").figures(ALL).asked_as
    assert alike[2] == pytest.approx(1.0)
    assert np.isnan(alike[1])


def test_title_and_headings_are_a_field_of_their_own() -> None:
    context = tokens("医疗").figures(ALL).context_coverage
    assert (context[1], context[0]) == (1, 0)


def test_figures_do_not_depend_on_which_other_texts_are_measured() -> None:
    question = tokens("低保审核多久")
    whole, some = question.figures(ALL), question.figures(np.array([2, 0], np.int32))
    for name in whole.__slots__:
        assert getattr(some, name).tolist() == pytest.approx(getattr(whole, name)[[2, 0]].tolist(), nan_ok=True)


@pytest.mark.parametrize("question", ["", "？", "zzz", "的了吗"])
def test_a_question_without_known_words_scores_nothing(question: str) -> None:
    made = tokens(question)
    assert not made.text_scores.any()
    assert not made.figures(ALL).coverage.any()


def test_fields_of_no_entries_are_empty() -> None:
    none = QueryTokens(WORDS.question("低保"), LexicalFields.build([], WORDS))
    assert none.figures(np.zeros(0, np.int32)).text_share.tolist() == []


def test_a_word_is_as_rare_as_the_entries_that_hold_it_or_are_asked_with_it() -> None:
    assert FIELDS.rarity("捐款") < FIELDS.rarity("公积金")
