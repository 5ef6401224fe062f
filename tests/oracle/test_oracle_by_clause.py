"""The oracle itself, on the days and amounts that clauses name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.oracle.answers import amounts, verdicts
from tests.oracle.shrink import PLAIN_HOUSEHOLD, PLAIN_PERSON

BEFORE, ON = date(2026, 6, 30), date(2026, 7, 1)
YES, NO, OPEN = frozenset({True}), frozenset({False}), frozenset({True, False})


def alone(event: str = "none", **facts: Any) -> dict[str, Any]:
    """One person of this city who lives alone, without income or savings. facts: of the household, else of the person."""
    household = {name: facts.pop(name) for name in list(facts) if name in PLAIN_HOUSEHOLD}
    income = household.get("monthly_income_yuan", 0)
    person = {**PLAIN_PERSON, "relation": "self", "away": "none", "guardians": "both", "income_yuan": income, **facts}
    return {"household": {"size": 1, **PLAIN_HOUSEHOLD, **household}, "members": [person], "events": [{"kind": event}]}


def test_income_must_lie_below_the_standard_of_the_day():
    assert [verdicts("dibao", alone(monthly_income_yuan=income), BEFORE) for income in (1649, 1650)] == [YES, NO]
    assert [verdicts("dibao", alone(monthly_income_yuan=income), ON) for income in (1689, 1690)] == [YES, NO]


def test_savings_between_the_plausible_limits_leave_it_open():
    savings = (30_000, 30_001, 100_000, 100_001)
    assert [verdicts("dibao", alone(financial_assets_yuan=each), ON) for each in savings] == [YES, OPEN, OPEN, NO]


def test_dibao_pays_the_difference():
    assert amounts("dibao", alone(monthly_income_yuan=1600), ON) == {Decimal(90)}


def test_who_is_left_with_nothing_gets_the_whole_standard_and_dibao_shuts_nobody_out():
    ill = alone(monthly_income_yuan=1600, last_year_income_yuan=19_200, necessary_spending_yuan_12m=20_000)
    assert verdicts("gangxing", ill, ON) == YES
    assert amounts("gangxing", ill, ON) == {Decimal(1690)}


def test_without_necessary_spending_nobody_is_in_hardship_from_it():
    assert verdicts("gangxing", alone(), ON) == NO


def test_the_act_makes_sixteen_and_seventeen_year_olds_minors():
    child = alone(age=17, working="student", student_stage="senior", able_supporter=False)
    assert [verdicts("tekun", child, day) for day in (BEFORE, ON)] == [NO, YES]


def test_the_act_asks_neither_hukou_nor_permit_of_whoever_meets_an_accident():
    stranger = alone("accident", hukou="elsewhere")
    assert [verdicts("linshi", stranger, day) for day in (BEFORE, ON)] == [NO, YES]


def test_several_kinds_of_the_third_level_are_open():
    papers = (("智力", 3), ("多重", 3), ("多重", 2), ("肢体", 3))
    people = [alone(disability={"kind": kind, "level": level}) for kind, level in papers]
    assert [verdicts("canji_huli", person, ON) for person in people] == [YES, OPEN, YES, NO]


def test_a_level_without_a_certificate_is_none():
    assert verdicts("canji_huli", alone(disability={"kind": "肢体", "level": 1, "certificate": False}), ON) == NO


def test_the_edge_begins_where_dibao_ends():
    incomes = (1689, 1690, 3379, 3380)
    assert [verdicts("dibao_bianyuan", alone(monthly_income_yuan=each), ON) for each in incomes] == [NO, YES, YES, NO]


def test_help_with_contributions_comes_with_a_status():
    poor = alone(medical_insurance="resident")
    well_off = alone(medical_insurance="resident", monthly_income_yuan=9000, last_year_income_yuan=108_000)
    assert [verdicts("yiliao", person, ON) for person in (poor, well_off)] == [YES, NO]
