"""Subsistence allowance (最低生活保障).

Source: 上海市社会救助条例 第十条, 第十六条第一款, 第五十五条; 社会救助法 第十八条.

Choices:
- Size and income are taken as told; income that Art. 27 leaves out is not taken off (its amount is nowhere stated).
- "可以纳入" of Art. 21 of the act (severely disabled or seriously ill persons of a household at the edge, alone) leaves a
  choice to the office: a person sees; the verdict is about the household.
- Reasons to stop what is received (Art. 45: three refused offers) are no part of what a household of this kind is (Art. 10).
"""

from __future__ import annotations

from decimal import Decimal

from tests.oracle.household import Household
from tests.oracle.numbers import Law

UNREAD = ("dibao_assets",)


def verdict(household: Household, law: Law) -> bool:
    if not household.of_shanghai:
        return False
    return household.income_below(law.standard) and household.assets_within(law.open.dibao_assets)


def status(household: Household, law: Law) -> bool:
    """Whether other programmes may count on it: received, or about to be."""
    return "dibao" in household.receives or verdict(household, law)


def amount(household: Household, law: Law) -> Decimal:
    """Yuan a month for the household: what its income lacks to the standard."""
    return law.standard * household.size - household.money("monthly_income_yuan")
