"""Partial households: facts are dropped or become ranges, and every way in which they may turn out is a complete household
again.

Only what people may really leave open is dropped. What the product takes for granted is kept here too: a year's income that
nobody told is twelve times the monthly one; necessary spending is at least what medical care cost; nobody who tells facts that
speak against a programme receives it without saying so; who does not say where they live lives in this city; who is at work and
tells of no disability has none. And the hukou of others is told where it decides who counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from tests.oracle.answers import verdicts
from tests.oracle.households import NEED_A_CERTIFICATE, a_person, events, money, share_income, statuses

GROUPS = ("income", "member_incomes", "receives", "events", "urgent_need", "lives_in")
AT_WORK = ("employed", "flexible", "self_employed")
FOUR = ("dibao", "dibao_bianyuan", "tekun", "gangxing")
TAKEN_FOR_GRANTED = {"last_year_income_yuan", "receives", "lives_in", "0.disability"}
PERSONAL = (
    "hukou", "residence_permit", "working", "student_stage", "disability", "serious_illness", "able_supporter",
    "medical_insurance", "has_place_to_go",
)
AMOUNTS = ("financial_assets_yuan", "medical_spending_yuan_12m", "necessary_spending_yuan_12m", "last_year_income_yuan")


@dataclass(frozen=True, slots=True)
class Partial:
    """facts: what is told. gone: the names of what is not, or only as a range."""

    facts: dict[str, Any]
    day: date
    whole: dict[str, Any]
    gone: frozenset[str]

    def completions(self, random: Random, number: int) -> Iterator[dict[str, Any]]:
        """The household it was made from, where it keeps to what is taken for granted, and others that fit what is told as
        well."""
        if not self.gone & TAKEN_FOR_GRANTED:
            yield self.whole
        for _ in range(number):
            yield _completed(self, random)


def partial_of(whole: dict[str, Any], day: date, random: Random) -> Partial:
    facts = deepcopy(whole)
    gone = {name for name in (*GROUPS, *AMOUNTS) if random.random() < 0.2}
    at_home = [index for index, member in enumerate(whole["members"]) if member["lives_together"]]
    gone |= {f"{index}.{name}" for index in at_home for name in ("age", *PERSONAL) if random.random() < 0.1}
    ranged = {f"range.{name}" for name in ("financial_assets_yuan", "income") if name not in gone and random.random() < 0.15}
    gone |= ranged
    if len(whole["members"]) > 1 and random.random() < 0.3:
        gone.add("last_member")
    if NEED_A_CERTIFICATE & set(whole["household"]["receives"]):    # then somebody of this city has one, whoever may ask
        gone = {name for name in gone if name != "last_member" and not name.endswith((".disability", ".hukou"))}
    distant = [member for member in whole["members"] if member["relation"] not in ("self", "spouse", "child")]
    if any(member["hukou"] == "elsewhere" for member in distant):
        gone = {name for name in gone if not name.endswith(".hukou")}
    _drop(facts, gone, random)
    return Partial(facts, day, whole, frozenset(gone))


def _drop(facts: dict[str, Any], gone: set[str], random: Random) -> None:
    household, members = facts["household"], facts["members"]
    for name in gone & {*AMOUNTS, "receives", "urgent_need"}:
        del household[name]
    if "income" in gone:
        del household["monthly_income_yuan"]
    if "range.income" in gone:
        household["monthly_income_yuan"] = _range(household["monthly_income_yuan"], random)
    if "range.financial_assets_yuan" in gone:
        household["financial_assets_yuan"] = _range(household["financial_assets_yuan"], random)
    if gone & {"income", "member_incomes", "range.income"}:
        for member in members:
            del member["income_yuan"]
    if "events" in gone:
        facts["events"] = []
    for index, member in enumerate(members):
        if "lives_in" in gone:
            del member["lives_in"]
        for name in ("age", *PERSONAL):
            if f"{index}.{name}" in gone:
                member.pop("birth_date" if name == "age" and "birth_date" in member else name)
    if "last_member" in gone:
        members.pop()


def _range(value: int, random: Random) -> dict[str, int]:
    around = random.choice((1, 50, 1000, 20_000))
    return {"min": max(0, value - around), "max": value + around}


def _completed(partial: Partial, random: Random) -> dict[str, Any]:
    """One way in which it may turn out, drawn from the values around which the clauses turn."""
    facts, gone, day = deepcopy(partial.whole), partial.gone, partial.day
    household, members = facts["household"], facts["members"]
    drawn = money(random, day, household["size"])
    for name in gone & set(AMOUNTS):
        household[name] = drawn[name]
    if "income" in gone:
        household["monthly_income_yuan"] = drawn["monthly_income_yuan"]
    for name, full in (("income", "monthly_income_yuan"), ("financial_assets_yuan", "financial_assets_yuan")):
        if f"range.{name}" in gone:
            ends = partial.facts["household"][full]
            household[full] = random.choice((ends["min"], ends["max"], random.randint(ends["min"], ends["max"])))
    if "last_year_income_yuan" in gone:
        household["last_year_income_yuan"] = 12 * household["monthly_income_yuan"]
    _agree_spending(household, gone)
    _complete_members(members, gone, day, random)
    if gone & {"income", "member_incomes", "range.income"}:
        for member in members:
            member["income_yuan"] = 0
        share_income(random, [member for member in members if member["lives_together"]], household["monthly_income_yuan"])
    if "lives_in" in gone:
        place = random.choice(("changning", "shanghai"))
        facts["members"] = [{**member, "lives_in": place} for member in members]
    if "urgent_need" in gone:
        household["urgent_need"] = random.random() < 0.5
    if "events" in gone:
        facts["events"] = events(random, day)
    if "receives" in gone:
        household["receives"] = []
        likely = [name for name in FOUR if True in verdicts(name, facts, day)]
        household["receives"] = sorted(statuses(random, members) & set(likely))
    return facts


def _agree_spending(household: dict[str, Any], gone: frozenset[str]) -> None:
    """Medical spending is a part of necessary spending; the one that is told stays as it is."""
    medical, necessary = household["medical_spending_yuan_12m"], household["necessary_spending_yuan_12m"]
    if "necessary_spending_yuan_12m" in gone:
        household["necessary_spending_yuan_12m"] = max(medical, necessary)
    else:
        household["medical_spending_yuan_12m"] = min(medical, necessary)


def _complete_members(members: list[dict[str, Any]], gone: frozenset[str], day: date, random: Random) -> None:
    for index, member in enumerate(members):
        other = a_person(random, day, member["relation"])
        for name in ("age", *PERSONAL):
            if f"{index}.{name}" not in gone:
                continue
            if name == "age":
                member.pop("birth_date", None)
                member.pop("age", None)
                member.update({key: other[key] for key in ("age", "birth_date") if key in other})
            else:
                member[name] = other[name]
        if index == 0 and "0.disability" in gone and "0.working" not in gone and member["working"] in AT_WORK:
            member["disability"] = "none"
    if "last_member" in gone:
        last = members[-1]
        keep = {name: last[name] for name in ("lives_together", "away", "lives_in", "income_yuan")}
        members[-1] = {**a_person(random, day, last["relation"]), **keep}
        if not last["lives_together"]:
            members[-1]["student_stage"] = "none"
