"""Bad situation files: each message quotes what stands there, says what is wanted, and gives an example; nothing is guessed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.situation_files import SituationFileError, read_situation
from knowledge.catalogue import Catalogue

FACTS = Catalogue.bundled().facts


def message(data: object) -> str:
    with pytest.raises(SituationFileError) as caught:
        read_situation(data, FACTS)
    return str(caught.value)


def household(**facts: Any) -> dict[str, Any]:
    return {"household": facts}


def one(**facts: Any) -> dict[str, Any]:
    return {"as_of": date(2026, 11, 21), "members": [facts]}


@pytest.mark.parametrize(("data", "quoted"), [
    (household(montly_income_yuan=3000), ("household.montly_income_yuan", "did you mean 'monthly_income_yuan'")),
    (one(agee=70), ("members[0].agee", "did you mean 'age'")),
    (one(age=214), ("members[0].age: 214", "from 0 to 120")),
    (one(age=-1), ("members[0].age: -1", "from 0 to 120")),
    (household(monthly_income_yuan=-5), ("household.monthly_income_yuan: -5", "from 0")),
    (household(monthly_income_yuan="三千块"), ("'三千块'", "digits, without unit")),
    (household(monthly_income_yuan="3000元"), ("'3000元'", "digits, without unit")),
    (household(monthly_income_yuan=300_000_000), ("300000000", "to 1000000")),
    (household(monthly_income_yuan=12.345), ("12.345",)),
    (household(size=0), ("household.size: 0", "from 1 to 20")),
    (household(size=2.5), ("household.size: 2.5", "a whole number")),
    (household(size=True), ("True", "a whole number")),
    (household(size={"min": 4, "max": 2}), ("min no larger than max",)),
    (household(income_per_head_yuan=900), ("is computed from", "household.size")),
    (household(urgent_need="maybe"), ("'maybe'", "true or false")),
    (one(hukou="北京"), ("'北京'", "one of shanghai, elsewhere")),
    (household(receives=["diboa"]), ("'diboa'", "dibao")),
    ({"members": [{"relation": "self"}, {"relation": "self"}]}, ("members[1].relation", "two people called self")),
    ({"members": [{}, {"relation": "spouse"}, {"relation": "spouse"}]}, ("members[2].relation", "a second 'spouse'")),
    ({"members": [{}, {"relation": "others"}, {"relation": "others"}]}, ("a second 'others'",)),
    ({"household": {"size": 1}, "members": [{}, {"relation": "child"}]}, ("household.size: 1", "2 members")),
    (household(medical_spending_yuan_12m=500, necessary_spending_yuan_12m=100), ("500", "100", "no larger than the whole")),
    (one(birth_date="1950-01-01", age=30), ("members[0].age: 30", "makes 76")),
    (one(birth_date="2030-01-01"), ("2030-01-01", "not after it")),
    (one(disability={"kind": "肢体", "level": "none"}), ("without a level",)),
    ({"refused": ["household.montly"]}, ("'household.montly'", "the name of a fact")),
    ([1, 2], ("[1, 2]", "names with values")),
])
def test_what_cannot_be_is_quoted_with_what_is_wanted(data: object, quoted: tuple[str, ...]):
    said = message(data)
    assert [part for part in quoted if part not in said] == []


def test_a_person_away_in_prison_is_not_counted_against_the_size():
    told = {"household": {"size": 1}, "members": [{}, {"relation": "spouse", "away": "prison"}]}
    assert len(read_situation(told, FACTS).situation.members) == 2


def test_a_birth_date_that_agrees_with_the_age_is_no_contradiction():
    assert read_situation(one(birth_date="1950-01-01", age=76), FACTS).situation.members[0].facts["age"]
