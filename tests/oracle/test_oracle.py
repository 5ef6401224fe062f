"""The product agrees with the oracle: the rules of eight programmes, written twice by different hands, give the same answers.

A quick part of `python -m tests.oracle.compare --households 20000` and of the same with `--partial`.
"""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from bot.eligibility.assessments import Likelihood
from tests.oracle.answers import PROGRAMMES, verdicts
from tests.oracle.compare import LIKELIHOOD, assessed, compare, compare_partial, main, report
from tests.oracle.households import household_and_day
from tests.oracle.numbers import FIRST_DAY, laws
from tests.oracle.partial import partial_of
from tests.oracle.shrink import incomes_agree
from tests.oracle.unsettled import POINTS

COMPLETE = 1200
PARTIAL = 150
SHOWN = 5
NAMES = {point.name for point in POINTS}


def test_product_and_oracle_say_the_same_of_complete_households():
    found = compare(COMPLETE)
    assert {difference.point for difference in found} <= NAMES, "\n".join(report(found, COMPLETE, SHOWN))
    settled = NAMES - {difference.point for difference in found}
    assert not settled, f"product and oracle now agree on {sorted(settled)}: take that out of tests/oracle/unsettled.py"


def test_what_the_product_is_sure_of_holds_however_unknown_facts_turn_out():
    found = compare_partial(PARTIAL, completions=8)
    assert {difference.point for difference in found} <= NAMES, "\n".join(report(found, PARTIAL, SHOWN))


def test_the_households_reach_every_answer_of_every_programme():
    answers = {(programme, LIKELIHOOD[verdicts(programme, *household_and_day(seed))])
               for seed in range(500) for programme in PROGRAMMES}
    every = {(programme, likelihood) for programme in PROGRAMMES for likelihood in Likelihood}
    assert every - answers == {("linshi", Likelihood.CANNOT_TELL)}      # no number of its clauses is unread


def test_a_seed_makes_the_same_household_again():
    assert household_and_day(7) == household_and_day(7)
    assert household_and_day(7) != household_and_day(8)


def test_what_members_have_is_what_the_household_has():
    assert all(incomes_agree(household_and_day(seed)[0]) for seed in range(200))


def test_completions_keep_what_is_told():
    for seed in range(60):
        partial = partial_of(*household_and_day(seed), Random(seed))
        told = {name: value for name, value in partial.facts["household"].items() if not isinstance(value, dict)}
        for whole in partial.completions(Random(seed), 3):
            changed = {name for name, value in told.items() if whole["household"][name] != value}
            assert not changed
            assert incomes_agree(whole)


def test_the_oracle_has_read_nothing_before_the_regulation():
    with pytest.raises(ValueError, match="2019-04-30 lies before 2019-05-01"):
        list(laws(date(2019, 4, 30), ()))
    assert len(list(laws(FIRST_DAY, ("dibao_assets", "bianyuan_assets")))) == 4


def test_a_difference_is_shown_with_its_smallest_household(monkeypatch: pytest.MonkeyPatch):
    """A product that never assesses dibao differs in every household."""
    def forgetful(facts: object, day: date) -> dict[str, object]:
        return {}

    monkeypatch.setattr("tests.oracle.compare.assessed", forgetful)
    lines = list(report(compare(1), 1))
    assert "1 households, 8 verdicts, 8 new differences of 8 kinds" in lines[0]
    assert any(line.startswith("\ndibao: product not assessed") for line in lines)


def test_the_command_wants_a_number_of_households(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.argv", ["compare", "--households", "many"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "'many' is no number of households; wanted a whole number from 1, e.g. 20000" in capsys.readouterr().err


def test_every_programme_of_the_oracle_is_assessed_by_the_product():
    facts, day = household_and_day(0)
    assert set(PROGRAMMES) <= set(assessed(facts, day))
