"""Answer signs: what is asked for, and whether a text looks like an answer to it."""

from __future__ import annotations

import pytest

from retrieval.answer_signs import answer_signs, asked_for, asks_for_reports, shown_by


def names(flags: object) -> set[str]:
    return {sign.name for sign, flag in zip(answer_signs(), flags, strict=True) if flag}


@pytest.mark.parametrize(
    ("question", "wanted"),
    [("低保审批要等多久", "how_long"), ("护理补贴一个月几钿", "how_much"), ("这个归谁管", "who"), ("要带什么材料", "materials"),
     ("骗保查出来怎么处罚", "penalty"), ("能不能再申请一次", "may"), ("2024年打算做多少户", "reports")],
)
def test_a_question_tells_what_it_asks_for(question: str, wanted: str) -> None:
    assert wanted in names(asked_for(question))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("应当在二十个工作日内作出决定", "how_long"), ("每人每月1600元", "how_much"), ("由街道办事处负责受理", "who"),
     ("如实提供身份证和户口簿", "materials"), ("责令退回，并处罚款", "penalty"), ("残疾人可以单独提出", "may"),
     ("惠及3.43万人次", "reports")],
)
def test_a_text_shows_what_it_answers(text: str, shown: str) -> None:
    assert shown in names(shown_by([text])[0])


def test_a_bare_greeting_asks_for_nothing() -> None:
    assert names(asked_for("你好")) == set()


@pytest.mark.parametrize("question", ["去年我们家没批下来，今年还能申请吗", "孩子明年上学有补助伐", "一年发多少钱"])
def test_what_somebody_may_get_is_no_question_about_reports(question: str) -> None:
    assert not asks_for_reports(question)


def test_no_text_shows_nothing() -> None:
    assert shown_by([]).shape == (0, len(answer_signs()))
