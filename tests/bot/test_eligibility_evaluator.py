"""The evaluator: conditions over what is known, with parameters of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.eligibility.evaluator import Evaluation, evaluate
from bot.eligibility.rulebook import RuleError
from bot.eligibility.verdicts import Verdicts
from bot.situation import Situation
from knowledge.parameters import Confidence, DatedValue
from knowledge.programmes import All, AnyOf, Condition, Not, Operator, Rule
from tests.bot.small_rules import HUKOU, LAW, NEARLY_POOR, ON, POOR, RULES, SAVINGS, between, condition, number, situation, yuan


def result(rule: Rule, told: Situation, on: date = ON, rules=RULES) -> Evaluation:
    return evaluate(rule, Verdicts(told, rules, on).facts, rules, on)


def single(income: int, savings: int = 0) -> Situation:
    return situation(household__size=number(1), household__monthly_income_yuan=yuan(income),
                     household__financial_assets_yuan=yuan(savings), self__hukou="shanghai")


@pytest.mark.parametrize(("income", "expected"), [(999, True), (1000, False), (1001, False)])
def test_below_the_line_does_not_include_the_line(income: int, expected: bool):
    assert result(POOR, single(income)).result is expected


@pytest.mark.parametrize(("operator", "at_line"), [
    (Operator.BELOW, False), (Operator.AT_MOST, True), (Operator.ABOVE, False), (Operator.AT_LEAST, True), (Operator.IS, True)])
def test_each_operator_exactly_on_the_line(operator: Operator, at_line: bool):
    assert result(replace(POOR, operator=operator), single(1000)).result is at_line


def test_an_unknown_fact_is_never_a_no():
    assert result(POOR, Situation()).result is None
    assert result(HUKOU, Situation()).result is None


def test_a_refused_fact_stays_unknown():
    assert result(HUKOU, Situation().with_refused("self.hukou")).result is None


@pytest.mark.parametrize(("low", "high", "expected"), [
    (500, 900, True), (900, 1100, None), (1000, 1100, False), (1200, None, False)])
def test_a_range_decides_only_as_a_whole(low: int, high: int | None, expected: bool | None):
    told = single(0).with_fact("household.monthly_income_yuan", between(low, high))
    assert result(POOR, told).result is expected


def test_an_unknown_head_count_still_decides_when_no_number_of_people_could_change_it():
    assert result(POOR, situation(household__monthly_income_yuan=yuan(900))).result is True
    assert result(POOR, situation(household__monthly_income_yuan=yuan(1100))).result is None


@pytest.mark.parametrize(("savings", "expected"), [(20_000, True), (20_001, None), (50_000, None), (50_001, False)])
def test_an_unverified_threshold_decides_only_where_its_whole_range_does(savings: int, expected: bool | None):
    assert result(SAVINGS, single(0, savings)).result is expected


def test_two_parameters_are_multiplied_and_the_less_sure_one_counts():
    finding = next(result(NEARLY_POOR, single(1999)).findings())
    assert finding.result is True
    assert (finding.threshold.shown, finding.threshold.parameter) == (Decimal(2000), "line × twice")
    assert finding.threshold.confidence is Confidence.RECALLED


def test_the_trace_says_value_threshold_first_day_and_source():
    finding = next(result(POOR, single(900)).findings())
    assert finding.value == yuan(900)
    assert (finding.threshold.range, finding.threshold.shown) == (yuan(1000), Decimal(1000))
    assert (finding.threshold.since, finding.threshold.reference) == (date(2020, 1, 1), LAW)


def test_an_unverified_number_is_not_there_to_be_spoken():
    assert next(result(SAVINGS, single(0)).findings()).threshold.shown is None


def test_the_day_before_a_new_standard_still_has_the_old_one():
    old = DatedValue(Decimal(900), date(2025, 7, 1), Confidence.OFFICIAL, LAW)
    new = DatedValue(Decimal(1000), date(2026, 7, 1), Confidence.OFFICIAL, LAW)
    rules = replace(RULES, parameters={**RULES.parameters, "line": replace(RULES.parameters["line"], history=(new, old))})
    days = (date(2026, 6, 30), date(2026, 7, 1))
    assert [result(POOR, single(950), day, rules).result for day in days] == [False, True]


def test_a_day_before_all_history_leaves_the_condition_open_and_says_why():
    finding = next(result(POOR, single(900), date(2019, 12, 31)).findings())
    assert finding.result is None
    assert "'line' has no value on 2019-12-31" in (finding.threshold.problem or "")


YES = condition("self.a", Operator.IS, constant=True)
NO = condition("self.b", Operator.IS, constant=True)
OPEN = condition("self.c", Operator.IS, constant=True)
THREE = situation(self__a=True, self__b=False)


@pytest.mark.parametrize(("rule", "expected"), [
    (All((YES, OPEN)), None), (All((NO, OPEN)), False), (AnyOf((YES, OPEN)), True), (AnyOf((NO, OPEN)), None),
    (Not(NO), True), (Not(OPEN), None), (All((YES, Not(NO))), True),
])
def test_rules_combine_in_three_values(rule: Rule, expected: bool | None):
    assert result(rule, THREE).result is expected


@pytest.mark.parametrize(("rule", "reasons"), [
    (All((YES, NO)), ["self.b"]),                       # of a failed rule what fails it
    (AnyOf((YES, NO)), ["self.a"]),                     # of a fulfilled alternative what fulfils it
    (All((YES, OPEN)), ["self.a", "self.c"]),           # while open: what is fulfilled and what is open
    (AnyOf((NO, OPEN)), ["self.c"]),
    (All((YES, Not(NO))), ["self.a", "self.b"]),
])
def test_reasons_are_the_findings_the_result_rests_on(rule: Rule, reasons: list[str]):
    assert [finding.condition.id for finding in result(rule, THREE).reasons()] == reasons


def test_a_choice_may_be_one_of_several_and_a_level_may_be_told_as_number():
    care = condition("self.self_care", Operator.IN, constant=("partial", "none"))
    assert [result(care, situation(self__self_care=said)).result for said in ("none", "full")] == [True, False]
    assert result(condition("self.level", Operator.IN, constant=("1", "2")), situation(self__level=number(2))).result is True


@pytest.mark.parametrize(("wrong", "message"), [
    (condition("self.age", Operator.AT_LEAST, parameter="line"), "amounts of money go with facts named …_yuan"),
    (condition("self.age", Operator.AT_LEAST, parameter="no.such"), "'no.such', which the handbook does not hold"),
    (condition("self.age", Operator.AT_LEAST, constant="60"), "amounts, ages and counts of policy are parameters"),
    (condition("self.hukou", Operator.IS, parameter="twice"), "'shanghai' and no number"),
    (condition("self.age", Operator.IS, constant="sixty"), "compares the number 'self.age' with 'sixty'"),
])
def test_a_rule_that_makes_no_sense_is_an_error_that_names_it(wrong: Condition, message: str):
    with pytest.raises(RuleError, match=message):
        result(wrong, situation(self__age=number(70), self__hukou="shanghai"))
