"""Explanations: one paragraph to the resident, one line a condition to the advisor."""

from __future__ import annotations

from bot.eligibility.assessments import Assessment, assess_all
from bot.eligibility.explanations import advisors_trace, explained
from bot.situation import Situation
from tests.bot.small_rules import ON, RULES, number, situation, yuan


def assessed(told: Situation) -> Assessment:
    return next(a for a in assess_all(told, RULES, ON) if a.programme == "basic")


def household(income: int, savings: int | None = 0) -> Situation:
    told = situation(household__size=number(1), household__monthly_income_yuan=yuan(income), self__hukou="shanghai")
    return told if savings is None else told.with_fact("household.financial_assets_yuan", yuan(savings))


def said(told: Situation) -> str:
    return explained(assessed(told), RULES.facts, told.refused)


def test_a_likely_programme_says_why_about_how_much_and_who_judges():
    text = said(household(900))
    assert text.startswith("“《basic》”看起来可能符合。因为：")
    assert "= 100 元" in text
    assert "有无特殊困难" in text


def test_one_open_fact_is_named_as_the_last_one_missing():
    assert "还差一条没确认：household.financial_assets_yuan。" in said(household(900, None))


def test_several_open_facts_are_counted():
    assert "还有 4 条没确认" in said(Situation())


def test_a_near_miss_is_said_instead_of_the_reasons():
    text = said(household(1086))
    assert "看起来不太符合" in text
    assert "只差86" in text
    assert "因为" not in text


def test_a_refused_fact_is_said_to_be_open_and_never_taken_for_a_no():
    text = said(household(900, None).with_refused("household.financial_assets_yuan"))
    assert "您不想说的household.financial_assets_yuan" in text
    assert "不会当作没有" in text
    assert "还差一条" not in text


def test_a_number_nobody_confirmed_is_said_so_and_not_spoken():
    text = said(household(900, 30_000))
    assert "还没核实" in text
    assert "20000" not in text


def test_the_advisor_reads_every_condition_with_number_day_and_source():
    lines = advisors_trace(assessed(household(900)))
    assert len(lines) == 3
    assert lines[1] == (
        "符合：household.income_per_head_yuan符合已知 900。"
        "标准 line = 1000，2020-01-01 起，official。依据《救助办法》第三条。")
    assert "savings = 未核实" in lines[2]
