"""Quantities are found however they are written, and what only looks like one is passed over."""

from __future__ import annotations

import pytest

from knowledge.quantities import quantities_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("二十个工作日内", [("working_days", "20")]),
        ("20 个工作日", [("working_days", "20")]),
        ("自申请之日起七日内", [("days", "7")]),
        ("未满十六周岁", [("age", "16")]),
        ("满18岁", [("age", "18")]),
        ("一倍以上三倍以下的罚款", [("times", "1"), ("times", "3")]),
        ("不超过三个月", [("months", "3")]),
        ("缴费满一年不足五年", [("years", "1"), ("years", "5")]),
        ("百分之八十", [("percent", "80")]),
        ("70%", [("percent", "70")]),
        ("每人不超过500元", [("yuan", "500")]),
        ("1.6万元", [("yuan", "16000")]),
        ("人均15平方米", [("m2", "15")]),
    ],
)
def test_a_number_with_its_unit_is_a_quantity(text: str, found: list[tuple[str, str]]) -> None:
    assert [(q.unit.value, f"{q.value:f}") for q in quantities_in(text)] == found


@pytest.mark.parametrize("text", ["2026年7月1日", "第十六条", "当年", "2024年度", "长民发〔2025〕7号", "日常生活"])
def test_days_of_the_calendar_and_numbers_of_articles_are_none(text: str) -> None:
    assert quantities_in(text) == ()


def test_a_quantity_knows_where_it_stands() -> None:
    text = "应当在十五日内告知"
    found = quantities_in(text)[0]
    assert text[found.start : found.end] == "十五日"
