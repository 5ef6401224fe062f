"""Screening, comparing and cliffs: counts for each programme, who changes on a day, and where earning more leaves less."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.eligibility.rulebook import Rulebook
from bot.screening.cliff import Cliff, cliff
from bot.screening.cliff_plot import draw_cliff, drop_words
from bot.screening.comparison import Comparison, Side
from bot.screening.report import ComparisonReport, Reading, compare_file, screen_file
from bot.screening.screening import ALL, Screening, chosen_programmes
from bot.screening.wording import ScreeningError
from bot.situation import Member, Range, Situation
from knowledge.programmes import All, Benefit, Operator, Tier
from tests.bot.screening_office import CATALOGUE, ON, household_file, screened
from tests.bot.small_rules import RULES, SmallRulebook, condition, number, parameter, programme, situation, yuan

HEAD = "户编号,街镇,家里几口人,全家月收入,全家存款等,户口"
POOR = "P,江苏路街道,1,500,0,上海户口"
JUST_OVER = "N,江苏路街道,1,1740,0,上海户口"
RICH = "R,新泾镇,1,9000,0,上海户口"
SILENT = "S,新泾镇,1,500,,上海户口"
BETWEEN = "B,新泾镇,1,1670,0,上海户口"


def test_households_are_counted_by_standing_by_missing_fact_and_by_subdistrict():
    [block] = screened(household_file(HEAD, POOR, JUST_OVER, RICH, SILENT)).programmes()
    assert block["counts"] == {"likely": 1, "cannot_tell": 1, "unlikely": 2, "near_miss": 1}
    assert block["missing"] == {"household.financial_assets_yuan": 1}
    assert block["subdistricts"]["江苏路街道"] == {"likely": 1, "cannot_tell": 0, "near_miss": 1, "unlikely": 0}
    assert (block["likely"], block["cannot_tell"][0]["household"]) == (["P"], "S")
    assert block["near_misses"][0]["distance"] == 50
    assert "50" in block["near_misses"][0]["said"]
    assert block["estimated_yuan_a_month"] == {"min": 1190.0, "max": 1190.0, "households": 1}


def test_a_household_kept_open_by_an_unconfirmed_standard_says_which():
    [block] = screened(household_file(HEAD, "U,新泾镇,1,500,40000,上海户口")).programmes()
    assert (block["counts"]["cannot_tell"], block["missing"], block["to_confirm"]) == (1, {}, {"dibao.asset_limit": 1})


def test_lists_end_at_their_limit_and_say_so():
    rows = [f"P{place},新泾镇,1,500,0,上海户口" for place in range(5)]
    report = screen_file(Reading(household_file(HEAD, *rows)), Screening(CATALOGUE, ON, ("dibao",)), limit=3)
    [block] = report.programmes()
    assert (block["likely"], block["lists_complete"]) == (["P0", "P1", "P2"], False)


def test_what_counts_as_near_may_be_chosen():
    wide = Screening(CATALOGUE, ON, ("dibao",), Decimal(1))
    report = screen_file(Reading(household_file(HEAD, JUST_OVER)), wide, limit=9)
    assert report.programmes()[0]["counts"]["near_miss"] == 0


def test_programmes_are_chosen_by_id_name_and_other_name():
    assert chosen_programmes("dibao, 医疗救助，临时救助", CATALOGUE, ON) == ("dibao", "yiliao", "linshi")
    assert "dibao" in chosen_programmes(ALL, CATALOGUE, ON)


@pytest.mark.parametrize("wanted", ["", "彩票", "zonghe_bangfu"])
def test_a_programme_that_cannot_be_screened_is_refused_with_those_that_can(wanted: str):
    with pytest.raises(ScreeningError, match="dibao"):
        chosen_programmes(wanted, CATALOGUE, ON)


# -- comparing ---------------------------------------------------------------------------------------------------------


def compared(before: Side, after: Side, *rows: str) -> ComparisonReport:
    comparison = Comparison(before, after, ("dibao",))
    return compare_file(Reading(household_file(HEAD, *rows)), before, after, comparison, limit=9)


def test_a_higher_standard_makes_households_newly_likely_and_raises_amounts():
    sides = Side(CATALOGUE, date(2026, 6, 30), 1), Side(CATALOGUE, date(2026, 7, 1), 1)
    [block] = compared(*sides, POOR, BETWEEN, RICH).programmes()
    assert block["counts"] == {"newly_likely": 1, "no_longer_likely": 0, "amount_changed": 1}
    assert block["newly_likely"] == [
        {"household": "B", "before": "near_miss", "after": "likely", "amount_before_yuan": None, "amount_after_yuan": 20.0}]
    assert [(c["household"], c["amount_before_yuan"], c["amount_after_yuan"]) for c in block["amount_changed"]] == [
        ("P", 1150.0, 1190.0)]
    assert block["amounts_change_yuan_a_month"] == {"min": 40.0, "max": 40.0}


def test_going_back_the_same_households_are_no_longer_likely():
    sides = Side(CATALOGUE, date(2026, 7, 1), 1), Side(CATALOGUE, date(2026, 6, 30), 1)
    [block] = compared(*sides, BETWEEN).programmes()
    assert [change["household"] for change in block["no_longer_likely"]] == ["B"]


def test_a_programme_not_yet_in_force_before_is_newly_likely():
    sides = Side(CATALOGUE, date(2018, 1, 1), 1), Side(CATALOGUE, date(2026, 7, 1), 1)
    [block] = compared(*sides, POOR).programmes()
    assert [(c["before"], c["after"]) for c in block["newly_likely"]] == [("not_in_force", "likely")]


def test_without_a_change_nothing_is_listed():
    side = Side(CATALOGUE, ON, 1)
    assert set(compared(side, side, POOR, BETWEEN, RICH, SILENT).programmes()[0]["counts"].values()) == {0}


# -- cliffs ----------------------------------------------------------------------------------------------------------------

BELOW = condition("household.income_per_head_yuan", Operator.BELOW, parameter="line", id="income")
FALLS = SmallRulebook(
    programmes={one.id: one for one in (
        programme("top_up", All((BELOW,)), benefit=Benefit("difference", "line", "household.income_per_head_yuan")),
        programme("twin", All((BELOW,)), benefit=Benefit("difference", "line", "household.income_per_head_yuan")),
        programme("bonus", All((BELOW,)), benefit=Benefit("tiers", tiers=(Tier("bonus_amount"),))),
    )},
    parameters={one.name: one for one in (parameter("line", 1000), parameter("bonus_amount", 300, "yuan/person/month"))},
    facts=RULES.facts,
)


def along(rules: Rulebook = FALLS, made: Situation | None = None) -> Cliff:
    told = made or situation(household__size=number(1))
    return cliff(told, rules, ON, range(0, 1501, 100))


def test_where_a_fixed_amount_ends_the_household_has_less_although_it_earns_more():
    [drop] = along().drops
    assert (drop.below, drop.at, drop.loss, drop.steep) == (900, 1000, 300, True)
    assert drop.lost["bonus"] == 300


def test_where_income_is_filled_up_every_yuan_earned_is_taken_off():
    [flat] = along().flats
    assert (flat.low, flat.high, flat.programmes) == (0, 900, ("top_up",))


def test_programmes_that_fill_up_to_the_same_standard_are_not_added_up():
    assert [point.total for point in along().points[:2]] == [1300, 1300]


def test_programmes_that_stop_looking_likely_are_named_with_the_income():
    [lost] = along().lost
    assert (lost.at, lost.programmes) == (1000, ("bonus", "top_up", "twin"))


def test_incomes_told_otherwise_give_way_to_the_rising_one():
    made = Situation(
        facts={"household.size": number(1), "household.last_year_income_yuan": yuan(1)},
        members=(Member("self", "self", {"income_yuan": Range.exactly(70_000)}),),
    )
    found = along(made=made)
    assert found.set_aside == ("household.last_year_income_yuan", "self.income_yuan")
    assert found.points[0].total == 1300


@pytest.mark.parametrize("incomes", [[], [5], [5, 4], [-1, 4]])
def test_incomes_that_do_not_rise_are_refused(incomes: list[int]):
    with pytest.raises(ScreeningError, match="--step 50"):
        cliff(situation(household__size=number(1)), FALLS, ON, incomes)


def test_the_drawing_names_each_drop_and_a_smooth_line_says_there_is_none():
    found = along()
    texts = [getattr(shape, "text", "") for shape in draw_cliff(found).shapes]
    assert any(drop_words(found, found.drops)[0] in text for text in texts)
    bundled = along(CATALOGUE, situation(household__size=number(1)))
    assert any("没有" in getattr(shape, "text", "") for shape in draw_cliff(bundled).shapes)
