"""Medical assistance (医疗救助).

Source: 上海市社会救助条例 第十九条第一款第三项、第四项, 第二十一条; 社会救助法 第二十四条; 上海市医疗保障条例 第十四条,
第十九条, 第二十条.

Choices:
- A status comes first: one that the household receives or looks entitled to. The four of Art. 24 at all times; children in
  hardship and severely disabled people without work, of the one it is about, since the regulation of 2025.
- Something to help with: own medical spending above nothing, a seriously ill member (Art. 24 names them; costs follow), or a
  contribution that is paid for. Whether costs are within the catalogue, and in-patient for households of unavoidable
  spending, the bills say; a person sees.
- Contributions to the residents' insurance: whoever has such a status, since the regulation of 2025 (Art. 14, 20; it does not say
  how much). Before: 特困, and dibao and edge from sixty on.
"""

from __future__ import annotations

from tests.oracle import dibao, dibao_bianyuan, gangxing, tekun
from tests.oracle.canji_shenghuo import severe_without_work
from tests.oracle.household import Household
from tests.oracle.numbers import ELDER_AGE, MORE_MEDICAL_RECIPIENTS, Law

UNREAD = ("dibao_assets", "bianyuan_assets", "resident_income", "medical_share", "retirement_age", "several_kinds_count")

PERSONS = frozenset({"guer", "kunjing_ertong", "shishi_wuren", "zhongcan_wuye"})


def verdict(household: Household, law: Law) -> bool:
    if not has_status(household, law):
        return False
    if household.money("medical_spending_yuan_12m") > 0 or any(person.serious_illness for person in household.together):
        return True
    return contribution_is_paid(household, law)


def has_status(household: Household, law: Law) -> bool:
    if any(programme.status(household, law) for programme in (dibao, dibao_bianyuan, tekun, gangxing)):
        return True
    if law.day < MORE_MEDICAL_RECIPIENTS:
        return False
    return bool(household.receives & PERSONS) or child_in_hardship(household) or severe_without_work(household.person, law)


def child_in_hardship(household: Household) -> bool:
    """困境儿童: parents who cannot raise the child, or harm done to it. Source: 上海市未成年人保护条例 第七十五条."""
    person = household.person
    if not (person.shanghai and person.age < 18):
        return False
    return person.guardians == "none" or "violence" in household.events


def contribution_is_paid(household: Household, law: Law) -> bool:
    """Asked of somebody with a status."""
    insured = [person for person in household.together if person.medical_insurance == "resident"]
    if law.day >= MORE_MEDICAL_RECIPIENTS:
        return bool(insured)
    if tekun.status(household, law) and household.person in insured:
        return True
    poor = dibao.status(household, law) or dibao_bianyuan.status(household, law)
    return poor and any(person.age >= ELDER_AGE for person in insured)
