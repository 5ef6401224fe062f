"""Merging two accounts of one household: what both know adds up, what they contradict each other in stays visible."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.situation import Situation, Told
from bot.situation_merging import merged
from tests.bot.small_rules import between, number, situation, yuan

INCOME = "household.monthly_income_yuan"


def test_what_either_knows_is_known():
    both = merged(situation(household__size=number(2)), situation(self__hukou="shanghai", spouse__age=number(60))).situation
    assert [both.value(name) for name in ("household.size", "self.hukou", "spouse.age")] == [number(2), "shanghai", number(60)]


@pytest.mark.parametrize(("one", "other", "expected"), [
    (between(1000, 2000), between(1500, 3000), between(1500, 2000)),
    (between(1000, 2000), yuan(1800), yuan(1800)),
    (between(1000, None), between(None, 1200), between(1000, 1200)),
    (yuan(1800), yuan(1800), yuan(1800)),
])
def test_two_numbers_that_agree_become_the_narrower(one, other, expected):
    for before, after in ((one, other), (other, one)):
        found = merged(Situation().with_fact(INCOME, before), Situation().with_fact(INCOME, after))
        assert (found.situation.value(INCOME), found.contradictions) == (expected, ())


def test_a_contradiction_keeps_the_earlier_and_shows_both_with_their_words():
    at = datetime(2026, 11, 21, 8, tzinfo=UTC)
    before = Situation().with_fact(INCOME, yuan(1800), Told("一千八", at))
    after = Situation().with_fact(INCOME, yuan(2600), Told("两千六", at, confirmed=True, source="form"))
    found = merged(before, after)
    [one] = found.contradictions
    assert found.situation.value(INCOME) == yuan(1800)
    assert (one.name, one.kept, one.other) == (INCOME, yuan(1800), yuan(2600))
    assert one.kept_told is not None
    assert one.other_told is not None
    assert (one.kept_told.words, one.other_told.words) == ("一千八", "两千六")
    assert found.situation.told[INCOME].words == "一千八"


def test_the_members_own_facts_contradict_under_their_own_name():
    before = situation(self__hukou="shanghai", spouse__age=number(60))
    found = merged(before, situation(self__hukou="elsewhere", spouse__age=number(61)))
    assert {one.name for one in found.contradictions} == {"self.hukou", "spouse.age"}


def test_a_confirmation_of_the_same_is_kept():
    before = Situation().with_fact(INCOME, yuan(1800), Told("一千八"))
    after = Situation().with_fact(INCOME, yuan(1800), Told("1800", confirmed=True))
    assert merged(before, after).situation.told[INCOME].confirmed


def test_what_one_refused_and_the_other_told_is_known_and_what_nobody_told_stays_refused():
    both = merged(Situation().with_refused(INCOME).with_refused("self.age"), Situation().with_fact(INCOME, yuan(900))).situation
    assert both.refused == {"self.age"}


def test_programmes_received_add_up_and_events_are_told_once():
    before = replace(Situation(), receives=frozenset({"dibao"}), events=({"kind": "fire"},))
    after = replace(Situation(), receives=frozenset({"yiliao"}), events=({"kind": "fire"}, {"kind": "illness"}))
    both = merged(before, after).situation
    assert both.receives == {"dibao", "yiliao"}
    assert [event["kind"] for event in both.events] == ["fire", "illness"]


def test_neither_account_is_changed():
    before = situation(self__hukou="shanghai")
    merged(before, situation(self__age=number(50)))
    assert before == situation(self__hukou="shanghai")
