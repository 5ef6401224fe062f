"""Complete households made at random from a seed, crowded around every line that a clause draws.

A household is a situation file in which every fact is known, so that brute force can drop facts again. Amounts stand around
the standards (a yuan below, at, above), ages around birthdays that matter, days around the days a number changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.oracle.numbers import (
    ACT_IN_FORCE,
    DIBAO_STANDARD,
    FIRST_DAY,
    MORE_MEDICAL_RECIPIENTS,
    NEW_ASSET_LIMITS,
    RESIDENT_INCOME,
)

LAST_DAY = date(2026, 12, 31)
CHANGES = sorted({
    *(day for day in DIBAO_STANDARD if day > FIRST_DAY), ACT_IN_FORCE, MORE_MEDICAL_RECIPIENTS, NEW_ASSET_LIMITS,
    *(date(year + 2, 1, 1) for year in RESIDENT_INCOME),
})
AGES = (0, 1, 6, 15, 16, 17, 18, 19, 30, 45, 49, 50, 51, 54, 55, 59, 60, 61, 62, 63, 64, 65, 70, 80, 91)
ASSET_LINES = (30_000, 33_000, 50_000, 100_000, 150_000)
EVENTS = ("illness", "accident", "fire", "disaster", "death", "robbery", "job_loss", "violence", "homeless", "spending", "other")
STATUSES = (
    "dibao", "dibao_bianyuan", "tekun", "gangxing", "linshi", "zhongcan_wuye", "guer", "kunjing_ertong", "shishi_wuren",
    "canji_huli", "canji_shenghuo",
)
NEED_A_CERTIFICATE = {"zhongcan_wuye", "canji_huli", "canji_shenghuo"}
RELATIONS = ("spouse", "child", "child", "parent", "grandparent", "grandchild", "sibling", "other")
KINDS = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")


def household_and_day(seed: int) -> tuple[dict[str, Any], date]:
    """The household of that seed and the day it asks; the same on every machine."""
    random = Random(seed)
    day = _day(random)
    size = random.choice((1, 1, 1, 2, 2, 3, 3, 4, 5, 6))
    members = [a_person(random, day, "self")]
    for _ in range(size - 1):
        members.append(a_person(random, day, a_relation(random, members)))
    household = money(random, day, size)
    share_income(random, members, household["monthly_income_yuan"])
    if random.random() < 0.15:      # somebody who lives elsewhere: not of the household
        away = a_person(random, day, random.choice(("child", "parent", "sibling")))
        gone = random.choice(({"lives_together": False}, {"lives_together": False, "away": "prison"}))
        members.append({**away, **gone, "student_stage": "none", "income_yuan": 0})
    for member in members:          # who lives together lives in one place
        member["lives_in"] = members[0]["lives_in"] if member["lives_together"] else member["lives_in"]
    household.update(_house(random, size, members))
    return {"household": household, "members": members, "events": events(random, day)}, day


def _day(random: Random) -> date:
    roll = random.random()
    if roll < 0.35:
        return date(2026, 11, 21)
    if roll < 0.75:
        return random.choice(CHANGES) - timedelta(days=random.choice((0, 1)))
    return FIRST_DAY + timedelta(days=random.randrange((LAST_DAY - FIRST_DAY).days + 1))


def _standard(day: date) -> int:
    return DIBAO_STANDARD[max(since for since in DIBAO_STANDARD if since <= day)]


def _near(random: Random, line: int) -> int:
    """A yuan below a line, on it, above it, or somewhat further."""
    return max(0, line + random.choice((-1, 0, 1, -1, 0, 1, -100, 100, 2)))


def money(random: Random, day: date, size: int) -> dict[str, Any]:
    standard = _standard(day)
    monthly = random.choice((
        0, _near(random, standard * size), _near(random, standard * size), _near(random, 2 * standard * size),
        _near(random, 2 * standard * size), random.randrange(0, 6 * standard * size), random.randrange(0, 2 * standard * size),
    ))
    before = _standard(max(day - timedelta(days=1), FIRST_DAY))
    if random.random() < 0.1:
        monthly = _near(random, before * size)
    average = RESIDENT_INCOME.get(day.year - 1, random.choice((88_366, 93_000)))
    yearly = random.choice((12 * monthly, 12 * monthly, _near(random, average * size), random.randrange(0, 2 * average * size)))
    medical, necessary = _spending(random, yearly, standard * size * 12)
    assets = random.choice((
        0, _near(random, random.choice(ASSET_LINES) * size), _near(random, random.choice(ASSET_LINES) * size),
        random.randrange(0, 30_000 * size), random.randrange(0, 200_000 * size),
    ))
    return {
        "size": size, "monthly_income_yuan": monthly, "last_year_income_yuan": yearly, "financial_assets_yuan": assets,
        "medical_spending_yuan_12m": medical, "necessary_spending_yuan_12m": necessary,
    }


def _spending(random: Random, yearly: int, floor: int) -> tuple[int, int]:
    """Medical spending and, with it, all necessary spending of a year; floor: the standard of the household for a year."""
    necessary = random.choice((
        0, 1, _near(random, max(0, yearly - floor)), _near(random, max(0, yearly - floor)), _near(random, yearly),
        random.randrange(0, 200_000),
    ))
    shares = [_near(random, yearly * share // 100) for share in (20, 80)]
    medical = random.choice((0, 1, necessary, necessary // 2, *shares))
    return medical, max(medical, necessary)


def _house(random: Random, size: int, members: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "homes_owned": random.choice((0, 1, 1, 1, 1, 1, 1, 2)),
        "home_area_m2": random.choice((8, 7 * size, 38, 60)),
        "living_area_per_head_m2": random.choice((6, 7, 8, 15)),
        "home_tenure": random.choice(("owned", "public_rent", "private_rent", "relatives", "none")),
        "rent_yuan": random.choice((0, 0, 800, 4000)),
        "vehicles": random.choice((0, 0, 0, 0, 0, 0, 0, 1)),
        "urgent_need": random.random() < 0.15,
        "nobody_works": random.random() < 0.4,
        "cannot_pay_emergency": random.random() < 0.1,
        "receives": sorted(statuses(random, members)),
    }


def a_relation(random: Random, members: Sequence[dict[str, Any]]) -> str:
    """Who else may live there: one spouse at most."""
    relation = random.choice(RELATIONS)
    taken = relation == "spouse" and any(member["relation"] == "spouse" for member in members)
    return "sibling" if taken else relation


def statuses(random: Random, members: Sequence[dict[str, Any]]) -> set[str]:
    """What the household receives; what needs a certificate only where somebody has one."""
    receives: set[str] = set() if random.random() < 0.55 else set(random.choices(STATUSES, k=random.choice((1, 1, 1, 2))))
    papers = [member["disability"] for member in members if member["hukou"] == "shanghai" and member["lives_together"]]
    if not any(paper != "none" and paper["certificate"] for paper in papers):
        receives -= NEED_A_CERTIFICATE
    return receives


def a_person(random: Random, day: date, relation: str) -> dict[str, Any]:
    age = random.choice(AGES)
    person: dict[str, Any] = {
        "relation": relation,
        "sex": random.choice(("male", "female")),
        **_age(random, day, age),
        "hukou": "shanghai" if random.random() < 0.8 else "elsewhere",
        "residence_permit": random.random() < 0.3,
        "lives_in": random.choice(("changning",) * 8 + ("shanghai", "elsewhere")),
        "lives_together": True,
        "away": "none",
        "income_yuan": 0,
        "working": _working(random, age),
        "insured_months": random.choice((0, 11, 12, 60)),
        "job_loss": random.choice(("involuntary", "voluntary")),
        "registered_unemployed": random.random() < 0.5,
        "refused_jobs": random.choice((0, 0, 0, 0, 2, 3, 4)),
        "student_stage": _school(random, age),
        "disability": _disability(random),
        "serious_illness": random.random() < 0.2,
        "self_care": random.choice(("full", "full", "partial", "none")),
        "guardians": random.choice(("both", "one", "none")),
        "able_supporter": random.random() < 0.5,
        "medical_insurance": random.choice(("employee", "resident", "resident", "none")),
        "has_place_to_go": random.random() < 0.7,
        "care_level": random.choice(("not_assessed", "0", "2", "5")),
        "unemployed_months": random.choice((0, 5, 6, 12)),
        "company_officer": random.random() < 0.05,
        "jobless_group": "none",
        "insured_in_shanghai": random.random() < 0.8,
        "rehab_paper": random.random() < 0.2,
        "legal_matter": "none",
    }
    return person


def _age(random: Random, day: date, age: int) -> dict[str, Any]:
    """Mostly the age, sometimes the birth date: the birthday is that day, the day after or another day of the year."""
    if random.random() < 0.7 or (day.month, day.day) == (2, 29):
        return {"age": age}
    birthday = day.replace(year=day.year - age)
    return {"birth_date": (birthday + timedelta(days=random.choice((0, 0, 1, -1, -180)))).isoformat()} if age else {"age": 0}


def _working(random: Random, age: int) -> str:
    if age < 16:
        return "student" if age >= 6 else "child"
    if age >= 60:
        return random.choice(("retired", "retired", "none", "unable", "employed"))
    return random.choice(("none", "none", "employed", "flexible", "self_employed", "unable", "student", "retired"))


def _school(random: Random, age: int) -> str:
    if age < 6:
        return random.choice(("none", "preschool"))
    if age < 16:
        return "compulsory"
    return random.choice(("none", "compulsory", "senior", "vocational", "university")) if age < 25 else "none"


def _disability(random: Random) -> Any:
    if random.random() < 0.45:
        return "none"
    certificate = random.random() < 0.9
    return {"kind": random.choice(KINDS), "level": random.choice((1, 2, 3, 4)), "certificate": certificate}


def share_income(random: Random, members: Sequence[dict[str, Any]], total: int) -> None:
    """The household's income falls to its members: all to one, or some to the first and the rest to another."""
    first = random.choice((0, total, min(total, random.choice((1, 1159, 1649, 1689, 1690, 1691)))))
    members[0]["income_yuan"] = total if len(members) == 1 else first
    if len(members) > 1:
        members[1]["income_yuan"] = total - first


def events(random: Random, day: date) -> list[dict[str, Any]]:
    if random.random() < 0.5:
        return [{"kind": "none"}]
    kinds = random.choices(EVENTS, k=random.choice((1, 1, 1, 2)))
    return [_event(random, kind, day - timedelta(days=random.randrange(60))) for kind in kinds]


def _event(random: Random, kind: str, day: date) -> dict[str, Any]:
    return {"kind": kind, "date": day.isoformat(), "cost_yuan": random.choice((0, 500, 30_000))}
