"""An index that looks away from questions behaves as if nobody had asked them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from eval.policy_questions import PolicyQuestion
from eval.ranking_training.examples import CONDITIONS, NOT_JUDGED, Example, PolicyExamples
from eval.ranking_training.questions_left_out import ForgetfulIndex
from knowledge.policy_documents import Kind, Rank
from retrieval.entries import Entry
from retrieval.hybrid import HybridIndex, embedded_texts
from retrieval.index import entries_of
from retrieval.ranking_features import FEATURES
from retrieval.words import Words
from tests.retrieval.small_release import DAY, LEXICON, REGION, LetterEmbedder, clause, document, release

ENTRIES = (
    Entry("社会救助法", "审核应当在二十个工作日内完成", (), "第二条", ("低保要等多少天", "审核啥辰光好")),
    Entry("社会救助法", "医疗救助由部门负责", (), "第三条", ("看病的钱谁来管",)),
    Entry("慈善法", "募捐应当备案", (), "第九条"),
)
EMBEDDER, WORDS = LetterEmbedder(), Words(LEXICON)


def forgetful(entries: tuple[Entry, ...] = ENTRIES) -> ForgetfulIndex:
    return ForgetfulIndex(entries, WORDS, EMBEDDER, EMBEDDER.embed_passages(embedded_texts(entries)))


def look(index: HybridIndex, question: str = "低保要等多少天") -> dict[int, tuple[float, float, float]]:
    """Likeness, cosine with own questions and BM25 of own questions, by position."""
    found = index.find(question, np.ones(len(index.entries), np.bool_), 0.45)
    columns = (found.words.asked_as.tolist(), found.meaning.asked_cosine.tolist(), found.words.asked_share.tolist())
    return dict(zip(found.positions.tolist(), zip(*columns, strict=True), strict=True))


def test_with_nothing_left_out_it_is_the_same_index() -> None:
    with forgetful().without(np.zeros(3, np.bool_)) as index:
        assert look(index)[0] == pytest.approx(look(HybridIndex.build(ENTRIES, WORDS, EMBEDDER))[0], abs=1e-5)


def test_a_question_left_out_leaves_the_others_of_its_entry() -> None:
    with forgetful().without(np.array([True, False, False])) as index:
        likeness, cosine, share = look(index)[0]
    without = HybridIndex.build((replace(ENTRIES[0], asked_as=("审核啥辰光好",)), *ENTRIES[1:]), WORDS, EMBEDDER)
    assert (likeness, cosine) == pytest.approx(look(without)[0][:2], abs=0.05)
    assert likeness < 0.5
    assert share < 0.5


def test_an_entry_with_all_its_questions_left_out_has_none() -> None:
    with forgetful().without(np.array([True, True, False])) as index:
        likeness, cosine, share = look(index)[0]
    assert np.isnan(likeness)
    assert np.isnan(cosine)
    assert share == 0


def test_afterwards_everything_is_remembered_again() -> None:
    made = forgetful()
    before = look(made.index)[0]
    with made.without(np.ones(3, np.bool_)) as index:
        assert np.isnan(look(index)[0][0])
    assert look(made.index)[0] == pytest.approx(before)


# --- examples --------------------------------------------------------------------------------------------------------

LAW, OTHER = document("社会救助法"), document("慈善法")
HANDBOOK = document("一本通·低保", kind=Kind.HANDBOOK, rank=Rank.HANDBOOK)
QUESTION = PolicyQuestion("P1", "低保审核多久", DAY, {("社会救助法.md", "第二条"): 2, ("慈善法.md", "第九条"): 0})


@pytest.fixture(scope="module")
def making() -> PolicyExamples:
    section = clause(HANDBOOK, "多久", "一般二十个工作日")
    law, other = clause(LAW, "第二条", "审核应当在二十个工作日内完成"), clause(OTHER, "第九条", "募捐审核应当备案")
    asked_as = {section.clause_id: ("低保批下来要几天",), "社会救助法#第二条": ("低保要等多少天", "审核啥辰光好"),
                "慈善法#第九条": ("募捐要审核伐",)}
    base = release(law, other, sections=[section], asked_as=asked_as)
    entries = tuple(entries_of(base))
    return PolicyExamples(base, forgetful(entries), REGION, seed=1)


def column(example: Example, name: str) -> list[float]:
    return [round(float(value), 3) for value in example.features[:, FEATURES.index(name)]]


def test_grades_follow_the_judgements_and_the_handbook_has_none(making: PolicyExamples) -> None:
    (example,) = making.of_questions([QUESTION], "all")
    graded = dict(zip(example.names, example.grades.tolist(), strict=True))
    assert graded == {"社会救助法.md#第二条": 2, "慈善法.md#第九条": 0, "一本通·低保#多久": NOT_JUDGED}
    assert example.judged == {"社会救助法.md#第二条": 2}


def test_documents_that_answer_have_no_questions_under_the_condition_gold(making: PolicyExamples) -> None:
    has = {}
    for condition in ("all", "gold"):
        (example,) = making.of_questions([QUESTION], condition)
        has[condition] = dict(zip(example.names, column(example, "has_asked"), strict=True))["社会救助法.md#第二条"]
    assert has == {"all": 1.0, "gold": 0.0}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_question_people_ask_never_sees_itself(making: PolicyExamples, condition: str) -> None:
    for example in making.of_asked(10, date(2026, 11, 21), condition):
        assert max(column(example, "asked_as")) < 0.99
        assert example.source == f"asked {condition}"
        assert set(example.judged.values()) == {2}
