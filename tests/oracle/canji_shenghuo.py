"""Living allowance for people with disabilities in hardship (困难残疾人生活补贴).

Source: 国务院关于全面建立困难残疾人生活补贴和重度残疾人护理补贴制度的意见 (国发〔2015〕52号); the city's adjustment of 2025
(450 and 320 yuan); 上海市 重残无业人员 as remembered: sixteen to retirement, severely disabled, not in work.

Choices:
- It is asked for the household: one member with this city's hukou and a certificate is enough, and both must be of the same
  person.
- dibao and edge: received, or about to be. 重残无业 is who receives that grant, or who fits its words; neither a pupil nor a
  pensioner is without work in the ordinary sense. The retirement age itself ends it.
"""

from __future__ import annotations

from decimal import Decimal

from tests.oracle import dibao, dibao_bianyuan
from tests.oracle.household import Household, Person
from tests.oracle.numbers import LIFE_AMOUNTS, NEW_DISABILITY_AMOUNTS, WORKING_AGE, Law

UNREAD = ("dibao_assets", "bianyuan_assets", "retirement_age", "several_kinds_count")


def verdict(household: Household, law: Law) -> bool:
    disabled = with_certificate(household)
    if not disabled:
        return False
    if dibao.status(household, law) or dibao_bianyuan.status(household, law):
        return True
    return higher(household, law)


def with_certificate(household: Household) -> list[Person]:
    return [person for person in household.together if person.shanghai and person.disability is not None]


def higher(household: Household, law: Law) -> bool:
    """Whether somebody has the higher amount: in a dibao household, or severely disabled without work."""
    if dibao.status(household, law) or "zhongcan_wuye" in household.receives:
        return True
    return any(severe_without_work(person, law) for person in household.together)


def severe_without_work(person: Person, law: Law) -> bool:
    if not (person.shanghai and person.severe(law.several_kinds_count) and person.working in ("none", "unable")):
        return False
    return WORKING_AGE <= person.age < law.open.retirement_age


def amount(household: Household, law: Law) -> Decimal | None:
    """Yuan a month for one person. None: earlier amounts are not read."""
    if law.day < NEW_DISABILITY_AMOUNTS:
        return None
    return Decimal(LIFE_AMOUNTS[0 if higher(household, law) else 1])
