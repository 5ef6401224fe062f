"""Numbers are read with what they count, so that one that no clause carries is never sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.numbers import Measure, numbers_in, unlocked


def read(text: str) -> list[tuple[str, str]]:
    return [(n.measure.value, n.value) for n in numbers_in(text)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("20个工作日内，可延长至四十五个工作日", [("working_days", "20"), ("working_days", "45")]),
        ("每人不超过500元", [("money", "500")]),
        ("1.6万元、一万六千元、16,000元", [("money", "16000")] * 3),
        ("2026年7月1日起每人每月1690元", [("date", "2026-07-01"), ("money", "1690")]),
        ("请打12345，急救打120", [("phone", "12345"), ("phone", "120")]),
        ("第四十八条第二款", [("article", "48条"), ("article", "2款")]),
        ("长民〔2024〕12号", [("document", "2024/12")]),
        ("不低于70%，即百分之七十", [("percent", "70"), ("percent", "70")]),
        ("年满六十周岁，一级或者二级残疾", [("age", "60"), ("level", "1"), ("level", "2")]),
        ("每次不超过三个月，低保标准的2倍", [("months", "3"), ("times", "2")]),
        ("一般、一定、万一、一本通、统一、十分", []),
        ("七日内", [("days", "7")]),
    ],
)
def test_a_number_is_read_with_its_measure(text: str, numbers: list[tuple[str, str]]) -> None:
    assert read(text) == numbers


def test_a_number_of_the_clause_passes_the_lock_in_any_writing() -> None:
    clause = ["自受理之日起二十个工作日内完成，可延长至四十五个工作日"]
    assert unlocked("一般20个工作日，最长45个工作日", clause, frozenset()) == ()


def test_a_number_that_no_clause_carries_is_stopped() -> None:
    (loose,) = unlocked("一般30个工作日", ["二十个工作日"], frozenset())
    assert (loose.measure, loose.value) == (Measure.WORKING_DAYS, "30")


def test_the_same_figure_with_another_measure_is_stopped() -> None:
    assert unlocked("20天内", ["20个工作日内"], frozenset())
    assert unlocked("可领20元", ["20个工作日内"], frozenset())


def test_a_number_of_the_parameter_table_passes() -> None:
    assert unlocked("每月1690元", [], frozenset({(Measure.MONEY, "1690")})) == ()


def test_a_year_is_carried_by_a_date_in_it_and_not_the_other_way() -> None:
    assert unlocked("2026年起", ["2026年7月1日起施行"], frozenset()) == ()
    assert unlocked("2026年7月1日起", ["2026年起施行"], frozenset())


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error_and_carries_its_own_numbers(text: str) -> None:
    assert unlocked(text, [text], frozenset()) == ()


@given(st.integers(min_value=11, max_value=999_999))
def test_an_invented_amount_never_passes_an_empty_source(amount: int) -> None:
    assert unlocked(f"每月可以领{amount}元", ["每月发放救助金"], frozenset())
