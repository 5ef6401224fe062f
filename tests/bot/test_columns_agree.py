"""The rules over many households at once say of each one what the rules say of it alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from bot.eligibility import column_facts, derived
from bot.eligibility.assessments import Assessment, Likelihood, assess_all
from bot.eligibility.column_assessments import ColumnAssessment, assess_columns
from bot.eligibility.column_situations import columns_of
from bot.eligibility.columns import TRUTHS, Numbers
from bot.situation import Member, Range, Situation
from knowledge.catalogue import Catalogue
from tests.bot.made_households import MadeHouseholds
from tests.bot.small_rules import ON, RULES, number, situation, yuan

CATALOGUE = Catalogue.bundled()
LIKELIHOODS = {True: Likelihood.LIKELY, False: Likelihood.UNLIKELY, None: Likelihood.CANNOT_TELL}


def yuan_at(column: Numbers | None, row: int) -> Range | None:
    if column is None or not np.isfinite(column.low[row]):
        return None
    return Range(*(round(Decimal(float(end[row])), 2) for end in (column.low, column.high)))


def said(assessment: Assessment) -> dict[str, object]:
    miss, benefit = assessment.near_miss, assessment.benefit
    return {
        "programme": assessment.programme,
        "likelihood": assessment.likelihood,
        "missing": set(assessment.missing),
        "near_miss": None if miss is None else (miss.condition, miss.distance),
        "benefit": None if benefit is None else benefit.amount,
        "to_confirm": set(assessment.to_confirm) if assessment.likelihood is Likelihood.CANNOT_TELL else set(),
    }


def said_in_columns(assessment: ColumnAssessment, row: int) -> dict[str, object]:
    miss = assessment.near_miss
    condition = int(miss.condition[row])
    return {
        "programme": assessment.programme.id,
        "likelihood": LIKELIHOODS[TRUTHS[assessment.truths[row]]],
        "missing": {name for name, rows in assessment.missing.items() if rows[row]},
        "near_miss": None if condition < 0 else (miss.conditions[condition].id, yuan_at(miss.distance, row)),
        "benefit": yuan_at(assessment.benefit, row),
        "to_confirm": {name for name, rows in assessment.to_confirm.items() if rows[row]},
    }


@pytest.mark.parametrize("on", [date(2024, 6, 30), date(2026, 11, 21)])
@pytest.mark.parametrize("seed", range(4))
def test_every_programme_says_the_same_of_made_up_households(seed: int, on: date):
    made = MadeHouseholds(CATALOGUE.facts, seed).some(150)
    columns = assess_columns(columns_of(made), CATALOGUE, on)
    for row, one in enumerate(made):
        alone = [said(assessment) for assessment in assess_all(one, CATALOGUE, on)]
        together = [said_in_columns(assessment, row) for assessment in columns.values()]
        for expected, found in zip(alone, together, strict=True):
            assert found == expected, (one, row)


def test_every_derived_fact_has_its_twin_in_columns():
    assert set(column_facts.COMPUTED) == set(derived.COMPUTED)


# -- the day a standard changes ----------------------------------------------------------------------------------------

BOUNDARIES = [
    (date(2024, 6, 30), date(2024, 7, 1)), (date(2025, 6, 30), date(2025, 7, 1)), (date(2026, 6, 30), date(2026, 7, 1)),
]


def alone_with(income: Decimal) -> Situation:
    return Situation(
        facts={
            "household.size": number(1),
            "household.monthly_income_yuan": Range.exactly(income * 100),
            "household.financial_assets_yuan": yuan(1_000),
        },
        members=(Member("self", "self", {"hukou": "shanghai", "lives_in": "changning"}),),
    )


@pytest.mark.parametrize(("eve", "first"), BOUNDARIES)
def test_a_household_between_the_old_and_the_new_standard_is_likely_from_the_first_day_of_the_new(eve: date, first: date):
    old, new = (CATALOGUE.parameters["dibao.standard"].value_on(day).value for day in (eve, first))
    assert old is not None
    assert new is not None
    assert old < new
    made = columns_of([alone_with(old - 1), alone_with(old), alone_with(new - 1), alone_with(new)])
    before, after = (assess_columns(made, CATALOGUE, day, {"dibao"})["dibao"] for day in (eve, first))
    assert [TRUTHS[code] for code in before.truths] == [True, False, False, False]
    assert [TRUTHS[code] for code in after.truths] == [True, True, True, False]


@pytest.mark.parametrize(("eve", "first"), BOUNDARIES)
def test_the_amount_follows_the_standard_from_its_first_day(eve: date, first: date):
    old, new = (CATALOGUE.parameters["dibao.standard"].value_on(day).value for day in (eve, first))
    assert old is not None
    assert new is not None
    made = columns_of([alone_with(Decimal(600))])
    amounts = [yuan_at(assess_columns(made, CATALOGUE, day, {"dibao"})["dibao"].benefit, 0) for day in (eve, first)]
    assert amounts == [Range.exactly(old - 600), Range.exactly(new - 600)]


# -- rules made by hand -------------------------------------------------------------------------------------------------

SOME = [
    situation(),
    situation(self__hukou="elsewhere"),
    situation(self__hukou="shanghai", household__size=number(2), household__monthly_income_yuan=yuan(1_999)),
    situation(self__hukou="shanghai", household__size=number(2), household__monthly_income_yuan=yuan(2_000),
              household__financial_assets_yuan=yuan(10)),
    situation(self__hukou="shanghai", household__size=number(3), household__monthly_income_yuan=yuan(1_000),
              household__financial_assets_yuan=yuan(120_000)),
]


def test_excluding_and_following_programmes_say_the_same_in_columns():
    columns = assess_columns(columns_of(SOME), RULES, ON)
    for row, one in enumerate(SOME):
        assert [said(a) for a in assess_all(one, RULES, ON)] == [said_in_columns(a, row) for a in columns.values()]


def test_another_share_of_the_threshold_may_count_as_near():
    just_over = situation(self__hukou="shanghai", household__size=number(1), household__monthly_income_yuan=yuan(1_150),
                          household__financial_assets_yuan=yuan(10))
    near = [
        assess_columns(columns_of([just_over]), RULES, ON, {"basic"}, near_percent=percent)["basic"].near_miss.near[0]
        for percent in (None, Decimal(14), Decimal(15))
    ]
    assert near == [False, False, True]


def test_households_taken_out_of_many_keep_their_people_and_events():
    made = MadeHouseholds(CATALOGUE.facts, 9).some(80)
    rows = np.array([70, 3, 3, 41])
    taken = assess_columns(columns_of(made).take(rows), CATALOGUE, ON)
    alone = assess_columns(columns_of([made[row] for row in rows]), CATALOGUE, ON)
    for programme, assessment in taken.items():
        assert [said_in_columns(assessment, row) for row in range(4)] == [
            said_in_columns(alone[programme], row) for row in range(4)]


def test_what_is_missing_can_be_left_out_when_only_verdicts_are_wanted():
    columns = assess_columns(columns_of(SOME), RULES, ON, with_missing=False)
    assert [assessment.missing for assessment in columns.values()] == [{}, {}, {}]
