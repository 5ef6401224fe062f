"""The bundled rules against trying completions: what is likely or unlikely stays so whatever the untold facts turn out to be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from bot.eligibility.answers import answered, possible_answers
from bot.eligibility.assessments import Assessment, Likelihood, assess_all
from bot.situation import Range, Situation
from eval.households import made_households
from knowledge.catalogue import Catalogue
from tests.bot.small_rules import RULES, number, situation, yuan

CATALOGUE = Catalogue.bundled()
ON = date(2026, 11, 21)
TAKEN_FOR_GRANTED = {"self.lives_in": "changning", "household.receives": "none"}
"""Not told, these count as this: whoever asks lives here, and whoever receives something says so. Documented with the rules."""
TOLD_INSTEAD = frozenset({"household.last_year_income_yuan", "household.necessary_spending_yuan_12m"})
"""While they are not told, twelve times the month and at least the medical costs stand for them; other amounts would contradict
those."""


def likelihoods(told: Situation, on: date = ON) -> dict[str, Likelihood]:
    return {a.programme: a.likelihood for a in assess_all(told, CATALOGUE, on)}


def part_of(answers: dict, chance: Random) -> tuple[Situation, list[str]]:
    names = chance.sample(sorted(answers), chance.randint(3, len(answers) - 5))
    told = Situation()
    for name in names:
        told = answered(told, name, answers[name])
    return told, [name for name in sorted(answers) if name not in names]


def completed(told: Situation, open_names: list[str], chance: Random) -> Situation:
    own_is_told = told.value("self.income_yuan") is not None
    for name in open_names:
        if own_is_told and name == "household.monthly_income_yuan":
            continue                                    # less than one's own income would contradict it
        # To be without a home and yet in no need would contradict itself.
        possible = [] if name in TOLD_INSTEAD else [a for a in possible_answers(CATALOGUE.facts[name]) if a != "homeless"]
        if possible:
            told = answered(told, name, TAKEN_FOR_GRANTED.get(name) or chance.choice(possible))
    return told


@pytest.mark.parametrize("seed", range(25))
def test_a_settled_verdict_holds_for_every_completion_tried(seed: int):
    chance = Random(seed)
    [household] = made_households(1, seed, CATALOGUE.facts)
    told, open_names = part_of(dict(household.answers), chance)
    before = likelihoods(told)
    for _ in range(6):
        after = likelihoods(completed(told, open_names, chance))
        wrong = {p: (before[p], after[p]) for p in before if before[p] != "cannot_tell" and after[p] != before[p]}
        assert wrong == {}


def test_what_cannot_be_told_has_completions_of_both_kinds():
    told = situation(household__size=number(1), self__hukou="shanghai", household__financial_assets_yuan=yuan(0))
    assert likelihoods(told)["dibao"] is Likelihood.CANNOT_TELL
    found = {likelihoods(told.with_fact("household.monthly_income_yuan", yuan(amount)))["dibao"] for amount in (0, 9000)}
    assert found == {Likelihood.LIKELY, Likelihood.UNLIKELY}


@pytest.mark.parametrize("day", [date(2024, 7, 1), date(2025, 7, 1), date(2026, 7, 1)])
def test_the_days_before_and_after_a_standard_changes_give_the_two_right_answers(day: date):
    eve = day - timedelta(days=1)
    old, new = (CATALOGUE.parameters["dibao.standard"].value_on(on).value for on in (eve, day))
    assert old is not None
    assert new is not None
    assert old < new
    told = situation(household__size=number(1), self__hukou="shanghai", household__financial_assets_yuan=yuan(0),
                     household__monthly_income_yuan=Range.exactly(old * 100))
    assert (likelihoods(told, eve)["dibao"], likelihoods(told, day)["dibao"]) == (Likelihood.UNLIKELY, Likelihood.LIKELY)


@pytest.mark.parametrize(("savings", "expected"), [
    (20_000, Likelihood.LIKELY), (20_001, Likelihood.CANNOT_TELL), (50_000, Likelihood.CANNOT_TELL), (50_001,
    Likelihood.UNLIKELY)])
def test_an_unverified_number_decides_only_where_its_whole_plausible_range_does(savings: int, expected: Likelihood):
    told = situation(household__size=number(1), self__hukou="shanghai", household__monthly_income_yuan=yuan(500),
                     household__financial_assets_yuan=yuan(savings))
    found: dict[str, Assessment] = {a.programme: a for a in assess_all(told, RULES, ON)}
    assert found["basic"].likelihood is expected
    assert (found["basic"].to_confirm == ("savings",)) is (expected is Likelihood.CANNOT_TELL)


@pytest.mark.parametrize("seed", range(10))
def test_widening_a_number_never_settles_a_verdict(seed: int):
    chance = Random(seed)
    [household] = made_households(1, 100 + seed, CATALOGUE.facts)
    told, _ = part_of(dict(household.answers), chance)
    before = likelihoods(told)
    for name, value in list(told.known()):
        if isinstance(value, Range) and value.exact is not None:
            apart = Decimal(1 if name == "household.size" else 100)
            wide = Range(max(Decimal(0), value.exact - apart), value.exact + apart)
            after = likelihoods(told.with_fact(name, wide))
            assert {p: (before[p], after[p]) for p in before if after[p] not in (before[p], "cannot_tell")} == {}, name
