"""Household at the edge of the subsistence allowance (最低生活保障边缘家庭).

Source: 上海市社会救助条例 第十一条, 第十七条; 社会救助法 第二十一条第一款.

Choices:
- "未纳入最低生活保障范围": neither in it by record nor within its scope by income and money.
- The line itself is too much ("低于" of the act), the asset limit itself is still within ("符合").
- Nothing is paid by the month, so there is no amount.
"""

from __future__ import annotations

from tests.oracle import dibao
from tests.oracle.household import Household
from tests.oracle.numbers import Law

UNREAD = ("dibao_assets", "bianyuan_assets")


def verdict(household: Household, law: Law) -> bool:
    if not household.of_shanghai:
        return False
    if dibao.status(household, law):
        return False
    return household.income_below(law.bianyuan_standard) and household.assets_within(law.open.bianyuan_assets)


def status(household: Household, law: Law) -> bool:
    """Whether other programmes may count on it: received, or about to be."""
    return "dibao_bianyuan" in household.receives or verdict(household, law)
