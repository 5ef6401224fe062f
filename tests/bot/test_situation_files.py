"""Situation files: what a household written down by hand means, and what is wrong with one that cannot be used."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.situation import Member, Range, Situation, Told
from bot.situation_files import SituationFileError, read_situation, situation_from_dict, situation_to_dict, write_situation
from knowledge.catalogue import Catalogue

FACTS = Catalogue.bundled().facts

WHOLE = """
as_of: 2026-11-21
household:
  size: 3
  monthly_income_yuan: 4200
  financial_assets_yuan: {min: 30000, max: 60000}
  home_area_m2: 38.5
  home_tenure: public_rent
  receives: [dibao_bianyuan]
  refused_before: [{programme: dibao, date: 2025-03-01}]
members:
  - relation: self
    age: 46
    hukou: shanghai
    hukou_subdistrict: 江苏路街道
    working: none
    disability: {kind: 肢体, level: 2, certificate: true}
  - {relation: spouse, hukou: elsewhere, residence_permit: true, income_yuan: 4200.5}
  - {relation: child, birth_date: 2012-05-01, student_stage: compulsory}
  - {relation: child, lives_together: false}
events:
  - {kind: fire, date: 2026-11-10, cost_yuan: 30000, note: 厨房}
refused: [household.rent_yuan, self_care]
"""


def read(text: str) -> Situation:
    return read_situation(yaml.safe_load(text), FACTS).situation


def test_a_whole_file_is_read_with_money_in_fen():
    file = read_situation(yaml.safe_load(WHOLE), FACTS)
    situation = file.situation
    assert file.as_of == date(2026, 11, 21)
    assert situation.facts["household.monthly_income_yuan"] == Range.exactly(420_000)
    assert situation.facts["household.financial_assets_yuan"] == Range(Decimal(3_000_000), Decimal(6_000_000))
    assert situation.facts["household.home_area_m2"] == Range.exactly(Decimal("38.5"))
    assert situation.receives == {"dibao_bianyuan"}
    assert situation.facts["household.refused_before.dibao"] == date(2025, 3, 1)
    assert [(m.key, m.relation) for m in situation.members] == [
        ("self", "self"), ("spouse", "spouse"), ("child1", "child"), ("child2", "child")]
    assert situation.value("self.disability_level") == "2"
    assert situation.value("self.disability_kind") == "肢体"
    assert situation.value("spouse.income_yuan") == Range.exactly(420_050)
    assert situation.value("child1.birth_date") == date(2012, 5, 1)
    [event] = situation.events
    assert event == {"kind": "fire", "date": date(2026, 11, 10), "cost_yuan": Range.exactly(3_000_000), "note": "厨房"}
    assert situation.refused == {"household.rent_yuan", "self.self_care"}


def test_a_fact_left_out_or_null_is_unknown():
    assert read("household: {size: null}").value("household.size") is None
    assert read("{}") == Situation()


def test_receiving_nothing_is_not_the_same_as_not_knowing():
    assert read("household: {receives: []}").receives == frozenset()
    assert read("household: {size: 1}").receives is None


@pytest.mark.parametrize("written", ["disability: none", "disability: false", "disability: {certificate: false}"])
def test_no_disability_can_be_said(written: str):
    assert read(f"members: [{{relation: self, {written}}}]").value("self.disability_level") == "none"


@pytest.mark.parametrize(("text", "parts"), [
    ("household: {incomes: 3}", ["'household.incomes' is no fact", "monthly_income_yuan"]),
    ("household: {income_per_head_yuan: 900}", ["is computed from household.monthly_income_yuan, household.size"]),
    ("members: [{age: 214}]", ["members[0].age: 214", "from 0 to 120"]),
    ("household: {monthly_income_yuan: -5}", ["household.monthly_income_yuan: -5", "from 0"]),
    ("household: {monthly_income_yuan: 三千块}", ["'三千块'", "an amount in yuan as digits", "monthly_income_yuan: 4200"]),
    ("household: {monthly_income_yuan: '3000'}", ["'3000'", "as digits"]),
    ("household: {monthly_income_yuan: 10.005}", ["10.005", "amount in yuan"]),
    ("household: {monthly_income_yuan: .nan}", ["nan"]),
    ("household: {size: 2.5}", ["2.5", "a whole number"]),
    ("household: {size: {min: 3, max: 2}}", ["'min': 3", "min no larger than max"]),
    ("household: {size: {}}", ["at least one of min and max"]),
    ("household: {size: {from: 3}}", ["'from'", "min, max"]),
    ("household: {home_tenure: rented}", ["'rented'", "one of owned, public_rent"]),
    ("members: [{residence_permit: 有}]", ["'有'", "true or false"]),
    ("members: [{birth_date: 1954}]", ["1954", "a calendar day", "2026-08-31"]),
    ("members: [{relation: self}, {relation: self}]", ["two people called self", "exactly one self"]),
    ("members: [{relation: child}]", ["not self", "as the first member"]),
    ("members: [{relation: self}, {relation: cousin}]", ["'cousin'", "one of self, spouse"]),
    ("members: [{relation: self}, {age: 3}]", ["members[1].relation: None"]),
    ("members: {relation: self}", ["members", "a list"]),
    ("household: {size: 1}\nmembers: [{relation: self}, {relation: spouse}]",
     ["less than the 2 members", "lives_together: false"]),
    ("household: {receives: [lowcare]}", ["'lowcare'", "dibao"]),
    ("household: {receives: dibao}", ["'dibao'", "a list"]),
    ("household: {refused_before: [{programme: x}]}", ["'x'", "programme: dibao"]),
    ("events: [{kind: earthquake}]", ["events[0].kind: 'earthquake'", "fire"]),
    ("refused: [shoe_size]", ["'shoe_size'", "the name of a fact"]),
    ("members: [{disability: {grade: 2}}]", ["'grade'", "kind, level, certificate"]),
    ("members: [{disability: {level: 7}}]", ["7", "none, 1, 2, 3, 4"]),
    ("as_of: soon", ["as_of: 'soon'", "a calendar day"]),
    ("family: {size: 1}", ["'family'", "household, members"]),
    ("[1, 2]", ["the file", "names with values"]),
])
def test_a_file_that_cannot_be_used_is_quoted_with_what_is_wanted(text: str, parts: list[str]):
    with pytest.raises(SituationFileError) as error:
        read(text)
    assert [part for part in parts if part not in str(error.value)] == []
    assert "wanted" in str(error.value) or "e.g." in str(error.value)


def test_a_file_written_again_says_the_same():
    file = read_situation(yaml.safe_load(WHOLE), FACTS)
    written = write_situation(file.situation, file.as_of)
    assert read_situation(json.loads(json.dumps(written)), FACTS) == file
    assert written["household"]["monthly_income_yuan"] == 4200
    assert written["members"][0]["disability"] == {"kind": "肢体", "level": "2", "certificate": True}


ENDS = st.one_of(st.none(), st.integers(-10**9, 10**9).map(Decimal), st.decimals(0, 10**6, places=2))
RANGES = st.tuples(ENDS, ENDS).map(lambda e: Range(*(sorted(e) if None not in e else e)))
VALUES = st.one_of(st.booleans(), st.text(max_size=5), st.dates(), RANGES)
NAMES = st.text("abcdefgh_", min_size=1, max_size=5)
SITUATIONS = st.builds(
    Situation,
    facts=st.dictionaries(NAMES.map("household.{}".format), VALUES, max_size=4),
    members=st.lists(st.builds(Member, NAMES, NAMES, st.dictionaries(NAMES, VALUES, max_size=3)), max_size=3).map(tuple),
    events=st.lists(st.dictionaries(NAMES, VALUES, max_size=3), max_size=2).map(tuple),
    refused=st.frozensets(NAMES, max_size=3),
    receives=st.one_of(st.none(), st.frozensets(NAMES, max_size=3)),
    told=st.dictionaries(NAMES, st.builds(
        Told,
        words=st.text(max_size=5),
        at=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
        confirmed=st.booleans(),
    ), max_size=3),
)


@given(SITUATIONS)
def test_a_kept_situation_comes_back_without_loss(situation: Situation):
    assert situation_from_dict(json.loads(json.dumps(situation_to_dict(situation)))) == situation


def test_where_a_fact_came_from_is_kept():
    told = Told("退休金900块", datetime(2026, 11, 21, 8, 30, tzinfo=UTC), confirmed=True, source="chat")
    situation = Situation().with_fact("self.income_yuan", Range.exactly(90_000), told).with_refused("household.rent_yuan")
    again = situation_from_dict(situation_to_dict(situation))
    assert (again.told["self.income_yuan"], again.refused) == (told, {"household.rent_yuan"})


@pytest.mark.parametrize("broken", [{}, {"facts": 3}, {**situation_to_dict(Situation()), "facts": {"a": 3}},
                                    {**situation_to_dict(Situation()), "members": [{"key": "self"}]}])
def test_a_broken_kept_situation_is_an_error_that_says_what_was_wanted(broken: dict[str, Any]):
    with pytest.raises(SituationFileError, match="wanted what situation_to_dict writes"):
        situation_from_dict(broken)
