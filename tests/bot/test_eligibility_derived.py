"""Derived facts: what follows from what was told, and what is missing for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.eligibility.answers import answered
from bot.eligibility.derived import HouseholdFacts
from bot.eligibility.rulebook import RuleError
from bot.eligibility.verdicts import Verdicts
from bot.situation import Member, Range, Situation, Value
from knowledge.facts import FactDefinition, FactType
from tests.bot.small_rules import ON, RULES, between, number, situation, yuan


def facts(told: Situation) -> HouseholdFacts:
    return Verdicts(told, RULES, ON).facts


def household(size: int | None, *members: dict[str, Value]) -> Situation:
    keys = ("self", "spouse", "child1", "child2")
    made = tuple(Member(key, key.rstrip("12"), entry) for key, entry in zip(keys, members, strict=False))
    return Situation(members=made, facts={} if size is None else {"household.size": number(size)})


def test_income_per_head_shares_what_all_have():
    told = situation(household__size=number(3), household__monthly_income_yuan=yuan(4200))
    assert facts(told).value("household.income_per_head_yuan") == yuan(1400)


def test_income_of_a_range_and_a_range_of_people_keeps_all_possibilities():
    told = situation(household__size=Range(Decimal(2), Decimal(3)), household__monthly_income_yuan=between(3000, 6000))
    assert facts(told).value("household.income_per_head_yuan") == between(1000, 3000)


def test_the_income_of_a_person_living_alone_is_the_household_income():
    told = household(1, {"income_yuan": yuan(900)})
    assert facts(told).value("household.monthly_income_yuan") == yuan(900)


def test_incomes_of_all_members_add_up_only_when_all_are_known():
    both = household(2, {"income_yuan": yuan(900)}, {"income_yuan": yuan(1100)})
    one = household(2, {"income_yuan": yuan(900)}, {})
    assert facts(both).value("household.monthly_income_yuan") == yuan(2000)
    assert facts(one).value("household.monthly_income_yuan") == between(900, None)


def test_what_is_told_of_the_whole_household_outweighs_the_sum():
    told = household(1, {"income_yuan": yuan(900)}).with_fact("household.monthly_income_yuan", yuan(1500))
    assert facts(told).value("household.monthly_income_yuan") == yuan(1500)


def test_a_child_living_elsewhere_is_not_of_the_household():
    told = household(1, {"income_yuan": yuan(900)}, {"income_yuan": yuan(9000), "lives_together": False})
    assert facts(told).value("household.monthly_income_yuan") == yuan(900)


def test_the_year_counts_as_twelve_months_until_last_years_income_is_told():
    told = situation(household__size=number(2), household__monthly_income_yuan=yuan(2000))
    assert facts(told).value("household.yearly_income_per_head_yuan") == yuan(12_000)
    told = told.with_fact("household.last_year_income_yuan", yuan(30_000))
    assert facts(told).value("household.yearly_income_per_head_yuan") == yuan(15_000)


def test_income_after_necessary_spending_is_per_head_and_month_and_may_be_negative():
    told = situation(household__size=number(2), household__last_year_income_yuan=yuan(48_000),
                     household__necessary_spending_yuan_12m=yuan(24_000))
    assert facts(told).value("household.income_after_necessary_per_head_yuan") == yuan(1000)
    told = told.with_fact("household.necessary_spending_yuan_12m", yuan(72_000))
    assert facts(told).value("household.income_after_necessary_per_head_yuan") == yuan(-1000)


def test_medical_costs_are_at_least_part_of_the_necessary_spending():
    told = situation(household__size=number(1), household__last_year_income_yuan=yuan(24_000),
                     household__medical_spending_yuan_12m=yuan(12_000))
    assert facts(told).value("household.income_after_necessary_per_head_yuan") == between(None, 1000)


@pytest.mark.parametrize(("medical", "income", "share"), [
    (12_000, 48_000, Range.exactly(25)), (0, 0, Range.exactly(0)), (5_000, 0, Range(Decimal(100), None))])
def test_medical_share_in_percent_even_without_any_income(medical: int, income: int, share: Range):
    told = situation(household__medical_spending_yuan_12m=yuan(medical), household__last_year_income_yuan=yuan(income))
    assert facts(told).value("household.medical_share_percent") == share


def test_one_member_with_shanghai_hukou_is_enough_but_no_needs_all():
    name = "household.any_shanghai_hukou"
    assert facts(household(None, {"hukou": "elsewhere"}, {"hukou": "shanghai"})).value(name) is True
    assert facts(household(2, {"hukou": "elsewhere"}, {})).value(name) is None
    assert facts(household(2, {"hukou": "elsewhere"}, {"hukou": "elsewhere"})).value(name) is False
    assert facts(household(3, {"hukou": "elsewhere"}, {"hukou": "elsewhere"})).value(name) is None


@pytest.mark.parametrize(("level", "kind", "severe"), [
    ("1", None, True), ("2", "肢体", True), ("3", "智力", True), ("3", "精神", True), ("3", "肢体", False), ("3", None, None),
    ("4", None, False), ("none", None, False), (None, "精神", None)])
def test_severe_disability_by_level_and_kind(level: str | None, kind: str | None, severe: bool | None):
    told = {"disability_level": level, "disability_kind": kind}
    told = {name: value for name, value in told.items() if value}
    assert facts(household(1, told)).value("household.any_severe_disability") is severe


@pytest.mark.parametrize(("told", "expected"), [
    ({"age": number(60)}, True),
    ({"age": number(17)}, True),
    ({"age": number(59), "disability_level": "none"}, False),
    ({"age": number(59), "disability_level": "none", "working": "none"}, False),
    ({"age": number(40), "working": "employed"}, False),
    ({"age": number(40), "working": "unable"}, None),                           # perhaps with a disability
    ({"age": number(40), "working": "unable", "disability_level": "none"}, False),
    ({"age": number(40), "working": "unable", "disability_level": "4", "disability_kind": "肢体"}, True),
    ({"age": number(40), "working": "none", "disability_level": "2", "disability_kind": "多重"}, None),
    ({"age": number(40), "disability_level": "2", "disability_kind": "肢体"}, True),
    ({"age": number(40), "disability_level": "2", "disability_kind": "视力", "working": "none"}, False),
    ({"age": number(40), "disability_level": "1", "disability_kind": "视力"}, True),
    ({"age": number(40), "disability_level": "3", "disability_kind": "精神"}, True),
    ({"age": Range(Decimal(58), Decimal(62)), "disability_level": "none", "working": "none"}, None),
    ({}, None),
])
def test_no_work_ability_by_age_disability_or_being_unable(told: dict[str, object], expected: bool | None):
    assert facts(household(None, told)).value("self.no_work_ability") is expected


def test_age_follows_from_the_birth_date_on_the_day():
    told = situation(self__birth_date=date(1954, 11, 22))
    ages = [HouseholdFacts(told, RULES, on, lambda _: None).value("self.age") for on in (date(2026, 11, 21), date(2026, 11, 22))]
    assert ages == [number(71), number(72)]


def test_an_event_is_known_when_told_and_absent_when_said_so():
    assert facts(Situation()).value("household.has_event") is None
    assert facts(answered(Situation(), "event.kind", "fire")).value("household.has_event") is True
    nothing = facts(answered(Situation(), "event.kind", "none"))
    assert (nothing.value("household.has_event"), nothing.values("event.kind")) == (False, ())


def test_being_homeless_is_an_urgent_need():
    assert facts(answered(Situation(), "event.kind", "homeless")).value("household.urgent_need") is True
    assert facts(answered(Situation(), "event.kind", "fire")).value("household.urgent_need") is None


def test_what_is_missing_for_a_derived_fact_are_the_asked_facts_behind_it():
    told = situation(household__size=number(2))
    assert facts(told).missing("household.income_per_head_yuan") == ("household.monthly_income_yuan",)
    told = told.with_fact("household.monthly_income_yuan", between(1000, 3000))
    assert facts(told).missing("household.income_per_head_yuan") == ("household.monthly_income_yuan",)
    told = told.with_fact("household.monthly_income_yuan", yuan(2000))
    assert facts(told).missing("household.income_per_head_yuan") == ()


def test_facts_derived_from_each_other_are_an_error_that_shows_the_circle():
    one = FactDefinition("household.a", "a", FactType.YES_NO, derived_from=("household.b",))
    other = FactDefinition("household.b", "b", FactType.YES_NO, derived_from=("household.a",))
    rules = replace(RULES, facts={**RULES.facts, "household.a": one, "household.b": other})
    with pytest.raises(RuleError, match=r"household\.a → household\.b → household\.a"):
        Verdicts(Situation(), rules, ON).facts.missing("household.a")
