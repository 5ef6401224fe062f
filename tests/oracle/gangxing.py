"""Household in hardship from unavoidable spending (刚性支出困难家庭).

Source: 上海市社会救助条例 第十二条, 第十八条第二款; 社会救助法 第二十二条.

Choices:
- Income is that of the last twelve months, as spending is.
- Without any necessary spending nobody is in hardship from it: the first case of Art. 12 speaks of what is left after such
  spending, the act wants its share above a ratio. The two cases of Art. 12 go on as the city's ratio under the act.
- Medical costs without any income are above every ratio.
- Art. 12 shuts out nobody who receives dibao or is at its edge (Art. 17 gives the living allowance to the edge too): a
  household whose costs eat up its income gets more from Art. 18 than from Art. 16.
"""

from __future__ import annotations

from decimal import Decimal

from tests.oracle.household import Household
from tests.oracle.numbers import Law

UNREAD = ("bianyuan_assets", "resident_income", "medical_share")


def verdict(household: Household, law: Law) -> bool:
    if not household.of_shanghai:
        return False
    if not household.money("last_year_income_yuan") < law.resident_income * household.size:
        return False
    if not household.assets_within(law.open.bianyuan_assets):
        return False
    return left_with_too_little(household, law) or mostly_medical(household, law)


def status(household: Household, law: Law) -> bool:
    """Whether other programmes may count on it: received, or about to be."""
    return "gangxing" in household.receives or verdict(household, law)


def left_with_too_little(household: Household, law: Law) -> bool:
    spending = household.money("necessary_spending_yuan_12m")
    if spending == 0:
        return False
    left = household.money("last_year_income_yuan") - spending
    return left < law.standard * household.size * 12


def mostly_medical(household: Household, law: Law) -> bool:
    medical = household.money("medical_spending_yuan_12m")
    if medical == 0:
        return False
    return medical * 100 >= law.open.medical_share * household.money("last_year_income_yuan")


def amount(household: Household, law: Law) -> Decimal | None:
    """Yuan a month for the household (生活救助金). None: the second case alone brings no money for living."""
    if not left_with_too_little(household, law):
        return None
    left = household.money("last_year_income_yuan") - household.money("necessary_spending_yuan_12m")
    return law.standard * household.size - max(left, Decimal(0)) / 12
