"""Assessments: likely, unlikely or cannot tell, why, what is missing, how near, and how much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.eligibility.assessments import Assessment, Likelihood, assess_all
from bot.eligibility.rulebook import RuleError
from bot.situation import Situation
from knowledge.facts import FactType
from knowledge.parameters import Confidence
from knowledge.programmes import All, AnyOf, Benefit, Operator
from tests.bot.small_rules import (
    HUKOU,
    LAW,
    ON,
    POOR,
    RULES,
    SAVINGS,
    SmallRulebook,
    asked,
    between,
    condition,
    number,
    parameter,
    programme,
    situation,
    yuan,
)

LIKELY, UNLIKELY, CANNOT_TELL = Likelihood.LIKELY, Likelihood.UNLIKELY, Likelihood.CANNOT_TELL


def assessed(told: Situation, rules: SmallRulebook = RULES) -> dict[str, Assessment]:
    return {a.programme: a for a in assess_all(told, rules, ON)}


def household(income: int, *, savings: int = 0, size: int = 1, hukou: str = "shanghai") -> Situation:
    return situation(household__size=number(size), household__monthly_income_yuan=yuan(income),
                     household__financial_assets_yuan=yuan(savings), self__hukou=hukou)


def likelihoods(told: Situation) -> dict[str, str]:
    return {programme: a.likelihood.value for programme, a in assessed(told).items()}


def test_only_programmes_with_conditions_for_a_machine_are_assessed_in_the_order_of_the_handbook():
    assert list(assessed(Situation())) == ["edge", "basic", "care"]


def test_a_programme_no_longer_in_force_is_not_assessed():
    ended = replace(RULES.programmes["basic"], in_force_until=ON)
    assert list(assessed(Situation(), SmallRulebook({"basic": ended}, RULES.parameters))) == []


def test_nothing_told_means_nothing_can_be_told_yet():
    assert set(likelihoods(Situation()).values()) == {"cannot_tell"}


def test_the_better_programme_displaces_the_other_whatever_their_order():
    expected = {"basic": "likely", "edge": "unlikely", "care": "likely"}
    assert likelihoods(household(900)) == expected
    turned = replace(RULES, programmes=dict(reversed(RULES.programmes.items())))
    assert {p: a.likelihood.value for p, a in assessed(household(900), turned).items()} == expected


def test_a_displaced_programme_says_by_which():
    [reason] = assessed(household(900))["edge"].because
    assert (reason.condition, reason.result, reason.programme) == ("excludes.basic", False, "basic")
    assert "《basic》" in reason.said


def test_what_is_received_already_displaces_too():
    told = replace(household(1500), receives=frozenset({"basic"}))
    assert likelihoods(told) == {"basic": "unlikely", "edge": "unlikely", "care": "likely"}


def test_a_programme_waits_while_it_is_open_whether_another_displaces_it():
    told = household(900, savings=30_000)                # between the ends of an unverified limit
    edge = assessed(told)["edge"]
    assert edge.likelihood is CANNOT_TELL
    assert [reason.condition for reason in edge.because if reason.result is None] == ["excludes.basic"]


def test_unlikely_names_only_what_fails_but_the_trace_holds_all():
    basic = assessed(household(1500))["basic"]
    assert basic.likelihood is UNLIKELY
    assert [reason.said for reason in basic.because] == ["household.income_per_head_yuan不符合"]
    assert [reason.condition for reason in basic.trace] == ["hukou", "income", "assets"]


def test_missing_are_the_asked_facts_that_could_still_change_the_verdict():
    told = situation(self__hukou="shanghai")
    assert assessed(told)["basic"].missing == (
        "household.size", "household.monthly_income_yuan", "household.financial_assets_yuan")
    assert assessed(told.with_fact("self.hukou", "elsewhere"))["basic"].missing == ()


def test_a_fact_that_cannot_change_anything_is_not_missing():
    nothing = situation(self__hukou="shanghai", household__monthly_income_yuan=yuan(0), household__financial_assets_yuan=yuan(0))
    assert (assessed(nothing)["basic"].likelihood, assessed(nothing)["basic"].missing) == (LIKELY, ())
    some = nothing.with_fact("household.monthly_income_yuan", yuan(1500))
    assert assessed(some)["basic"].missing == ("household.size",)       # alone too much, shared by two not


def test_no_amount_is_asked_for_against_a_limit_that_nobody_knows_at_all():
    unknown = parameter("savings", None, "yuan/person", confidence=Confidence.UNVERIFIED)
    rules = replace(RULES, parameters={**RULES.parameters, "savings": unknown})
    told = situation(self__hukou="shanghai", household__monthly_income_yuan=yuan(0))
    basic = assessed(told, rules)["basic"]
    assert (basic.likelihood, basic.missing) == (CANNOT_TELL, ())


def test_an_amount_in_doubt_is_missing_only_while_its_ends_disagree():
    told = household(0).with_fact("household.monthly_income_yuan", between(900, 1100))
    assert assessed(told)["basic"].missing == ("household.monthly_income_yuan",)
    told = household(0).with_fact("household.monthly_income_yuan", between(800, 900))
    assert assessed(told)["basic"].likelihood is LIKELY


def test_a_fact_known_exactly_is_not_asked_again_where_only_the_policys_number_is_in_doubt():
    basic = assessed(household(900, savings=30_000))["basic"]
    assert (basic.likelihood, basic.missing, basic.to_confirm) == (CANNOT_TELL, (), ("savings",))


def test_a_refused_fact_is_still_missing():
    told = situation(self__hukou="shanghai").with_refused("household.size")
    assert "household.size" in assessed(told)["basic"].missing


@pytest.mark.parametrize(("income", "distance"), [(1086, 86), (1100, 100), (1101, None), (2000, None)])
def test_a_near_miss_says_by_how_much_within_its_share_of_the_line(income: int, distance: int | None):
    miss = assessed(household(income))["basic"].near_miss
    assert (miss.said if miss else None) == (f"只差{distance}" if distance else None)
    if miss is not None:
        assert miss.distance.exact == distance


def test_a_near_miss_of_a_range_says_both_ends():
    told = household(0).with_fact("household.monthly_income_yuan", between(1020, 1080))
    assert assessed(told)["basic"].as_dict()["near_miss"] == {
        "condition": "income", "distance_yuan": {"min": 20, "max": 80}, "said": "只差20～80"}


def test_exactly_on_the_line_is_said_without_a_distance_of_nothing():
    miss = assessed(household(1000))["basic"].near_miss
    assert miss is not None
    assert (miss.distance.exact, miss.said) == (0, "household.income_per_head_yuan不符合")


def test_two_failed_conditions_are_no_near_miss():
    assert assessed(household(1050, savings=60_000))["basic"].near_miss is None


@pytest.mark.parametrize(("income", "size", "amount"), [(900, 1, 100), (1000, 2, 1000), (0, 3, 3000)])
def test_the_estimate_is_the_difference_for_each_person(income: int, size: int, amount: int):
    benefit = assessed(household(income, size=size))["basic"].as_dict()["benefit"]
    assert (benefit["amount_yuan"], benefit["per"], benefit["per_person"]) == (amount, "month", False)
    assert f"= {amount} 元" in benefit["working"]


def test_the_estimate_is_rounded_to_the_fen_only_at_the_end():
    assert assessed(household(1000, size=3))["basic"].as_dict()["benefit"]["amount_yuan"] == 2000


def test_the_estimate_of_a_range_is_a_range():
    told = household(0).with_fact("household.monthly_income_yuan", between(700, 900))
    assert assessed(told)["basic"].as_dict()["benefit"]["amount_yuan"] == {"min": 100, "max": 300}


def test_no_estimate_when_unlikely_or_when_a_fact_for_it_is_unknown():
    assert assessed(household(1500))["basic"].benefit is None
    assert assessed(situation(self__hukou="shanghai"))["basic"].benefit is None


def test_nobody_is_given_more_than_the_standard_even_with_spending_above_income():
    after = "household.income_after_necessary_per_head_yuan"
    rules = replace(RULES, programmes={"rigid": programme(
        "rigid", condition(after, Operator.BELOW, parameter="line"), benefit=Benefit("difference", "line", after))})
    told = household(1000).with_fact("household.necessary_spending_yuan_12m", yuan(100_000))
    assert assessed(told, rules)["rigid"].as_dict()["benefit"]["amount_yuan"] == 1000


def test_a_cap_is_an_amount_up_to_for_each_person():
    rules = SmallRulebook(
        {"urgent": programme("urgent", HUKOU, benefit=Benefit("up_to", "cap", per="once"))},
        {"cap": parameter("cap", 500, "yuan/person")})
    benefit = assessed(situation(self__hukou="shanghai"), rules)["urgent"].as_dict()["benefit"]
    assert (benefit["amount_yuan"], benefit["per_person"]) == ({"min": 0, "max": 500}, True)
    assert benefit["working"] == "每人最多 500 元"


def test_an_unverified_standard_gives_no_amount():
    rules = replace(RULES, parameters={**RULES.parameters, "line": parameter(
        "line", 1000, confidence=Confidence.UNVERIFIED, low=900, high=1100)})
    basic = assessed(household(500), rules)["basic"]
    assert (basic.likelihood, basic.benefit) == (LIKELY, None)
    assert basic.as_dict()["because"][1]["value"] is None


def test_a_remembered_number_is_flagged_when_it_took_part():
    outcomes = assessed(household(1500))
    assert (outcomes["edge"].recalled, outcomes["basic"].recalled) == (True, False)


def test_the_dictionary_form_holds_what_the_interface_promises():
    told = household(900)
    [_, basic, _] = assess_all(told, RULES, ON, lambda reference: f"{reference.document}#{reference.article}")
    written = basic.as_dict()
    assert {"programme", "name", "likelihood", "because", "missing", "near_miss", "judged", "benefit"} <= set(written)
    assert (written["programme"], written["name"], written["likelihood"]) == ("basic", "《basic》", "likely")
    assert written["judged"] == ["有无特殊困难"]
    income = written["because"][1]
    assert {key: income[key] for key in ("condition", "result", "clause_id", "parameter", "value", "said")} == {
        "condition": "income", "result": True, "clause_id": "救助办法#第三条", "parameter": "line", "value": 1000,
        "said": "household.income_per_head_yuan符合"}
    assert (income["fact_value"], income["since"], income["confidence"]) == (900, "2020-01-01", "official")


def test_a_reference_that_no_clause_answers_has_no_clause_id():
    assert assessed(household(900))["basic"].because[0].clause_id is None


def test_an_open_condition_is_said_with_the_name_of_its_fact():
    income = next(reason for reason in assessed(Situation())["basic"].because if reason.condition == "income")
    assert (income.result, income.said) == (None, "还不清楚：人均月收入")


def test_programmes_that_wait_for_each_other_are_an_error_that_shows_the_circle():
    rules = SmallRulebook({
        "one": programme("one", condition("programme.other", Operator.IS, constant=True)),
        "other": programme("other", condition("programme.one", Operator.IS, constant=True))})
    with pytest.raises(RuleError, match="one → other → one"):
        assessed(Situation(), rules)


def test_a_rule_about_an_unknown_programme_is_an_error_that_names_it():
    rules = SmallRulebook({"one": programme("one", condition("programme.nosuch", Operator.IS, constant=True))})
    with pytest.raises(RuleError, match=r"programme\.nosuch"):
        assessed(Situation(), rules)


def test_an_event_of_the_right_kind_is_enough_and_no_event_is_a_no():
    rules = SmallRulebook(
        {"relief": programme("relief", AnyOf((condition("event.kind", Operator.IN, constant=("fire", "accident")),)))},
        {}, {"event.kind": asked("event.kind", FactType.CHOICE, "fire", "accident", "other", "none")})
    told = Situation(events=({"kind": "other"}, {"kind": "fire"}))
    assert assessed(told, rules)["relief"].likelihood is LIKELY
    assert assessed(Situation(events=({"kind": "other"},)), rules)["relief"].likelihood is UNLIKELY
    assert assessed(Situation(), rules)["relief"].missing == ("event.kind",)


def test_any_member_is_enough_and_no_needs_the_whole_household():
    rules = SmallRulebook({"ill": programme("ill", condition("any_member.serious_illness", Operator.IS, constant=True))}, {}, {})
    two = situation(household__size=number(2), self__serious_illness=False)
    assert assessed(two, rules)["ill"].likelihood is CANNOT_TELL
    assert assessed(two.with_fact("spouse.serious_illness", True), rules)["ill"].likelihood is LIKELY
    assert assessed(two.with_fact("spouse.serious_illness", False), rules)["ill"].likelihood is UNLIKELY


def test_the_source_of_each_reason_is_kept():
    assert {reason.reference for reason in assessed(household(900))["basic"].trace} == {LAW}
    assert All((HUKOU, POOR, SAVINGS)) == RULES.programmes["basic"].conditions
