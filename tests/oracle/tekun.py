"""Support for people in extreme hardship (特困人员供养).

Source: 上海市社会救助条例 第十三条, 第十九条第二款; 社会救助法 第十六条; 特困人员认定办法 (民发〔2021〕43号) for who counts
as unable to work.

Choices:
- Income is that of the person; money in the bank is that of the household a head, by the dibao limit.
- A minor is under sixteen until the act of 2026, under eighteen since. Who was supported as a minor and is still in
  compulsory, senior or vocational school stays supported: that needs support already received.
- Unable to work are old people, minors, and people with a disability of a kind and level that the measure lists, or who say
  that they cannot work (the regulation asks for inability, the measure only names who surely has it). Saying so without being
  old, young or disabled is not enough: Art. 13 names these three. 多重 is on no list: whether one of its kinds is, the
  certificate says. The list is used for days before 2021 too.
"""

from __future__ import annotations

from tests.oracle.household import MIND, Household, Person
from tests.oracle.numbers import ELDER_AGE, Law

UNREAD = ("dibao_assets", "several_kinds_count")

LISTED = {**dict.fromkeys(MIND, 3), "肢体": 2, "视力": 1}     # kind: the mildest level that still counts
SCHOOL = ("compulsory", "senior", "vocational")


def verdict(household: Household, law: Law) -> bool:
    person = household.person
    if not person.shanghai:
        return False
    if not (person.age >= ELDER_AGE or young(household, law) or disabled_and_unable(person, law)):
        return False
    if not person.income_yuan < law.standard:
        return False
    if not household.assets_within(law.open.dibao_assets):
        return False
    return not person.able_supporter


def status(household: Household, law: Law) -> bool:
    """Whether other programmes may count on it: received, or about to be."""
    return "tekun" in household.receives or verdict(household, law)


def young(household: Household, law: Law) -> bool:
    person = household.person
    if person.age < law.minor_age:
        return True
    return "tekun" in household.receives and person.student_stage in SCHOOL


def disabled_and_unable(person: Person, law: Law) -> bool:
    if person.disability is None:
        return False
    if person.working == "unable":
        return True
    kind, level = person.disability
    if kind == "多重":
        return level <= 3 and law.several_kinds_count
    return level <= LISTED.get(kind, 0)
