"""Shrinking: facts of a household are set back to plain ones as long as what is wrong with it stays wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

PLAIN_HOUSEHOLD: dict[str, Any] = {
    "monthly_income_yuan": 0, "last_year_income_yuan": 0, "financial_assets_yuan": 0, "medical_spending_yuan_12m": 0,
    "necessary_spending_yuan_12m": 0, "homes_owned": 1, "vehicles": 0, "urgent_need": False, "receives": [], "rent_yuan": 0,
}
PLAIN_PERSON: dict[str, Any] = {
    "age": 40, "hukou": "shanghai", "residence_permit": False, "lives_in": "changning", "income_yuan": 0, "working": "employed",
    "refused_jobs": 0, "student_stage": "none", "disability": "none", "serious_illness": False, "able_supporter": True,
    "medical_insurance": "none", "has_place_to_go": True, "lives_together": True,
}
Wrong = Callable[[dict[str, Any]], bool]


def smallest(facts: dict[str, Any], wrong: Wrong) -> dict[str, Any]:
    """The facts as far as they can be made plain one by one; then only what is not plain is shown."""
    smaller = deepcopy(facts)
    changed = True
    while changed:
        changed = False
        for step in _steps(smaller):
            if step != smaller and incomes_agree(step) and wrong(step):
                smaller, changed = step, True
                break
    return told(smaller)


def incomes_agree(facts: dict[str, Any]) -> bool:
    """What the members have is what the household has."""
    return bool(sum(member["income_yuan"] for member in facts["members"]) == facts["household"]["monthly_income_yuan"])


def _steps(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for index in range(len(facts["members"]) - 1, 0, -1):
        less = deepcopy(facts)
        gone = less["members"].pop(index)
        less["members"][0]["income_yuan"] += gone["income_yuan"]
        if gone.get("lives_together", True):
            less["household"]["size"] -= 1
        yield less
    if facts["events"] != [{"kind": "none"}]:
        yield {**facts, "events": [{"kind": "none"}]}
        yield {**facts, "events": [{"kind": event["kind"]} for event in facts["events"]]}
    yield {
        **facts, "household": {**facts["household"], "monthly_income_yuan": 0, "last_year_income_yuan": 0},
        "members": [{**member, "income_yuan": 0} for member in facts["members"]],
    }
    for name, plain in PLAIN_HOUSEHOLD.items():
        yield {**facts, "household": {**facts["household"], name: plain}}
    for index, member in enumerate(facts["members"]):
        for name, plain in PLAIN_PERSON.items():
            person = {**member, name: plain}
            if name == "age":
                person.pop("birth_date", None)
            yield {**facts, "members": [*facts["members"][:index], person, *facts["members"][index + 1:]]}


def told(facts: dict[str, Any]) -> dict[str, Any]:
    """Only what differs from plain, with the size."""
    household = {
        name: value for name, value in facts["household"].items() if name == "size" or PLAIN_HOUSEHOLD.get(name, value) != value
    }
    members = [
        {name: value for name, value in member.items() if name == "relation" or PLAIN_PERSON.get(name, value) != value}
        for member in facts["members"]
    ]
    return {"household": household, "members": members, "events": facts["events"]}
